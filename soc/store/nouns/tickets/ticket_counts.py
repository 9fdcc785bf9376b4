"""How tickets' clocks stand, counted, and the breaches that were not recorded yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.domain.actor import Actor
from soc.domain.sla import SlaState
from soc.store.columns import (
    Microseconds,
)
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, in_state, matching_tickets

_ALL = TicketFilter()


class ClockCount(NamedTuple):
    """So many tickets of a priority have their clock in this state, so many of them are open; `took` is what the stopped ones
    took together.
    """

    priority: str
    state: SlaState
    tickets: int
    took: timedelta
    open: int = 0


def count_clocks(session: Session, chosen: TicketFilter = _ALL, *, now: datetime) -> Sequence[ClockCount]:
    """All tickets that match, by priority and state; pairs without any are left out."""
    state = sa.case(
        *((in_state(one, now=now), one.value) for one in SlaState if one is not SlaState.ON_TRACK),
        else_=SlaState.ON_TRACK.value,
    )
    took = Microseconds(col(TicketRow.resolved_at)) - Microseconds(col(TicketRow.created_at))
    # named in a query of its own: PostgreSQL takes an expression with parameters that is said twice for two
    is_open = sa.case((col(TicketRow.resolved_at).is_(None), 1), else_=0)
    one = sa.select(
        col(TicketRow.priority), state.label("state"), took.label("took"), is_open.label("open")
    ).where(*matching_tickets(chosen, now=now))
    each = one.subquery()
    rows = session.connection().execute(
        sa.select(
            each.c.priority, each.c.state, sa.func.count(), sa.func.sum(each.c.took), sa.func.sum(each.c.open)
        ).group_by(each.c.priority, each.c.state)
    )
    return [
        ClockCount(priority, SlaState(state), number, timedelta(microseconds=int(took or 0)), int(opened))
        for priority, state, number, took, opened in rows
    ]


class Breach(NamedTuple):
    """A ticket that ran out of time."""

    key: str
    priority: str
    incident_id: str


def record_breaches(
    session: Session, *, actor: Actor, now: datetime, named: int
) -> tuple[int, Sequence[Breach]]:
    """Write down that open tickets ran out of time, each once: how many, and the first of them. All in the database."""
    row = TicketRow
    ran_out = (in_state(SlaState.VIOLATED, now=now), col(row.breached_at).is_(None))
    columns = (col(row.key), col(row.priority), col(row.incident_id))
    connection = session.connection()
    first = sa.select(*columns).where(*ran_out).order_by(col(row.due_at), col(row.id)).limit(named)
    found = [Breach(*one) for one in connection.execute(first)]
    if not found:
        return 0, found
    changed = sa.update(row).where(*ran_out).values(breached_at=col(row.due_at), changed_by=str(actor))
    return connection.execute(changed).rowcount, found
