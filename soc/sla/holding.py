"""What makes clocks wait by hand, and what ends them for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.sla.event import ClockKind, EventKind, Mark
from soc.errors import ConfigurationError
from soc.sla.starting import cancel_all, open_book, row_of
from soc.store.nouns.tickets.tickets import TicketRow

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
        event = row_of(
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
        book.add(
            row_of(cycle, EventKind.RESUME, at, mark=Mark.HAND, reason=reason, source=source), actor=actor
        )
    book.keep()
    return bool(held)


def cancelled(
    session: Session, ticket: TicketRow, *, at: datetime, actor: Actor, reason: str, source: str = ""
) -> None:
    """The ticket is gone (deleted, merged into another): its clocks end, neither met nor missed unless they were."""
    book = open_book(session, ticket)
    cancel_all(book, at=at, actor=actor, reason=reason, source=source)
    book.keep()


def pause_by_hand(
    session: Session,
    ticket: TicketRow,
    *,
    actor: Actor,
    reason: str,
    until: datetime,
    at: datetime | None = None,
) -> None:
    """`paused`, as an act of somebody: with its entry in the audit."""
    moment = at or clock.now()
    paused(session, ticket, at=moment, actor=actor, reason=reason, until=until)
    note = f"{reason.strip()} (until {clock.isoformat(until)})"
    record(session, actor, "pause clocks", Subject(SubjectKind.TICKET, str(ticket.id)), note=note)


def resume_by_hand(session: Session, ticket: TicketRow, *, actor: Actor, at: datetime | None = None) -> bool:
    """`resumed`, as an act of somebody: with its entry in the audit where anything was paused."""
    went_on = resumed(session, ticket, at=at or clock.now(), actor=actor, reason="resumed by hand")
    if went_on:
        record(session, actor, "resume clocks", Subject(SubjectKind.TICKET, str(ticket.id)))
    return went_on
