"""Batches and their files: made by an upload, written by the run that owns them, read by every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.actor import Actor
from soc.errors import NotFound
from soc.store.columns import json_value, key_of, moment, practice_index
from soc.store.db import insert_ignoring
from soc.store.paging import Page, Sorts, count_rows, list_rows, read_page
from soc.tracing.context import trace_id_of


class BatchRow(SQLModel, table=True):
    """One upload: its options, its progress while it runs, its counts when it is done.

    `attempt` fences the writes of a run: a run that was taken over may not write any more. `try_number` names the
    workflow of the try that runs or comes next; `failures` counts the tries that broke off since a person last asked.
    """

    __tablename__ = "batches"
    __table_args__ = (practice_index("batches"),)

    id: str = Field(primary_key=True)
    name: str
    state: str = Field(index=True)
    created_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    started_at: datetime | None = Field(default=None, sa_column=moment())
    finished_at: datetime | None = Field(default=None, sa_column=moment())
    heartbeat_at: datetime | None = Field(default=None, sa_column=moment())
    idempotency_key: str = Field(unique=True)
    #: Who submitted it (`str(Actor)`).
    made_by: str
    attempt: int = 0
    enable_jira: bool = False
    enable_slack: bool = False
    muted: list[str] = Field(default_factory=list, sa_column=json_value())
    practice: bool = False
    stage: str = ""
    current_file: str = ""
    bytes_total: int = Field(default=0, sa_type=BigInteger)
    bytes_done: int = Field(default=0, sa_type=BigInteger)
    lines_done: int = Field(default=0, sa_type=BigInteger)
    lines_in: int = Field(default=0, sa_type=BigInteger)
    parsed: int = Field(default=0, sa_type=BigInteger)
    rejected: int = Field(default=0, sa_type=BigInteger)
    incidents: int = 0
    eligible: int = 0
    seconds: float = 0.0
    by_class: dict[str, int] = Field(default_factory=dict, sa_column=json_value())
    by_severity: dict[str, int] = Field(default_factory=dict, sa_column=json_value())
    #: Why it failed, why it waits for its next try, or what a person has to decide.
    error: str = ""
    try_number: int = 1
    failures: int = 0
    next_try_at: datetime | None = Field(default=None, sa_column=moment())
    #: Said to be read whatever it unpacks to.
    without_budget: bool = False
    #: Said to be told of anew, though its content was processed before.
    as_new: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    #: So many of its incidents are told at once; 0: all.
    flood_cap: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    #: Who stopped it, ran it again or waived its budget last (`str(Actor)`).
    changed_by: str = ""
    #: Hash of the ruleset that judged its lines; "" before it was judged.
    ruleset: str = ""
    #: The trace that it belongs to (`soc.tracing.context`); "": none.
    traceparent: str = Field(default="", sa_column_kwargs={"server_default": ""})

    @property
    def trace_id(self) -> str:
        return trace_id_of(self.traceparent)


class BatchFileRow(SQLModel, table=True):
    __tablename__ = "batch_files"
    __table_args__ = (UniqueConstraint("batch_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    batch_id: str = Field(foreign_key=key_of(BatchRow), index=True)
    position: int
    name: str
    path: str = Field(index=True)  # who else reads a file, and how many are kept
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(default="", index=True)
    options: dict[str, str] = Field(default_factory=dict, sa_column=json_value())
    format: str = ""
    encoding: str = ""
    compression: str = ""
    lines_in: int = Field(default=0, sa_type=BigInteger)
    parsed: int = Field(default=0, sa_type=BigInteger)
    rejected: int = Field(default=0, sa_type=BigInteger)
    rejected_by_reason: dict[str, int] = Field(default_factory=dict, sa_column=json_value())
    warnings: list[str] = Field(default_factory=list, sa_column=json_value())
    error: str = ""


class BatchState(StrEnum):
    """`retry` comes again by itself (`next_try_at`); `held` waits for a person's decision."""

    QUEUED = "queued"
    RUNNING = "running"
    RETRY = "retry"
    HELD = "held"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"


#: What goes on by itself.
ACTIVE = (BatchState.QUEUED.value, BatchState.RUNNING.value, BatchState.RETRY.value)

#: What incidents belong to that no upload brought: calls of the API, in earnest and in practice. No list shows them.
API_BATCHES = {False: "api", True: "api-practice"}


def api_batch(session: Session, *, practice: bool, actor: Actor, now: datetime) -> str:
    """The id of that batch, made where there is none."""
    row = BatchRow(
        id=API_BATCHES[practice],
        name="Incidents that the API was told of",
        state=BatchState.FINISHED.value,
        created_at=now,
        finished_at=now,
        idempotency_key=API_BATCHES[practice],
        made_by=str(actor),
        practice=practice,
    )
    insert_ignoring(session, BatchRow, [row.model_dump()])
    return row.id


def _uploads() -> sa.ColumnElement[bool]:
    return col(BatchRow.id).not_in(API_BATCHES.values())


def get_batch(session: Session, batch_id: str) -> BatchRow:
    """Raises NotFound."""
    row = session.get(BatchRow, batch_id)
    if row is None:
        raise NotFound(f"There is no batch {batch_id}.", hint="Open “Process logs” for the list of batches.")
    return row


def find_by_key(session: Session, idempotency_key: str) -> BatchRow | None:
    return session.exec(select(BatchRow).where(BatchRow.idempotency_key == idempotency_key)).first()


@dataclass(frozen=True)
class BatchFilter:
    """Which batches. Empty fields do not filter; `since` and `until` bound the upload (until is excluded)."""

    states: tuple[str, ...] = ()
    practice: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


BATCH_SORTS: Sorts = {"created_at": ("created_at", "id")}


def page_batches(
    session: Session,
    chosen: BatchFilter = BatchFilter(),
    *,
    sort: str = "-created_at",
    cursor: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Page[BatchRow]:
    """Newest first, unless told otherwise."""
    row = BatchRow
    conditions = [_uploads()]
    if chosen.states:
        conditions.append(col(row.state).in_(chosen.states))
    if chosen.practice is not None:
        conditions.append(col(row.practice).is_(chosen.practice))
    if chosen.since is not None:
        conditions.append(col(row.created_at) >= chosen.since)
    if chosen.until is not None:
        conditions.append(col(row.created_at) < chosen.until)
    return read_page(
        session, row, conditions, sorts=BATCH_SORTS, sort=sort, cursor=cursor, offset=offset, limit=limit
    )


def list_batches(session: Session, *, offset: int = 0, limit: int = 50) -> Sequence[BatchRow]:
    """Newest first."""
    return list_rows(
        session, BatchRow, [_uploads()], sorts=BATCH_SORTS, sort="-created_at", offset=offset, limit=limit
    )


def count_batches(session: Session, *, states: Sequence[str] = ()) -> int:
    return count_rows(session, BatchRow, [_uploads(), *([col(BatchRow.state).in_(states)] if states else [])])


class BatchTotals(NamedTuple):
    """Of some batches together; `lines_in` is what `parsed` and `rejected` add up to once they are done."""

    batches: int
    lines_in: int
    parsed: int
    rejected: int


def sum_batches(session: Session, *, since: datetime | None = None) -> BatchTotals:
    """Of the batches that were handed in since then, or of all."""
    row = BatchRow
    sums = (sa.func.coalesce(sa.func.sum(one), 0) for one in (row.lines_in, row.parsed, row.rejected))
    query = sa.select(sa.func.count(), *sums).select_from(row).where(_uploads())
    if since is not None:
        query = query.where(col(row.created_at) >= since)
    return BatchTotals(*(int(number) for number in session.connection().execute(query).one()))


def list_active(session: Session) -> Sequence[BatchRow]:
    """Queued, running or coming again, oldest first."""
    return session.exec(
        select(BatchRow).where(col(BatchRow.state).in_(ACTIVE)).order_by(col(BatchRow.created_at))
    ).all()


def list_files(session: Session, batch_id: str) -> Sequence[BatchFileRow]:
    return session.exec(
        select(BatchFileRow).where(BatchFileRow.batch_id == batch_id).order_by(col(BatchFileRow.position))
    ).all()


def find_earlier_uploads(
    session: Session, sha256: str, *, before: int | None = None
) -> Sequence[BatchFileRow]:
    """Files with the same content that were processed before; before that file, where one is named."""
    row = BatchFileRow
    earlier = [] if before is None else [col(row.id) < before]
    return session.exec(select(row).where(row.sha256 == sha256, *earlier)).all()


def begin_try(session: Session, batch_id: str, number: int, *, now: datetime) -> int | None:
    """Take the batch over for its try `number` (0: whichever comes); returns the attempt that fences its writes.

    None where there is nothing to run: it has ended, waits for a person, or another try has taken its place.
    """
    row = get_batch(session, batch_id)
    if row.state not in ACTIVE or (number and row.try_number != number):
        return None
    return start_run(session, batch_id, now=now)


def start_run(session: Session, batch_id: str, *, now: datetime) -> int:
    """Take the batch over; returns the attempt number that fences the writes of this run."""
    row = get_batch(session, batch_id)
    row.attempt += 1
    row.state = BatchState.RUNNING
    row.started_at = row.started_at or now
    row.heartbeat_at = now
    row.bytes_done = row.lines_done = 0
    row.stage, row.error, row.next_try_at = "reading", "", None
    session.add(row)
    return row.attempt


def update_fenced(session: Session, batch_id: str, attempt: int, **values: Any) -> bool:
    """Write to a batch that runs, if this run still owns it; False when it was taken over, stopped or has ended."""
    owned = _owned(batch_id, attempt)
    return session.connection().execute(sa.update(BatchRow).where(*owned).values(**values)).rowcount == 1


def still_owned(session: Session, batch_id: str, attempt: int) -> bool:
    """Whether this run still owns the batch."""
    return session.exec(select(BatchRow.id).where(*_owned(batch_id, attempt))).first() is not None


def _owned(batch_id: str, attempt: int) -> tuple[sa.ColumnElement[bool], ...]:
    row = BatchRow
    return (col(row.id) == batch_id, col(row.attempt) == attempt, col(row.state) == BatchState.RUNNING.value)


def arm(session: Session, batch_id: str, *, number: int, state: BatchState, now: datetime) -> int | None:
    """Give the batch its next try, due now, in place of try `number`; None where that one is not its last any more.

    Whatever still runs of it is fenced off.
    """
    row = get_batch(session, batch_id)
    if row.try_number != number:
        return None
    row.try_number, row.attempt = number + 1, row.attempt + 1
    row.state, row.next_try_at, row.finished_at = state.value, now, None
    session.add(row)
    return row.try_number
