"""The guide's figures, counted by the database: what was opened, how long it took, how clocks ended, who was told.

docs/metrics.md has each of these questions as plain SQL; a test asks both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.domain.delivery import DeliveryState
from soc.domain.escalation.states import StepState
from soc.domain.incident import Origin
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.store.columns import Microseconds, microseconds, whose
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.escalation.escalations import EscalationStepRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.sla.sla_clocks import SlaClockRow
from soc.store.nouns.tickets.tickets import TicketRow

#: Days of every zone begin at a whole quarter of an hour.
QUARTER = 900_000_000
_ENDED = (SlaState.MET.value, SlaState.MISSED.value)
_APART = (SlaState.INTAKE.value, SlaState.CANCELLED.value)
_TRIED = (DeliveryState.DELIVERED.value, DeliveryState.DEAD.value)


@dataclass(frozen=True)
class FigureFilter:
    """Tickets opened between `since` and `until` (excluded). Empty fields do not filter; `owners` are people's ids."""

    since: datetime | None = None
    until: datetime | None = None
    priorities: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    source: str = ""
    owners: tuple[str, ...] | None = None


class Opened(NamedTuple):
    """So many tickets of a priority were opened in this quarter of an hour (counted from 1970)."""

    quarter: int
    priority: str
    tickets: int


class Cycles(NamedTuple):
    """So many cycles of a clock stand so: a state that the ledger says, else `violated` or `running`."""

    clock: str
    priority: str
    state: str
    cycles: int


class Told(NamedTuple):
    """How often a step of an escalation was told, and about how many tickets."""

    title: str
    steps: int
    tickets: int


class Lengths(NamedTuple):
    """How long something took, of one priority ("": of all): how many, their sum, and the nearest-rank median and 95th percentile,
    in microseconds.
    """

    priority: str
    number: int
    total: int
    median: int
    p95: int


class Waited(NamedTuple):
    """How long the clocks of one person's tickets waited, and how long they were there at all, in microseconds of the wall
    clock.
    """

    owner: str
    paused: int
    lasted: int


RUNNING_CYCLE, VIOLATED_CYCLE = "running", SlaState.VIOLATED.value


def _of(chosen: FigureFilter) -> list[sa.ColumnElement[bool]]:
    row = TicketRow
    conditions: list[sa.ColumnElement[bool]] = []
    if chosen.since is not None:
        conditions.append(col(row.created_at) >= chosen.since)
    if chosen.until is not None:
        conditions.append(col(row.created_at) < chosen.until)
    if chosen.priorities:
        conditions.append(col(row.priority).in_(chosen.priorities))
    if chosen.source:
        conditions.append(col(row.incident_id).in_(_ids_from(chosen.source)))
    if chosen.owners is not None:
        conditions.append(whose(col(row.owner), chosen.owners))
    return conditions


def _ids_from(source: str) -> sa.Select[Any]:
    return sa.select(col(IncidentRow.id)).where(col(IncidentRow.source) == source)


def count_opened(session: Session, chosen: FigureFilter) -> Sequence[Opened]:
    quarter = (Microseconds(col(TicketRow.created_at)) // QUARTER).label("quarter")
    one = sa.select(quarter, col(TicketRow.priority)).where(*_of(chosen)).subquery()
    rows = session.connection().execute(
        sa.select(one.c.quarter, one.c.priority, sa.func.count()).group_by(one.c.quarter, one.c.priority)
    )
    return [Opened(*row) for row in rows]


def log_to_ticket(session: Session, chosen: FigureFilter) -> Lengths | None:
    """From the moment when the logs were handed in to the ticket's opening; None where there is none."""
    took = Microseconds(col(TicketRow.created_at)) - Microseconds(col(BatchRow.created_at))
    found = _lengths(
        session,
        sa.select(sa.literal("").label("priority"), took.label("took"))
        .select_from(TicketRow)
        .join(IncidentRow, col(IncidentRow.id) == col(TicketRow.incident_id))
        .join(BatchRow, col(BatchRow.id) == col(IncidentRow.batch_id))
        .where(col(IncidentRow.origin) == Origin.LOG.value, *_of(chosen)),
    )
    return found[0] if found else None


def _lengths(session: Session, each: sa.Select[str, int]) -> Sequence[Lengths]:
    """Of rows of `priority` and `took`. The database sorts them: thousands of rows would keep every other page waiting."""
    rows = each.subquery()
    rank = sa.func.row_number().over(partition_by=rows.c.priority, order_by=rows.c.took) - 1
    number = sa.func.count().over(partition_by=rows.c.priority)
    one = sa.select(rows.c.priority, rows.c.took, rank.label("rank"), number.label("number")).subquery()

    def at(per_cent: int) -> sa.ColumnElement[int]:
        # nearest rank: the shortest of which so many per cent took no longer
        return sa.func.max(sa.case((one.c.rank == (one.c.number * per_cent - 1) // 100, one.c.took)))

    found = session.connection().execute(
        sa.select(one.c.priority, sa.func.count(), sa.func.sum(one.c.took), at(50), at(95)).group_by(
            one.c.priority
        )
    )
    return [Lengths(priority, *map(int, numbers)) for priority, *numbers in found]


def count_creations(
    session: Session, chosen: FigureFilter, *, actions: Collection[str]
) -> Sequence[tuple[str, str, int]]:
    """(integration, `delivered` or `dead`, how many): what was to be opened, and was or never will be."""
    row = DeliveryRow
    conditions: list[sa.ColumnElement[bool]] = [col(row.action).in_(actions), col(row.state).in_(_TRIED)]
    if chosen.since is not None:
        conditions.append(col(row.created_at) >= chosen.since)
    if chosen.until is not None:
        conditions.append(col(row.created_at) < chosen.until)
    if chosen.source:
        conditions.append(col(row.incident_id).in_(_ids_from(chosen.source)))
    if chosen.severities:
        wanted = sa.select(col(IncidentRow.id)).where(col(IncidentRow.severity).in_(chosen.severities))
        conditions.append(col(row.incident_id).in_(wanted))
    which = (col(row.integration), col(row.state))
    rows = session.connection().execute(
        sa.select(*which, sa.func.count()).where(*conditions).group_by(*which).order_by(*which)
    )
    return [(integration, state, number) for integration, state, number in rows]


def count_cycles(session: Session, chosen: FigureFilter) -> Sequence[Cycles]:
    row = SlaClockRow
    violated = sa.and_(col(row.ended_at).is_(None), col(row.breached_at).is_not(None))
    state = sa.case((col(row.state) != "", col(row.state)), (violated, VIOLATED_CYCLE), else_=RUNNING_CYCLE)
    one = (
        sa.select(col(row.clock), col(row.priority), state.label("state"))
        .join(TicketRow, col(TicketRow.id) == col(row.ticket_id))
        .where(*_of(chosen))
        .subquery()
    )
    which = (one.c.clock, one.c.priority, one.c.state)
    rows = session.connection().execute(sa.select(*which, sa.func.count()).group_by(*which).order_by(*which))
    return [Cycles(*row) for row in rows]


def first_times(session: Session, chosen: FigureFilter, *, clock: ClockKind) -> Sequence[Lengths]:
    """By priority, from the start of the first cycle to its end, where it was met or missed."""
    row = SlaClockRow
    took = Microseconds(col(row.ended_at)) - Microseconds(col(row.started_at))
    return _lengths(
        session,
        sa.select(col(row.priority), took.label("took"))
        .join(TicketRow, col(TicketRow.id) == col(row.ticket_id))
        .where(col(row.clock) == clock.value, col(row.cycle) == 1, col(row.state).in_(_ENDED), *_of(chosen)),
    )


def total_times(session: Session, chosen: FigureFilter) -> Sequence[Lengths]:
    """By priority, from the opening of each resolved ticket to its last resolving.

    One whose resolution was breached at intake, or cancelled (deleted, merged), is not among them.
    """
    row, cycle = TicketRow, SlaClockRow
    apart = sa.select(col(cycle.ticket_id)).where(
        col(cycle.clock) == ClockKind.RESOLUTION.value, col(cycle.state).in_(_APART)
    )
    took = Microseconds(col(row.resolved_at)) - Microseconds(col(row.created_at))
    return _lengths(
        session,
        sa.select(col(row.priority), took.label("took")).where(
            col(row.resolved_at).is_not(None), col(row.id).not_in(apart), *_of(chosen)
        ),
    )


def count_told(session: Session, chosen: FigureFilter) -> Sequence[Told]:
    """By the step's title, the most frequent first."""
    row = EscalationStepRow
    rows = session.connection().execute(
        sa.select(col(row.title), sa.func.count(), sa.func.count(sa.distinct(col(row.ticket_id))))
        .join(TicketRow, col(TicketRow.id) == col(row.ticket_id))
        .where(col(row.state) == StepState.TOLD.value, *_of(chosen))
        .group_by(col(row.title))
    )
    return sorted((Told(*row) for row in rows), key=lambda one: (-one.steps, one.title))


def count_escalated(session: Session, chosen: FigureFilter) -> int:
    """Tickets of which any step was told."""
    told = sa.select(col(EscalationStepRow.ticket_id)).where(
        col(EscalationStepRow.state) == StepState.TOLD.value
    )
    query = sa.select(sa.func.count()).select_from(TicketRow).where(col(TicketRow.id).in_(told), *_of(chosen))
    return session.scalars(query).one()


def sum_waited(session: Session, chosen: FigureFilter, *, now: datetime) -> Sequence[Waited]:
    """By owner. A clock that waits now has waited until now; what was breached at intake is not among them."""
    row, at = SlaClockRow, microseconds(now)
    until = sa.case((col(row.ended_at).is_(None), at), else_=Microseconds(col(row.ended_at)))
    waits = sa.and_(col(row.ended_at).is_(None), sa.not_(col(row.runs)), col(row.position) < now)
    lets_go = sa.case((col(row.next_at) < now, Microseconds(col(row.next_at))), else_=at)
    since = sa.case((waits, lets_go - Microseconds(col(row.position))), else_=0)
    one = (
        sa.select(
            col(TicketRow.owner).label("owner"),
            (col(row.paused_for) + since).label("paused"),
            (until - Microseconds(col(row.started_at))).label("lasted"),
        )
        .join(TicketRow, col(TicketRow.id) == col(row.ticket_id))
        .where(sa.not_(col(row.intake)), col(row.started_at) < now, *_of(chosen))
        .subquery()
    )
    rows = session.connection().execute(
        sa.select(one.c.owner, sa.func.sum(one.c.paused), sa.func.sum(one.c.lasted))
        .group_by(one.c.owner)
        .order_by(one.c.owner)
    )
    return [Waited(owner, int(paused), int(lasted)) for owner, paused, lasted in rows]


def list_sources(session: Session, *, limit: int = 200) -> Sequence[str]:
    """The sources of incidents that have a ticket, by name."""
    ticketed = sa.select(col(TicketRow.incident_id))
    rows = session.connection().execute(
        sa.select(col(IncidentRow.source))
        .distinct()
        .where(col(IncidentRow.id).in_(ticketed))
        .order_by(col(IncidentRow.source))
        .limit(limit)
    )
    return [row[0] for row in rows]
