"""Where each ticket's clock stands, and the watch that records when one runs out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from soc import clock
from soc.domain.sla import SlaState
from soc.errors import NotFound
from soc.sla.book import WATCH
from soc.sla.tick import tick
from soc.store.db import read_session, write_session
from soc.store.nouns.tickets import tickets as store
from soc.store.nouns.tickets.ticket_counts import record_breaches
from soc.store.nouns.tickets.ticket_lists import list_by_clock
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, find_by_key, get_ticket, read_state
from soc.store.paging import read_again

log = structlog.get_logger(__name__)
#: More breaches than this in one look are one line of the log, with their number and the first of them.
_SAID_ONE_BY_ONE = 10


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
        state=read_state(ticket, now=now),
        due=ticket.due_at,
        left=ticket.due_at - until,
        share=(until - ticket.created_at) / length if length else 1.0,
    )


def words_of_time(state: SlaState, left: timedelta) -> str:
    """`2 h 10 min left`, `12 min over`; of a clock that has ended how it ended: none of it is left then."""
    words = clock.describe(left)
    if state in (SlaState.MET, SlaState.MISSED):
        return f"{words} {'to spare' if state is SlaState.MET else 'late'}"
    if state is SlaState.CANCELLED:
        return "ended"
    return f"{words} {'left' if left >= timedelta(0) else 'over'}"


#: The order of a list of clocks: the running ones, the next to run out on top, then the stopped ones.
BY_CLOCK = "clock"


def list_clocks(
    chosen: TicketFilter,
    *,
    sort: str = BY_CLOCK,
    now: datetime | None = None,
    offset: int = 0,
    limit: int = 50,
) -> list[TicketClock]:
    """Some of the clocks of these tickets, in the order BY_CLOCK or by one of TICKET_SORTS."""
    moment = now or clock.now()
    with read_session() as session:
        if sort == BY_CLOCK:
            tickets = list_by_clock(session, chosen, now=moment, offset=offset, limit=limit)
        else:
            tickets = store.list_tickets(session, chosen, sort=sort, now=moment, offset=offset, limit=limit)
    return [read_clock(ticket, now=moment) for ticket in tickets]


def read_clocks(ticket_ids: Sequence[int], *, now: datetime | None = None) -> list[TicketClock]:
    """The clocks of these tickets, in this order; those that are gone are left out."""
    moment = now or clock.now()
    with read_session() as session:
        tickets = read_again(session, TicketRow, ticket_ids)
    return [read_clock(ticket, now=moment) for ticket in tickets]


def count_tickets(chosen: TicketFilter, *, now: datetime | None = None) -> int:
    """How many tickets match, for paging."""
    with read_session() as session:
        return store.count_tickets(session, chosen, now=now or clock.now())


def find_clocks(reference: str, *, now: datetime | None = None) -> list[TicketClock]:
    """The tickets that a deep link may mean: the one with this number here, else those with this key.

    A key is no name for good: practice has a numbering of its own, and so has each vendor.
    """
    moment = now or clock.now()
    with read_session() as session:
        try:
            tickets = [get_ticket(session, int(reference))] if reference.isdecimal() else []
        except NotFound:
            tickets = []
        found = tickets or find_by_key(session, reference)
    return [read_clock(ticket, now=moment) for ticket in found]


def watch() -> int:
    """Record the breach of every clock that ran out since the last look; returns how many tickets had none before."""
    with write_session() as session:
        tick(session, now=clock.now())
        number, first = record_breaches(session, now=clock.now(), actor=WATCH, named=_SAID_ONE_BY_ONE)
    if number > len(first):  # after a downtime, or with a store that was just imported
        log.warning("sla_breached", tickets=number, first=[ticket.key for ticket in first])
        return number
    for ticket in first:
        log.warning("sla_breached", ticket=ticket.key, priority=ticket.priority, incident=ticket.incident_id)
    return number
