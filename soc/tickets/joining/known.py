"""What is known of incidents that come again: how they stand, their tickets, and who was told of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc.settings import get_settings
from soc.store.nouns.combined.repeats import list_of_ids, tickets_of, told_of
from soc.store.nouns.incidents.families import survivors_of
from soc.store.nouns.incidents.incidents import ENDED, IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.paging import portions
from soc.tickets.joining.rule import Way, in_words, way_of


@dataclass(frozen=True)
class Joining:
    """What becomes of something that is the incident `known` again. `said` says it to people.

    `ticket` is that incident's ticket by its key ("": it has none); `told` are the channels that tell of it.
    """

    way: Way
    known: str
    ticket: str
    told: frozenset[str]
    said: str

    @property
    def joins(self) -> bool:
        """Whether it stays one thing with what is known: nobody who was told of that is told again."""
        return self.way is not Way.FOLLOWS


def belongs_to(session: Session, incident_id: str, *, now: datetime) -> Joining | None:
    """What becomes of this incident when it comes again; None where it is not known here."""
    return joinings(session, [incident_id], now=now).get(incident_id)


def joinings(session: Session, incident_ids: Collection[str], *, now: datetime) -> dict[str, Joining]:
    """The same of many, by their ids. What comes for one that was merged comes for the one that it is one with."""
    into = survivors_of(session, incident_ids)
    found = _joinings(session, {into.get(one, one) for one in incident_ids}, now=now)
    return {one: found[known] for one in incident_ids if (known := into.get(one, one)) in found}


def _joinings(session: Session, incident_ids: Collection[str], *, now: datetime) -> dict[str, Joining]:
    window = timedelta(days=get_settings().reopen_days)
    found: dict[str, Joining] = {}
    for some in portions(sorted(set(incident_ids))):
        rows = list_of_ids(session, some)
        tickets = tickets_of(session, some)
        told = told_of(session, some)
        for row in rows:
            ticket = tickets.get(row.id)
            ended = _ended_at(row, ticket)
            way = way_of(ended, now=now, window=window)
            name = ticket.key if ticket is not None else f"“{row.title}”"
            said = in_words(way, name, ended, now=now)
            key = ticket.key if ticket is not None else ""
            found[row.id] = Joining(way, row.id, key, frozenset(told.get(row.id, ())), said)
    return found


def _ended_at(row: IncidentRow, ticket: TicketRow | None) -> datetime | None:
    """When it was done; a ticket says more than an incident that nobody has closed."""
    if ticket is not None:
        return ticket.resolved_at
    return (row.closed_at or row.created_at) if row.status in ENDED else None
