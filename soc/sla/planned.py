"""Until when an incident's ticket has to be answered: by its clock where it has one, else by the policies in force."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from soc.clock import isoformat
from soc.domain.incident import Incident
from soc.domain.severity import Priority
from soc.domain.sla.event import ClockEvent, ClockKind, EventKind
from soc.domain.sla.fold import current, fold
from soc.domain.sla.planned import Planned, day_in
from soc.sla.book import Book
from soc.store.nouns.sla.sla_policies import list_in_force
from soc.store.nouns.tickets.tickets import find_of_incident


class Answer(NamedTuple):
    """`due` is the day (`YYYY-MM-DD`) and `ends` the moment (ISO-8601, UTC) at which the response target ends."""

    due: str
    ends: str


def planned_by(session: Session) -> Planned:
    """By the policies in force, read once for many incidents."""
    return Planned([policy for policy, _ in list_in_force(session)])


def answer_by(
    session: Session, incident: Incident, *, integration: str, now: datetime, zone: str = ""
) -> Answer:
    """For a message that opens the incident's ticket, or gives it the incident's priority; days are counted in `zone`."""
    known = _with_priority(session, incident, integration=integration, now=now)
    planned = planned_by(session)
    if known is None:
        ends = planned.response_ends(incident, now=now)
        return Answer(planned.day_of(incident, ends, zone=zone).isoformat(), isoformat(ends))
    ends, own = known
    return Answer(day_in(ends, zone or own).isoformat(), isoformat(ends))


def _with_priority(
    session: Session, incident: Incident, *, integration: str, now: datetime
) -> tuple[datetime, str] | None:
    """When the response clock that runs would end if the ticket had the incident's priority from now on, and its zone."""
    ticket = find_of_incident(session, incident.id, integration=integration)
    book = Book(session, ticket) if ticket is not None else None
    cycle = book.current(ClockKind.RESPONSE) if book is not None else None
    if book is None or cycle is None or cycle.ended_at is not None:
        return None
    priority = Priority(incident.priority)
    policy, version = book.policy()
    if not policy.covers(priority):
        policy, version = book.choose(priority)
    events = book.events
    if cycle.priority != priority.value:
        aimed = ClockEvent(
            ClockKind.RESPONSE, cycle.number, EventKind.APPLY_POLICY, now, policy=policy.id, version=version,
            priority=priority.value, target=policy.targets[priority].of(ClockKind.RESPONSE),
        )  # fmt: skip
        events = [*events, aimed]
    then = current(fold(events, book.versions.calendar, now=now), ClockKind.RESPONSE)
    assert then is not None
    return then.due_at, policy.time.zone
