"""What ends a clock, or makes it wait, as the ticket moves; and what begins its next cycle."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from soc.domain.actor import Actor, ActorKind
from soc.domain.sla.event import ClockKind, EventKind, Mark
from soc.domain.sla.policy import Reopening
from soc.sla.book import Book, priority_of
from soc.sla.starting import activate, open_book, row_of
from soc.store.nouns.tickets.tickets import TicketRow

#: A ticket that is reopened within this time was not done (where its policy says so).
SOON = timedelta(minutes=15)
_DONE = "done"
_NEW = "new"


def is_person(actor: Actor) -> bool:
    """Whether what this actor does can be an answer: never a key, a rule, a vendor's automation or the product."""
    return actor.kind is ActorKind.PERSON


def person_acted(
    session: Session,
    ticket: TicketRow,
    *,
    at: datetime,
    actor: Actor,
    act: str,
    source: str = "",
    by_product: bool = False,
) -> bool:
    """Somebody did something that is an answer (`act`: “assigned it”, “acknowledged it in Slack”, “wrote a comment” …).

    Returns whether the response clock stopped by it.
    """
    if by_product or not is_person(actor):
        return False
    book = open_book(session, ticket)
    stopped = answer(book, at=at, actor=actor, reason=act, source=source)
    book.keep()
    return stopped


def answer(book: Book, *, at: datetime, actor: Actor, reason: str, source: str) -> bool:
    cycle = book.cycle_at(ClockKind.RESPONSE, at)
    if cycle is None or book.heard(source, EventKind.FULFIL):
        return False
    ended = cycle.ended_at
    if ended is not None and ended <= at:
        return False
    book.add(row_of(cycle, EventKind.FULFIL, at, reason=reason, source=source), actor=actor)
    return ended is None


def status_changed(
    session: Session,
    ticket: TicketRow,
    *,
    status: str,
    category: str,
    before_category: str,
    at: datetime,
    actor: Actor,
    source: str = "",
    by_product: bool = False,
) -> None:
    """The ticket's status is another one; categories are Jira's `new`, `indeterminate` and `done`."""
    book = open_book(session, ticket, was_done=before_category == _DONE)
    person = is_person(actor) and not by_product
    if before_category == _DONE and category != _DONE:
        reopen(book, at=at, actor=actor, source=source)
    if category == _DONE and before_category != _DONE:
        _fulfil(book, at=at, actor=actor, source=source, status=status, person=person)
    elif person and category != _NEW:
        answer(book, at=at, actor=actor, reason=f"moved it to {status}", source=source)
    _hold_by_status(book, status, at=at, actor=actor, source=source)
    book.keep()


def _fulfil(book: Book, *, at: datetime, actor: Actor, source: str, status: str, person: bool) -> None:
    """The ticket is done. Where no person did it and none had answered, the response is cancelled, not met."""
    cycle = book.cycle_at(ClockKind.RESOLUTION, at)
    if person:
        answer(book, at=at, actor=actor, reason=f"moved it to {status}", source=source)
    if cycle is not None and cycle.ended_at is None and not book.heard(source, EventKind.CANCEL):
        book.add(
            row_of(cycle, EventKind.FULFIL, at, reason=f"the ticket is {status}", source=source), actor=actor
        )
    response = book.cycle_at(ClockKind.RESPONSE, at)
    if response is not None and response.ended_at is None:
        why = "the ticket is done, and no person had answered"
        book.add(row_of(response, EventKind.CANCEL, at, reason=why, source=source), actor=actor)


def _hold_by_status(book: Book, status: str, *, at: datetime, actor: Actor, source: str) -> None:
    policy, _ = book.policy()
    pauses = policy.pauses(status)
    for kind in ClockKind:
        cycle = book.cycle_at(kind, at)
        if cycle is None or cycle.ended_at is not None or pauses == (Mark.STATUS in cycle.holds):
            continue
        what = EventKind.PAUSE if pauses else EventKind.RESUME
        reason = f"the status is {status}"
        book.add(row_of(cycle, what, at, mark=Mark.STATUS, reason=reason, source=source), actor=actor)


def reopened(session: Session, ticket: TicketRow, *, at: datetime, actor: Actor, source: str = "") -> None:
    """A ticket that was done is open again, without a change of status that was told (a new event came for it)."""
    book = open_book(session, ticket)
    reopen(book, at=at, actor=actor, source=source)
    book.keep()


def reopen(book: Book, *, at: datetime, actor: Actor, source: str) -> None:
    before = book.current(ClockKind.RESOLUTION)
    if before is None or before.ended_at is None or book.heard(source, EventKind.ACTIVATE, EventKind.RESUME):
        return
    policy, version = book.policy()
    priority = priority_of(book.ticket)
    if not policy.covers(priority):
        policy, version = book.choose(priority)
    at = max(at, before.ended_at)
    if policy.reopening is Reopening.AFTER_15_MIN and before.stopped_at and at - before.stopped_at <= SOON:
        again = row_of(
            before, EventKind.RESUME, at, mark=Mark.REOPENED, reason="reopened at once", source=source
        )
        book.add(again, actor=actor)
        return
    goes_on = policy.reopening is Reopening.CONTINUE
    number = max(one.cycle for one in book.events) + 1
    for kind in ClockKind:
        if goes_on and kind is ClockKind.RESPONSE:
            continue
        carried = before.used if goes_on else timedelta(0)
        activate(
            book, kind, number, at, actor=actor, policy=policy, version=version, source=source, carried=carried,
            reason="reopened",
        )  # fmt: skip
