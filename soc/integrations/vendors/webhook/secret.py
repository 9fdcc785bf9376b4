"""Signing secrets of Standard Webhooks: `whsec_` and the key in base64, as receivers show them and people paste them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from soc.integrations.kit.fields import pasted

PREFIX = "whsec_"
#: Bytes of a key. The standard asks for 24 at least; some receivers give out 16.
SHORTEST, LONGEST = 16, 64


def joined(pieces: Sequence[Any]) -> list[Any]:
    """The secrets of a text that was split at commas and blanks: `v1,` before one, or a blank in it, separates nothing."""
    found: list[Any] = []
    for piece in pieces:
        text = piece.get_secret_value() if isinstance(piece, SecretStr) else piece
        if isinstance(text, str) and text.strip().lower() in ("v1", "v1a"):
            continue
        if found and found[-1] == PREFIX and isinstance(text, str):
            found[-1] = PREFIX + text
        else:
            found.append(text)
    return found


def clean_signing_secret(text: str) -> str:
    """The secret with its key in plain base64, "" for nothing. Raises ValueError, which does not repeat it.

    Some senders show it as `v1,whsec_…`; some write base64 for URLs, or without its padding. The key is the same.
    """
    whole = re.sub(r"\s+", "", pasted(text)).removeprefix("v1,")
    if not whole:
        return ""
    if whole.lower().startswith(("whsk_", "whpk_")):
        raise ValueError(
            "hold half of a key pair (whsk_, whpk_); events are signed with a shared secret: whsec_…"
        )
    if whole[: len(PREFIX)].lower() == PREFIX:
        whole = PREFIX + whole[len(PREFIX) :]
    if not whole.startswith(PREFIX):
        raise ValueError(
            f"begin with {PREFIX}; if your receiver shows only the base64 of the key, write {PREFIX} before it"
        )
    letters = whole.removeprefix(PREFIX).rstrip("=").replace("-", "+").replace("_", "/")
    key = key_of_secret(PREFIX + letters + "=" * (-len(letters) % 4))
    return PREFIX + base64.b64encode(key).decode()


def key_of_secret(text: str) -> bytes:
    """The key behind a `whsec_` secret. Raises ValueError, which does not repeat it."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"begin with {PREFIX}, and only base64 follows; copy it again") from None
    if not SHORTEST <= len(key) <= LONGEST:
        short = "too short" if len(key) < SHORTEST else "too long"
        raise ValueError(
            f"are {short}: {len(key)} bytes follow {PREFIX}, where 24 to {LONGEST} bytes in base64 belong"
        )
    return key
