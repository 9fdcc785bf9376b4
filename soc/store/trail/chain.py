"""Adds entries to the audit's chain, in the transaction of what they tell of, as its very last step.

What is noted in a session gets its place when the session commits: only then the chain's one row is locked, and nothing is
locked after it. So the lock is held for as long as a commit takes, two transactions never wait for each other in a circle,
and a transaction that fails leaves no gap. An entry noted in a savepoint that is rolled back goes with it.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col, select

from soc import clock
from soc.domain.actor import Actor
from soc.domain.audit import (
    INSTALLATION_KEY,
    NOTHING,
    TAKE_KEY,
    Entry,
    Head,
    Subject,
    SubjectKind,
    head_bytes,
    link,
    make_entry,
    write_opened,
)
from soc.errors import StoreError
from soc.store import vault
from soc.store.db import insert_ignoring
from soc.store.nouns.installation.audit import AuditChainRow, AuditRow
from soc.store.trail.committed import within
from soc.store.trail.heads import keep_head

_NOTED = "soc audit"


@dataclass
class _Noted:
    entries: list[tuple[Entry, SessionTransaction | None]] = field(default_factory=list)
    #: Of the newest entry that this transaction adds.
    head: Head | None = None


def begin_chain(session: Session) -> None:
    """Give a store its chain, once. One that has entries and has lost the end of its chain gets no other."""
    if session.get(AuditChainRow, 1) is None and session.exec(select(AuditRow.seq).limit(1)).first() is None:
        new = {"id": 1, "chain": secrets.token_hex(8), "seq": 0, "hash": NOTHING}
        insert_ignoring(session, AuditChainRow, [new])


def note_entry(session: Session, entry: Entry) -> None:
    """It is in the chain when this session's transaction is committed."""
    noted: _Noted | None = session.info.get(_NOTED)
    if noted is None:
        noted = session.info[_NOTED] = _Noted()
    noted.entries.append((entry, session.get_nested_transaction()))


def note_new_key(session: Session, *, actor: Actor, lost: Sequence[str]) -> None:
    """From this entry on the chain is signed with another key; `lost`: kinds whose credentials went with the old one."""
    newest = session.exec(select(AuditRow.body).order_by(col(AuditRow.seq).desc()).limit(1)).first()
    note_entry(
        session,
        make_entry(
            at=clock.now(),
            actor=actor,
            whereabouts="",
            action=TAKE_KEY,
            subject=Subject(SubjectKind.INSTALLATION, INSTALLATION_KEY),
            before={"key": json.loads(newest)["key"] if newest else ""},
            after={"key": public_key_id(vault.public_key()), "lost": list(lost)},
            group="",
            note="",
        ),
    )


def _forget(session: Session, ended: SessionTransaction) -> None:
    """The transaction, or the savepoint, is rolled back: so is what was noted within it."""
    noted: _Noted | None = session.info.get(_NOTED)
    if noted is None:
        return
    noted.entries = [one for one in noted.entries if ended.nested and not within(one[1], ended)]


def _add_to_chain(session: Session) -> None:
    noted: _Noted | None = session.info.get(_NOTED)
    if noted is None or session.in_nested_transaction() or not noted.entries:
        return
    session.flush()  # what locks rows does so before the chain is locked
    entries, noted.entries = [entry for entry, _ in noted.entries], []
    connection = session.connection()
    end = connection.execute(sa.select(AuditChainRow).with_for_update()).mappings().one_or_none()
    if end is None:
        raise StoreError(
            "The audit has lost the end of its chain, so nothing can be changed.",
            hint="`soc audit verify` says what is left of it. Restore the database from a backup.",
        )
    rows: list[dict[str, Any]] = []
    key, seq, prev = public_key_id(vault.public_key()), end["seq"], end["hash"]
    for entry in entries:
        seq, prev = seq + 1, _add(rows, entry, chain=end["chain"], seq=seq + 1, prev=prev, key=key)
    connection.execute(sa.insert(AuditRow), rows)
    newest = rows[-1]
    noted.head = Head(end["chain"], seq, prev, newest["at"], key, newest["signature"])
    connection.execute(
        sa.update(AuditChainRow).where(col(AuditChainRow.id) == end["id"]).values(seq=seq, hash=prev)
    )


def _keep_head(session: Session) -> None:
    noted: _Noted | None = session.info.get(_NOTED)
    if noted is not None and noted.head is not None and not session.in_nested_transaction():
        keep_head(noted.head)
        noted.head = None


def _add(rows: list[dict[str, Any]], entry: Entry, *, chain: str, seq: int, prev: str, key: str) -> str:
    made = link(entry, chain=chain, seq=seq, prev=prev, key=key)
    rows.append(
        {
            "seq": seq,
            "at": entry.at,
            "action": entry.action,
            "subject_kind": entry.subject.kind.value,
            "subject_id": entry.subject.id,
            "group_id": entry.group,
            "made_by": entry.made_by,
            "body": made.body,
            "opened": write_opened(entry.opened),
            "hash": made.hash,
            "signature": base64.b64encode(vault.sign(head_bytes(chain, seq, made.hash))).decode(),
        }
    )
    return made.hash


@lru_cache(maxsize=8)
def public_key_id(public: bytes) -> str:
    """The first 16 hex digits of the key's SHA-256."""
    return sha256(public).hexdigest()[:16]


# once for all sessions: to listen to each one anew costs more than all that an entry takes
sa.event.listen(Session, "before_commit", _add_to_chain)
sa.event.listen(Session, "after_soft_rollback", _forget)
sa.event.listen(Session, "after_commit", _keep_head)
