"""Attempts as stored: one begun before each send or look-up, closed with what came of it. Only the ledger writes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import Microseconds, key_of, moment
from soc.store.db import upsert
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.tracing.context import child_of, span_id_of, trace_id_of


class AttemptRow(SQLModel, table=True):
    """One try: the intent is this row, committed before the first byte leaves."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("delivery_id", "number", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(foreign_key=key_of(DeliveryRow), index=True)
    number: int
    kind: str
    executor: str = ""
    #: Which run of that executor (`soc.store.nouns.installation.executors`); 0: a process without an engine.
    run: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    started_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    finished_at: datetime | None = Field(default=None, sa_column=moment())
    outcome: str = ""
    reason: str = ""
    http_status: int | None = None
    error: str = ""
    hint: str = ""
    #: Its span in the delivery's trace; "" where that has none.
    traceparent: str = Field(default="", sa_column_kwargs={"server_default": ""})

    @property
    def trace_id(self) -> str:
        return trace_id_of(self.traceparent)

    @property
    def span_id(self) -> str:
        return span_id_of(self.traceparent)


def list_attempts(session: Session, delivery_id: str) -> Sequence[AttemptRow]:
    """Oldest first."""
    return session.exec(
        select(AttemptRow).where(AttemptRow.delivery_id == delivery_id).order_by(col(AttemptRow.id))
    ).all()


def refused_in_a_row(
    session: Session, integration: str, status: int, *, since: datetime | None, most: int
) -> list[str]:
    """The deliveries (at most so many, newest first) whose sends were refused with this status, with no other end between.

    Only what was begun since then counts.
    """
    row, ids = AttemptRow, list[str]()
    query = (
        select(row.delivery_id, row.http_status)
        .join(DeliveryRow, col(DeliveryRow.id) == col(row.delivery_id))
        .where(col(DeliveryRow.integration) == integration, col(row.kind) == "send")
        .where(col(row.finished_at).is_not(None))
        .order_by(col(row.id).desc())
        .limit(most * 10)
    )
    if since is not None:
        query = query.where(col(row.started_at) >= since)
    for delivery_id, answered in session.exec(query):
        if answered != status or len(ids) == most:
            break
        if delivery_id not in ids:
            ids.append(delivery_id)
    return ids


class AttemptCount(NamedTuple):
    """So many ended attempts of an integration were of this kind, with this outcome and reason."""

    integration: str
    kind: str
    outcome: str
    reason: str
    attempts: int


def _ended(since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    # no condition on the delivery: the database must come from the attempts of the span, not from all deliveries
    row = AttemptRow
    return (
        col(row.started_at) >= since,
        col(row.finished_at).is_not(None),
        col(DeliveryRow.id) == col(row.delivery_id),
    )


def count_attempts(session: Session, *, since: datetime) -> Sequence[AttemptCount]:
    """The attempts that were begun since then and have ended; combinations without any are left out."""
    row = AttemptRow
    by = (col(DeliveryRow.integration), col(row.kind), col(row.outcome), col(row.reason))
    rows = session.connection().execute(
        sa.select(*by, sa.func.count()).where(*_ended(since)).group_by(*by).order_by(*by)
    )
    return [AttemptCount(*one) for one in rows]


def read_durations(
    session: Session, *, since: datetime, ranks: Mapping[str, Sequence[int]]
) -> Mapping[str, Mapping[int, timedelta]]:
    """How long the delivered send took that has this rank (0 is the fastest), for some ranks of each integration."""
    row = AttemptRow
    took = Microseconds(col(row.finished_at)) - Microseconds(col(row.started_at))
    integration = col(DeliveryRow.integration)
    rank = sa.func.row_number().over(partition_by=integration, order_by=took) - 1
    sends = (col(row.kind) == "send", col(row.outcome) == "delivered")
    one = (
        sa.select(integration, took.label("took"), rank.label("rank"))
        .where(*_ended(since), *sends)
        .subquery()
    )
    wanted = [
        sa.and_(one.c.integration == name, one.c.rank.in_(sorted(set(some)))) for name, some in ranks.items()
    ]
    found: dict[str, dict[int, timedelta]] = {}
    rows = session.connection().execute(sa.select(one).where(sa.or_(sa.false(), *wanted)))
    for name, length, place in rows:
        found.setdefault(name, {})[place] = timedelta(microseconds=length)
    return found


def count_slices(
    session: Session,
    *,
    since: datetime,
    length: timedelta,
    reached: Collection[str],
    away: Collection[str],
    ours: Collection[str] = (),
) -> Mapping[str, tuple[int, int]]:
    """By integration: of the slices of time in which it was spoken to, how many there are, and in how many it answered.

    An attempt was answered when its outcome is one of `reached`, or when it failed for a reason that is none of `away`;
    one that failed for a reason of `ours` spoke to nobody.
    """
    row = AttemptRow
    number = Microseconds(col(row.started_at)) // int(length / timedelta(microseconds=1))
    refused = sa.and_(col(row.reason) != "", col(row.reason).not_in(away))
    answered = sa.or_(col(row.outcome).in_(reached), refused)
    one = (
        sa.select(
            col(DeliveryRow.integration),
            number.label("slice"),
            answered.label("answered"),
        )
        .where(*_ended(since), col(row.reason).not_in(ours))
        .subquery()
    )
    spoken = sa.func.count(sa.distinct(one.c.slice))
    heard = sa.func.count(sa.distinct(sa.case((one.c.answered, one.c.slice))))
    rows = session.connection().execute(
        sa.select(one.c.integration, spoken, heard).group_by(one.c.integration)
    )
    return {name: (all_of_them, some) for name, all_of_them, some in rows}


# Written by the ledger alone. Built once a process: every delivery of every process comes through here twice.

#: What names an attempt, and what is written again where it is begun again.
ATTEMPT_KEY = ("delivery_id", "number", "kind")
ATTEMPT_BEGIN = ("started_at", "finished_at", "executor", "run", "outcome", "traceparent")


@dataclass(frozen=True)
class Ending:
    """What came of an attempt, in words for the attempt's row."""

    outcome: str
    reason: str = ""
    status: int | None = None
    error: str = ""
    hint: str = ""


def open_attempt(
    session: Session, row: DeliveryRow, kind: str, *, executor: str, now: datetime, run: int = 0
) -> None:
    """A reconcile or send that is done a second time under the same number begins its row anew."""
    attempt = AttemptRow(
        delivery_id=row.id, number=row.try_number, kind=kind, executor=executor, run=run, started_at=now,
        traceparent=child_of(row.traceparent, row.id, row.try_number, kind),
    )  # fmt: skip
    connection = session.connection()
    statement = upsert(connection.dialect.name, AttemptRow, ATTEMPT_KEY, ATTEMPT_BEGIN)
    connection.execute(statement, attempt.model_dump(exclude={"id"}))


class Holder(NamedTuple):
    """Who is at work on a try: an executor, and which run of it."""

    executor: str
    run: int


def find_holder(session: Session, delivery_id: str, number: int) -> Holder | None:
    """Whose send of this try has not ended; None where there is none."""
    row = AttemptRow
    found = session.exec(
        select(row.executor, row.run).where(
            row.delivery_id == delivery_id,
            row.number == number,
            row.kind == "send",
            col(row.finished_at).is_(None),
        )
    ).first()
    return None if found is None else Holder(*found)


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
