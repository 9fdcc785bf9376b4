"""The audit as stored: one row an entry, one gapless chain. `soc.store.chain` alone adds to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.audit import Subject, read_side, read_value


class AuditRow(SQLModel, table=True):
    """An entry in its place. `body` is what is hashed, to the byte; `opened` holds the values that it commits to.

    The other columns say again what stands in those two, so that entries can be found; `soc audit verify` compares.
    """

    __tablename__ = "audit"
    __table_args__ = (
        sa.Index("ix_audit_subject", "subject_kind", "subject_id", "seq"),
        sa.Index("ix_audit_made_by", "made_by", "seq"),
        sa.Index("ix_audit_at", "at"),
        sa.Index("ix_audit_group", "group_id"),
    )

    #: 1, 2, 3 … without a gap.
    seq: int = Field(sa_column=sa.Column(sa.BigInteger(), primary_key=True, autoincrement=False))
    #: When it was done: UTC to the microsecond as text (`soc.domain.audit.instant`).
    at: str
    action: str
    subject_kind: str
    subject_id: str
    #: What was done at once has one group; "" for one alone.
    group_id: str = ""
    #: Who did it, as `str(Actor)`; "[redacted]" where that was taken away.
    made_by: str
    body: str = Field(sa_column=sa.Column(sa.Text(), nullable=False))
    opened: str = Field(sa_column=sa.Column(sa.Text(), nullable=False))
    #: SHA-256 of `body`, in hex.
    hash: str
    #: Ed25519 over `soc.domain.audit.head_bytes`, as base64.
    signature: str

    @property
    def values(self) -> dict[str, Any]:
        """By path: (salt, JSON of the value). What is missing was redacted."""
        found: dict[str, Any] = json.loads(self.opened)
        return found

    @property
    def commitments(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.body)["values"]
        return found

    @property
    def before(self) -> dict[str, Any]:
        return read_side(self.values, self.commitments, "before")

    @property
    def after(self) -> dict[str, Any]:
        return read_side(self.values, self.commitments, "after")

    @property
    def note(self) -> str:
        return read_value(self.values, "/note") or ""

    @property
    def whereabouts(self) -> str:
        """From where it was done; "" where nobody said."""
        return read_value(self.values, "/where") or ""


class AuditChainRow(SQLModel, table=True):
    """The end of the chain; who holds its lock may add to it. There is one row."""

    __tablename__ = "audit_chain"

    id: int = Field(default=1, primary_key=True)
    #: A random name that every entry repeats: no entry of another store fits in.
    chain: str
    seq: int = Field(sa_column=sa.Column(sa.BigInteger(), nullable=False))
    hash: str


def list_of_subject(session: Session, subject: Subject, *, limit: int = 200) -> Sequence[AuditRow]:
    """What was done to it, newest first."""
    query = (
        select(AuditRow)
        .where(AuditRow.subject_kind == subject.kind.value, AuditRow.subject_id == subject.id)
        .order_by(col(AuditRow.seq).desc())
        .limit(limit)
    )
    return session.exec(query).all()


def list_entries(session: Session, *, after: int = 0, limit: int = 500) -> Sequence[AuditRow]:
    """In the chain's order, those after this one."""
    return session.exec(
        select(AuditRow).where(col(AuditRow.seq) > after).order_by(col(AuditRow.seq)).limit(limit)
    ).all()
