"""Where each ticket's clock stands, and the watch that records when one runs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from soc import clock
from soc.domain.actor import Actor, Known
from soc.domain.sla import SlaState, state_of
from soc.store.db import read_session, write_session
from soc.store.tickets import TicketRow, list_tickets

log = structlog.get_logger(__name__)
_WATCH = Actor.system("sla-watch", Known.SCHEDULE)


@dataclass(frozen=True)
class TicketClock:
    """`left` is negative when overdue; `share` is the part of the time that is used (1 = all of it)."""

    ticket: TicketRow
    state: SlaState
    due: datetime
    left: timedelta
    share: float


def read_clock(ticket: TicketRow, *, now: datetime) -> TicketClock:
    until = ticket.resolved_at or now
    length = ticket.due_at - ticket.created_at
    return TicketClock(
        ticket=ticket,
        state=state_of(created=ticket.created_at, due=ticket.due_at, resolved=ticket.resolved_at, now=now),
        due=ticket.due_at,
        left=ticket.due_at - until,
        share=(until - ticket.created_at) / length if length else 1.0,
    )


def read_clocks(
    *, open_only: bool = False, since: datetime | None = None, now: datetime | None = None, limit: int = 5_000
) -> list[TicketClock]:
    """The clocks of the tickets, the one that runs out first on top."""
    moment = now or clock.now()
    with read_session() as session:
        tickets = list_tickets(session, open_only=open_only, since=since, limit=limit)
    return sorted((read_clock(ticket, now=moment) for ticket in tickets), key=lambda one: one.left)


def watch() -> int:
    """Record the breach of every clock that ran out since the last look; returns how many did."""
    now = clock.now()
    breached = 0
    with write_session() as session:
        for ticket in list_tickets(session, open_only=True, limit=100_000):
            if ticket.breached_at is None and now > ticket.due_at:
                ticket.breached_at, ticket.changed_by = ticket.due_at, str(_WATCH)
                session.add(ticket)
                breached += 1
                log.warning(
                    "sla_breached", ticket=ticket.key, priority=ticket.priority, incident=ticket.incident_id
                )
    return breached
