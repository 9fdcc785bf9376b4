"""The rows of attempts: one begun before each send or look-up, closed with what came of it. The ledger's own hands.

Their statements are built once a process: every delivery of every process comes through here twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.store.attempts import AttemptRow
from soc.store.db import upsert
from soc.store.deliveries import DeliveryRow

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
