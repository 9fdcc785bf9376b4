"""The ledger of the tickets' clocks as stored, and what its rows add up to, one row a cycle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import BigInteger, Index
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.sla.event import ClockEvent, ClockKind, EventKind, Mark
from soc.store.columns import key_of, moment, partial_index
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.paging import portions

_TICK = timedelta(microseconds=1)


class SlaEventRow(SQLModel, table=True):
    """One row of the ledger (see `ClockEvent`): only ever added. Lengths are in microseconds."""

    __tablename__ = "sla_events"
    __table_args__ = (Index("ix_sla_events_ticket", "ticket_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key=key_of(TicketRow))
    clock: str
    cycle: int
    kind: str
    at: datetime = Field(sa_column=moment(nullable=False))
    #: When it became known here, and who did it.
    made_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str
    reason: str = ""
    mark: str = ""
    policy: str = ""
    version: int = 0
    priority: str = ""
    target: int | None = Field(default=None, sa_type=BigInteger)
    carried: int = Field(default=0, sa_type=BigInteger)
    until: datetime | None = Field(default=None, sa_column=moment())
    #: The vendor's id of what brought it about ("": none), so that hearing of it twice is hearing of it once.
    source: str = ""
    #: Of an undo: the row that counts no more.
    undoes: int | None = Field(default=None, sa_type=BigInteger)


class SlaClockRow(SQLModel, table=True):
    """A cycle of a clock as its rows leave it: written by the ledger's writers alone, and found again by the fold.

    `state` is "" while time alone says it (on track, at risk, violated). `used` is the working time in microseconds up
    to `position`; `next_at` when the watch has to look at it again.
    """

    __tablename__ = "sla_clocks"
    __table_args__ = (
        partial_index("ix_sla_clocks_next", "next_at", of="next_at IS NOT NULL"),
        Index("ix_sla_clocks_state", "clock", "state", "breached_at"),
    )

    ticket_id: int = Field(foreign_key=key_of(TicketRow), primary_key=True)
    clock: str = Field(primary_key=True)
    cycle: int = Field(primary_key=True)
    policy: str
    version: int
    priority: str
    target: int = Field(sa_type=BigInteger)
    state: str
    intake: bool = False
    started_at: datetime = Field(sa_column=moment(nullable=False))
    #: When it began to count, where it was started outside working time.
    snapped_to: datetime | None = Field(default=None, sa_column=moment())
    due_at: datetime = Field(sa_column=moment(nullable=False))
    at_risk_at: datetime = Field(sa_column=moment(nullable=False))
    breached_at: datetime | None = Field(default=None, sa_column=moment())
    ended_at: datetime | None = Field(default=None, sa_column=moment())
    #: Who ended it, as `str(Actor)`.
    ended_by: str = ""
    runs: bool
    used: int = Field(default=0, sa_type=BigInteger)
    position: datetime = Field(sa_column=moment(nullable=False))
    paused_for: int = Field(default=0, sa_type=BigInteger)
    next_at: datetime | None = Field(default=None, sa_column=moment())


def to_event(row: SlaEventRow) -> ClockEvent:
    return ClockEvent(
        clock=ClockKind(row.clock),
        cycle=row.cycle,
        kind=EventKind(row.kind),
        at=row.at,
        by=row.made_by,
        reason=row.reason,
        mark=Mark(row.mark),
        policy=row.policy,
        version=row.version,
        priority=row.priority,
        target=None if row.target is None else row.target * _TICK,
        carried=row.carried * _TICK,
        until=row.until,
        source=row.source,
        seq=row.id or 0,
        undoes=row.undoes or 0,
    )


def to_row(ticket_id: int, event: ClockEvent, *, made_at: datetime) -> SlaEventRow:
    return SlaEventRow(
        ticket_id=ticket_id,
        clock=event.clock.value,
        cycle=event.cycle,
        kind=event.kind.value,
        at=event.at,
        made_at=made_at,
        made_by=event.by,
        reason=event.reason[:500],
        mark=event.mark.value,
        policy=event.policy,
        version=event.version,
        priority=event.priority,
        target=None if event.target is None else event.target // _TICK,
        carried=event.carried // _TICK,
        until=event.until,
        source=event.source[:200],
        undoes=event.undoes or None,
    )


def list_events(session: Session, ticket_id: int) -> list[ClockEvent]:
    """The ticket's rows in the order in which they were written."""
    row = SlaEventRow
    rows = session.exec(select(row).where(row.ticket_id == ticket_id).order_by(col(row.id)))
    return [to_event(one) for one in rows]


def last_event(session: Session, ticket_ids: Sequence[int]) -> int:
    """The number of the newest row of these tickets; 0 where there is none."""
    row = SlaEventRow
    newest = sa.select(sa.func.max(col(row.id))).where(col(row.ticket_id).in_(ticket_ids))
    return int(session.connection().scalar(newest) or 0)


def list_written_since(session: Session, ticket_ids: Sequence[int], *, after: int) -> list[int]:
    """The numbers of the rows of these tickets that are newer than that one."""
    row = SlaEventRow
    newer = (
        sa.select(col(row.id))
        .where(col(row.ticket_id).in_(ticket_ids), col(row.id) > after)
        .order_by(col(row.id))
    )
    return list(session.connection().scalars(newer))


def forget_cycles(session: Session, ticket_id: int, *, but: Iterable[tuple[str, int]]) -> None:
    """Cycles that no standing row begins are none: all that is kept of the ticket but of these (clock and number)."""
    kept = set(but)
    for row in session.exec(select(SlaClockRow).where(SlaClockRow.ticket_id == ticket_id)).all():
        if (row.clock, row.cycle) not in kept:
            session.delete(row)
    session.flush()


def list_events_of(session: Session, ticket_ids: Sequence[int]) -> dict[int, list[ClockEvent]]:
    """The same of many tickets."""
    row, found = SlaEventRow, dict[int, list[ClockEvent]]()
    for some in portions(ticket_ids):
        for one in session.exec(select(row).where(col(row.ticket_id).in_(some)).order_by(col(row.id))):
            found.setdefault(one.ticket_id, []).append(to_event(one))
    return found


def list_clock_rows(session: Session, ticket_ids: Iterable[int]) -> dict[int, list[SlaClockRow]]:
    """By ticket: its cycles, by clock and number."""
    row, found = SlaClockRow, dict[int, list[SlaClockRow]]()
    for some in portions(list(ticket_ids)):
        query = select(row).where(col(row.ticket_id).in_(some))
        for one in session.exec(query.order_by(col(row.ticket_id), col(row.clock), col(row.cycle))):
            found.setdefault(one.ticket_id, []).append(one)
    return found


def list_ticket_ids(session: Session, *, after: int, limit: int = 500) -> Sequence[int]:
    """The ids of tickets that have a ledger, in order."""
    row = SlaEventRow
    query = sa.select(col(row.ticket_id)).where(col(row.ticket_id) > after).distinct()
    return list(session.connection().scalars(query.order_by(col(row.ticket_id)).limit(limit)))
