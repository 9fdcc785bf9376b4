"""Verifies this store's audit: its entries, its end, and every head that this machine or somebody else kept."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path

from soc.audit.verify import Verdict, Verifier
from soc.errors import ConfigurationError
from soc.store import vault
from soc.store.db import snapshot_session
from soc.store.nouns.installation.audit import raw_entries, read_end
from soc.store.trail.heads import lines_of, other_chains, read_heads


def verify_audit(*, heads: Sequence[Path] = (), keys: Sequence[bytes] = ()) -> Verdict:
    """Read all of it. `heads`: files of heads that left; `keys`: public keys beside the store's own. Changes nothing.

    Raises NoKey, StoreError, and OSError for a file that cannot be read.
    """
    verifier = Verifier([vault.public_key(), *keys])
    for path in heads:
        for where, line in lines_of(path):
            verifier.head(where, line)
    # heads first: each was written after its entry was committed
    with snapshot_session() as session:
        end = read_end(session)
    chain = "" if end is None else end.chain
    for where, line in read_heads(chain):
        verifier.head(where, line)
    with snapshot_session() as session:
        for raw in raw_entries(session):
            verifier.entry(raw)
        end = read_end(session)
        verifier.end(*(("", -1, "") if end is None else (end.chain, end.seq, end.hash)))
    for name in other_chains(chain):
        verifier.find(
            0,
            f"this machine keeps heads of another chain in audit/{name}: the database is not the one of then. "
            "If it was replaced on purpose, move that file away",
        )
    return verifier.verdict


def read_public_key(text: str) -> bytes:
    """A public key as `soc audit key` writes it: 32 bytes as base64. Raises ConfigurationError."""
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise ConfigurationError("That is no public key.", hint="`soc audit key` writes one.")
    return raw


def public_key_text() -> str:
    """The store's public key, as base64. Raises NoKey."""
    return base64.b64encode(vault.public_key()).decode()
