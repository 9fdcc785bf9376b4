"""A ticket's clocks begin: by its policy, or by what its row says where it is older than the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from soc.domain.actor import NOBODY_KNOWN, Actor
from soc.domain.sla.event import ClockEvent, ClockKind, EventKind, Mark
from soc.domain.sla.fold import Cycle, fold
from soc.domain.sla.policy import Policy, Start
from soc.sla.book import Book, priority_of
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow


def opened(
    session: Session,
    ticket: TicketRow,
    *,
    at: datetime,
    actor: Actor,
    source: str = "",
    known_at: datetime | None = None,
    anew: bool = False,
) -> None:
    """The ticket exists: both clocks start, by its policy.

    `known_at` is when the product first meant to have it; a clock that had run out by then is breached at intake. `anew`:
    the row is another ticket's now; what ran is cancelled.
    """
    book = Book(session, ticket)
    cycle = 1
    if book.events:
        if not anew:
            return
        cancel_all(book, at=at, actor=actor, reason="another ticket took its place", source=source)
        cycle = max(one.cycle for one in book.events) + 1
    policy, version = book.choose(priority_of(ticket))
    incident = session.get(IncidentRow, ticket.incident_id)
    detected = incident.created_at if incident is not None else at
    start = {
        Start.DETECTED: detected,
        Start.CREATED: at,
        Start.FIRST_EVENT: (incident.first_seen if incident is not None else None) or detected,
    }[policy.start]
    start = min(start, at) if cycle == 1 else at
    known = max(detected, min(known_at or detected, at))
    for kind in ClockKind:
        activate(
            book, kind, cycle, start, actor=actor, policy=policy, version=version, source=source, known=known
        )
    book.keep()


def activate(
    book: Book,
    kind: ClockKind,
    cycle: int,
    at: datetime,
    *,
    actor: Actor,
    policy: Policy,
    version: int,
    source: str,
    known: datetime | None = None,
    carried: timedelta = timedelta(0),
    reason: str = "",
    target: timedelta | None = None,
) -> None:
    priority = priority_of(book.ticket)
    event = ClockEvent(
        clock=kind,
        cycle=cycle,
        kind=EventKind.ACTIVATE,
        at=at,
        reason=reason or policy.start.value,
        policy=policy.id,
        version=version,
        priority=priority.value,
        target=target or policy.targets[priority].of(kind),
        carried=carried,
        source=source,
    )
    if known is not None:
        [begun] = fold([event], book.versions.calendar, now=known)
        if begun.breached_at is not None:
            event = _with_mark(event, Mark.INTAKE)
    book.add(event, actor=actor)


def _with_mark(event: ClockEvent, mark: Mark) -> ClockEvent:
    return ClockEvent(**{**vars(event), "mark": mark})


def open_book(session: Session, ticket: TicketRow, *, was_done: bool | None = None) -> Book:
    """The ticket's ledger. A ticket that has none yet gets the clocks of what its row says.

    `was_done` is whether it was before the change that is told of, where its row says already what it is after it.
    """
    done = ticket.resolved_at is not None if was_done is None else was_done
    book = Book(session, ticket)
    if not book.events:
        policy, version = book.choose(priority_of(ticket))
        response = max(ticket.due_at - ticket.created_at, timedelta(minutes=1))
        resolution = max(policy.targets[priority_of(ticket)].of(ClockKind.RESOLUTION), response)
        for kind, target in ((ClockKind.RESPONSE, response), (ClockKind.RESOLUTION, resolution)):
            activate(
                book, kind, 1, ticket.created_at, actor=NOBODY_KNOWN, policy=policy, version=version, source="",
                reason="it was there before the ledger", target=target,
            )  # fmt: skip
            if done:
                at = ticket.resolved_at or ticket.synced_at or book.now
                end = ClockEvent(kind, 1, EventKind.FULFIL, at, reason="it was resolved")
                book.add(end, actor=NOBODY_KNOWN)
    return book


def row_of(cycle: Cycle, kind: EventKind, at: datetime, **more: object) -> ClockEvent:
    return ClockEvent(cycle.clock, cycle.number, kind, at, **more)  # type: ignore[arg-type]


def cancel_all(book: Book, *, at: datetime, actor: Actor, reason: str, source: str) -> None:
    for kind in ClockKind:
        cycle = book.current(kind)
        if cycle is not None and cycle.ended_at is None:
            event = row_of(cycle, EventKind.CANCEL, at, reason=reason, source=source)
            book.add(event, actor=actor)
