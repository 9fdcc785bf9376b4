"""What moves a ticket's clocks. Each function writes its rows in the session of the change that it tells of.

Every one takes `at` (when it happened), the actor, and `source`: the vendor's id of it, so that telling it twice is telling
it once. `by_product` says that the product itself did it, whatever account it used.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from soc.domain.actor import NOBODY_KNOWN, Actor, ActorKind
from soc.domain.severity import Priority
from soc.domain.sla.event import ClockEvent, ClockKind, EventKind, Mark
from soc.domain.sla.fold import Cycle, fold
from soc.domain.sla.policy import Policy, Reopening, Start
from soc.errors import ConfigurationError
from soc.sla.book import Book, priority_of
from soc.store.nouns.incidents import IncidentRow
from soc.store.nouns.tickets import TicketRow

#: A ticket that is reopened within this time was not done (where its policy says so).
SOON = timedelta(minutes=15)
_DONE = "done"
_NEW = "new"


def is_person(actor: Actor) -> bool:
    """Whether what this actor does can be an answer: never a key, a rule, a vendor's automation or the product."""
    return actor.kind is ActorKind.PERSON


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
        _cancel_all(book, at=at, actor=actor, reason="another ticket took its place", source=source)
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
        _activate(
            book, kind, cycle, start, actor=actor, policy=policy, version=version, source=source, known=known
        )
    book.keep()


def _activate(
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
            _activate(
                book, kind, 1, ticket.created_at, actor=NOBODY_KNOWN, policy=policy, version=version, source="",
                reason="it was there before the ledger", target=target,
            )  # fmt: skip
            if done:
                at = ticket.resolved_at or ticket.synced_at or book.now
                end = ClockEvent(kind, 1, EventKind.FULFIL, at, reason="it was resolved")
                book.add(end, actor=NOBODY_KNOWN)
    return book


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
    stopped = _answer(book, at=at, actor=actor, reason=act, source=source)
    book.keep()
    return stopped


def _answer(book: Book, *, at: datetime, actor: Actor, reason: str, source: str) -> bool:
    cycle = book.cycle_at(ClockKind.RESPONSE, at)
    if cycle is None or book.heard(source, EventKind.FULFIL):
        return False
    ended = cycle.ended_at
    if ended is not None and ended <= at:
        return False
    book.add(_of(cycle, EventKind.FULFIL, at, reason=reason, source=source), actor=actor)
    return ended is None


def _of(cycle: Cycle, kind: EventKind, at: datetime, **more: object) -> ClockEvent:
    return ClockEvent(cycle.clock, cycle.number, kind, at, **more)  # type: ignore[arg-type]


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
        _reopen(book, at=at, actor=actor, source=source)
    if category == _DONE and before_category != _DONE:
        _fulfil(book, at=at, actor=actor, source=source, status=status, person=person)
    elif person and category != _NEW:
        _answer(book, at=at, actor=actor, reason=f"moved it to {status}", source=source)
    _hold_by_status(book, status, at=at, actor=actor, source=source)
    book.keep()


def _fulfil(book: Book, *, at: datetime, actor: Actor, source: str, status: str, person: bool) -> None:
    """The ticket is done. Where no person did it and none had answered, the response is cancelled, not met."""
    cycle = book.cycle_at(ClockKind.RESOLUTION, at)
    if person:
        _answer(book, at=at, actor=actor, reason=f"moved it to {status}", source=source)
    if cycle is not None and cycle.ended_at is None and not book.heard(source, EventKind.CANCEL):
        book.add(
            _of(cycle, EventKind.FULFIL, at, reason=f"the ticket is {status}", source=source), actor=actor
        )
    response = book.cycle_at(ClockKind.RESPONSE, at)
    if response is not None and response.ended_at is None:
        why = "the ticket is done, and no person had answered"
        book.add(_of(response, EventKind.CANCEL, at, reason=why, source=source), actor=actor)


def _hold_by_status(book: Book, status: str, *, at: datetime, actor: Actor, source: str) -> None:
    policy, _ = book.policy()
    pauses = policy.pauses(status)
    for kind in ClockKind:
        cycle = book.cycle_at(kind, at)
        if cycle is None or cycle.ended_at is not None or pauses == (Mark.STATUS in cycle.holds):
            continue
        what = EventKind.PAUSE if pauses else EventKind.RESUME
        reason = f"the status is {status}"
        book.add(_of(cycle, what, at, mark=Mark.STATUS, reason=reason, source=source), actor=actor)


def reopened(session: Session, ticket: TicketRow, *, at: datetime, actor: Actor, source: str = "") -> None:
    """A ticket that was done is open again, without a change of status that was told (a new event came for it)."""
    book = open_book(session, ticket)
    _reopen(book, at=at, actor=actor, source=source)
    book.keep()


def _reopen(book: Book, *, at: datetime, actor: Actor, source: str) -> None:
    before = book.current(ClockKind.RESOLUTION)
    if before is None or before.ended_at is None or book.heard(source, EventKind.ACTIVATE, EventKind.RESUME):
        return
    policy, version = book.policy()
    priority = priority_of(book.ticket)
    if not policy.covers(priority):
        policy, version = book.choose(priority)
    at = max(at, before.ended_at)
    if policy.reopening is Reopening.AFTER_15_MIN and before.stopped_at and at - before.stopped_at <= SOON:
        again = _of(
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
        _activate(
            book, kind, number, at, actor=actor, policy=policy, version=version, source=source, carried=carried,
            reason="reopened",
        )  # fmt: skip


def priority_changed(
    session: Session,
    ticket: TicketRow,
    *,
    priority: Priority,
    at: datetime,
    actor: Actor,
    source: str = "",
    by_escalation: bool = False,
) -> None:
    """What was used is kept, and the time of the new priority holds from now on; an escalation's change moves no aim."""
    # the row may say the new priority already: a ticket's first rows are no proof that its clocks follow it
    fresh = not Book(session, ticket).events
    book = open_book(session, ticket)
    if book.heard(source, EventKind.APPLY_POLICY):
        return
    policy, version = book.policy()
    if not policy.covers(priority):
        policy, version = book.choose(priority)
    for kind in ClockKind:
        cycle = book.cycle_at(kind, at)
        if cycle is None or (cycle.ended_at is not None and cycle.ended_at <= at):
            continue
        if cycle.priority == priority.value and not by_escalation and not fresh:
            continue
        event = _of(
            cycle, EventKind.APPLY_POLICY, at, policy=policy.id, version=version, priority=priority.value, source=source,
            target=None if by_escalation else policy.targets[priority].of(kind),
            reason=f"the priority is {priority.value}" + (", by an escalation" if by_escalation else ""),
        )  # fmt: skip
        book.add(event, actor=actor)
    book.keep()


def policy_applied(
    session: Session, ticket: TicketRow, policy: Policy, version: int, *, at: datetime, actor: Actor
) -> None:
    """The clocks that run follow this version of a policy from now on; what was used is kept."""
    book = open_book(session, ticket)
    priority = priority_of(ticket)
    for kind in ClockKind:
        cycle = book.current(kind)
        if (
            cycle is None
            or cycle.ended_at is not None
            or (cycle.policy, cycle.version) == (policy.id, version)
        ):
            continue
        event = _of(
            cycle, EventKind.APPLY_POLICY, at, policy=policy.id, version=version, priority=priority.value,
            target=policy.targets[priority].of(kind), reason=f"version {version} of the policy {policy.id}",
        )  # fmt: skip
        book.add(event, actor=actor)
    book.keep()


#: A clock is paused by hand for no longer than this at a time.
LONGEST_PAUSE = timedelta(days=90)


def paused(
    session: Session,
    ticket: TicketRow,
    *,
    at: datetime,
    actor: Actor,
    reason: str,
    until: datetime,
    source: str = "",
) -> None:
    """Both clocks wait, by hand, until somebody resumes them or the time is over.

    Raises ConfigurationError without a reason, for a time that is over or too far away, or where no clock runs.
    """
    if not reason.strip():
        raise ConfigurationError(
            "A pause needs a reason.", hint="Say in a few words what the ticket waits for."
        )
    if until <= at:
        raise ConfigurationError("The pause would be over already.", hint="Choose an end in the future.")
    if until - at > LONGEST_PAUSE:
        raise ConfigurationError(
            f"A pause lasts {LONGEST_PAUSE.days} days at most.",
            hint="Choose an earlier end; it can be paused again then.",
        )
    book = open_book(session, ticket)
    if book.heard(source, EventKind.PAUSE):
        return
    running = [cycle for kind in ClockKind if (cycle := book.current(kind)) and cycle.ended_at is None]
    if not running:
        raise ConfigurationError(
            "No clock of this ticket runs.", hint="Only the clocks of an open ticket can be paused."
        )
    for cycle in running:
        event = _of(
            cycle, EventKind.PAUSE, at, mark=Mark.HAND, reason=reason.strip(), until=until, source=source
        )
        book.add(event, actor=actor)
    book.keep()


def resumed(
    session: Session, ticket: TicketRow, *, at: datetime, actor: Actor, reason: str = "", source: str = ""
) -> bool:
    """What was paused by hand goes on; returns whether anything was."""
    book = open_book(session, ticket)
    if book.heard(source, EventKind.RESUME):
        return False
    held = [cycle for kind in ClockKind if (cycle := book.current(kind)) and Mark.HAND in cycle.holds]
    for cycle in held:
        book.add(_of(cycle, EventKind.RESUME, at, mark=Mark.HAND, reason=reason, source=source), actor=actor)
    book.keep()
    return bool(held)


def cancelled(
    session: Session, ticket: TicketRow, *, at: datetime, actor: Actor, reason: str, source: str = ""
) -> None:
    """The ticket is gone (deleted, merged into another): its clocks end, neither met nor missed unless they were."""
    book = open_book(session, ticket)
    _cancel_all(book, at=at, actor=actor, reason=reason, source=source)
    book.keep()


def _cancel_all(book: Book, *, at: datetime, actor: Actor, reason: str, source: str) -> None:
    for kind in ClockKind:
        cycle = book.current(kind)
        if cycle is not None and cycle.ended_at is None:
            event = _of(cycle, EventKind.CANCEL, at, reason=reason, source=source)
            book.add(event, actor=actor)
