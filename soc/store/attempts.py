"""Attempts as stored: one begun before each send or look-up, closed with what came of it. Only the ledger writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import key_of, moment
from soc.store.db import upsert
from soc.store.deliveries import DeliveryRow


class AttemptRow(SQLModel, table=True):
    """One try: the intent is this row, committed before the first byte leaves."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("delivery_id", "number", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(foreign_key=key_of(DeliveryRow), index=True)
    number: int
    kind: str
    executor: str = ""
    started_at: datetime = Field(sa_column=moment(nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=moment())
    outcome: str = ""
    reason: str = ""
    http_status: int | None = None
    error: str = ""
    hint: str = ""


def list_attempts(session: Session, delivery_id: str) -> Sequence[AttemptRow]:
    """Oldest first."""
    return session.exec(
        select(AttemptRow).where(AttemptRow.delivery_id == delivery_id).order_by(col(AttemptRow.id))
    ).all()


# Written by the ledger alone. Built once a process: every delivery of every process comes through here twice.

#: What names an attempt, and what is written again where it is begun again.
ATTEMPT_KEY = ("delivery_id", "number", "kind")
ATTEMPT_BEGIN = ("started_at", "finished_at", "executor", "outcome")


@dataclass(frozen=True)
class Ending:
    """What came of an attempt, in words for the attempt's row."""

    outcome: str
    reason: str = ""
    status: int | None = None
    error: str = ""
    hint: str = ""


def open_attempt(session: Session, row: DeliveryRow, kind: str, *, executor: str, now: datetime) -> None:
    """A reconcile or send that is done a second time under the same number begins its row anew."""
    attempt = AttemptRow(
        delivery_id=row.id, number=row.try_number, kind=kind, executor=executor, started_at=now
    )
    connection = session.connection()
    statement = upsert(connection.dialect.name, AttemptRow, ATTEMPT_KEY, ATTEMPT_BEGIN)
    connection.execute(statement, attempt.model_dump(exclude={"id"}))


_CLOSE_ATTEMPT = sa.update(AttemptRow).where(
    col(AttemptRow.delivery_id) == sa.bindparam("its_delivery"),
    col(AttemptRow.number) == sa.bindparam("its_number"),
    col(AttemptRow.kind) == sa.bindparam("its_kind"),
    col(AttemptRow.finished_at).is_(None),
)


def close_attempt(session: Session, row: DeliveryRow, kind: str, ending: Ending, *, now: datetime) -> None:
    which = {"its_delivery": row.id, "its_number": row.try_number, "its_kind": kind}
    what = {
        "finished_at": now,
        "outcome": ending.outcome,
        "reason": ending.reason,
        "http_status": ending.status,
        "error": ending.error,
        "hint": ending.hint,
    }
    session.connection().execute(_CLOSE_ATTEMPT, {**which, **what})
