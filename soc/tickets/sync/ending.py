"""When a ticket has to be answered, as its vendor shows it: told anew where its clock ends at another moment.

Whatever moved the clock (a priority, a policy, a pause that is over, a new cycle) is told the same way: the day as the due
date, in the project's zone, and the exact moment beside it.
"""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from soc import clock
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import Actor, Known
from soc.domain.sla.planned import day_in
from soc.integrations.in_force import load_usable
from soc.store.db import read_session, write_session
from soc.store.nouns.sla.sla_policies import Versions
from soc.store.nouns.sla.ticket_clocks import list_untold_ends, response_policy
from soc.store.nouns.tickets.tickets import TicketRow, get_ticket, lock_tickets
from soc.tickets.outgoing import FieldsChanged, tell

_WATCH = Actor.system("sla-watch", Known.SCHEDULE)
#: A ticket begins a moment after it was planned: so little is not worth a write, unless the day is another.
NEGLIGIBLE = timedelta(seconds=60)
_AT_ONCE = 500


def tell_ends() -> int:
    """For the schedule: tell each vendor the ends that it was not told; returns how many tickets were told of."""
    with read_session() as session:
        waiting = [(row.id, row.incident_id) for row in list_untold_ends(session, limit=_AT_ONCE)]
    told = 0
    for ticket_id, incident_id in waiting:
        assert ticket_id is not None
        with write_session() as session:
            lock_tickets(session, incident_id)
            tries = tell_end(session, get_ticket(session, ticket_id))
        enqueue_tries(tries)
        told += bool(tries)
    return told


def tell_end(session: Session, ticket: TicketRow) -> list[Try]:
    """Plan what the ticket's vendor is told of its end; nothing where it knows it."""
    before, ends = ticket.end_told, ticket.end_untold
    if ends is None or ticket.id is None:
        return []
    ticket.end_told, ticket.end_untold = ends, None
    session.add(ticket)
    session.flush()
    zone = _zone_of(session, ticket)
    day = day_in(ends, zone)
    if before is not None and abs(ends - before) <= NEGLIGIBLE and day == day_in(before, zone):
        return []
    # an end may come back: each is a change of its own, and the row says that it was told
    change = FieldsChanged({"due": day.isoformat()}, ends=clock.isoformat(ends))
    return tell(session, ticket, change, _WATCH)


def _zone_of(session: Session, ticket: TicketRow) -> str:
    """The project's zone, as the integration's settings name it, else the zone of the policy."""
    config = load_usable(ticket.integration, session)
    if config is not None and config.zone_of_days:
        return config.zone_of_days
    stamped = response_policy(session, ticket.id or 0)
    return Versions(session).policy(*stamped).time.zone if stamped is not None else "UTC"
