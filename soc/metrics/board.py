"""What an analyst on shift asks first: what is on fire, what is mine, what is about to run out of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from soc import clock
from soc.domain.sla import SlaState
from soc.metrics.forecast import AtRisk, judge
from soc.store.db import read_session
from soc.store.nouns.combined.work import (
    Work,
    count_critical,
    count_owned,
    list_critical,
    list_next_due,
    list_overdue,
    list_owned,
)
from soc.store.nouns.people.people import list_people
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, count_tickets, read_state
from soc.store.paging import read_again
from soc.store.unchanged import while_unchanged

#: So many lines of each list fit the first screen.
SHOWN = 5


@dataclass(frozen=True)
class Board:
    """`fire`: critical and not over, then those that have run out of time; each once. `mine`: one person's. `next_due`: those that
    still have time, the next to run out first. The numbers count all of them; `unassigned` open tickets that nobody has. `names` are people's, by id; `saving` is
    of those of `next_due` that are at risk, by ticket.
    """

    fire: Sequence[Work]
    critical: int
    mine: Sequence[Work]
    owned: int
    next_due: Sequence[Work]
    unassigned: int
    names: dict[str, str]
    saving: Mapping[int, AtRisk]


@while_unchanged
def read_board(person_id: str) -> Board:
    """In one consistent view. `person_id` is who sits here ("": nobody has said: then nothing is theirs)."""
    now = clock.now()
    with read_session() as session:
        burning = [*list_critical(session, limit=SHOWN), *list_overdue(session, now=now, limit=SHOWN)]
        fire = {one.incident_id: one for one in reversed(burning)}
        next_due = list_next_due(session, now=now, limit=SHOWN)
        return Board(
            fire=[one for one in dict.fromkeys(burning) if fire[one.incident_id] is one][:SHOWN],
            critical=count_critical(session),
            mine=list_owned(session, person_id, limit=SHOWN) if person_id else (),
            owned=count_owned(session, person_id) if person_id else 0,
            next_due=next_due,
            unassigned=count_tickets(session, TicketFilter(is_open=True, owners=("",))),
            names={person.id: person.name for person in list_people(session, active_only=False)},
            saving=_saving(session, next_due, now=now),
        )


def _saving(session: Session, work: Sequence[Work], *, now: datetime) -> Mapping[int, AtRisk]:
    tickets = read_again(session, TicketRow, [one.ticket_id for one in work if one.ticket_id is not None])
    at_risk = [one for one in tickets if read_state(one, now=now) is SlaState.AT_RISK]
    return {one.ticket.id or 0: one for one in judge(session, at_risk, now=now)}
