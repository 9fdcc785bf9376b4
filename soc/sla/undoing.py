"""What an act did to a ticket's clocks is taken back: by rows, so that both can be read for ever."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session

from soc.domain.actor import NOBODY_KNOWN, Actor
from soc.domain.sla.event import ClockEvent, EventKind
from soc.sla.book import Book
from soc.store.nouns.sla.sla_clocks import forget_cycles, last_event, list_written_since
from soc.store.nouns.tickets.tickets import TicketRow


def mark_rows(session: Session, tickets: Sequence[TicketRow]) -> int:
    """Where the ledgers of these tickets end now: what comes after it can be taken back (`rows_since`)."""
    return last_event(session, _ids(tickets))


def rows_since(session: Session, tickets: Sequence[TicketRow], mark: int) -> list[int]:
    """The rows that were written since then."""
    return list_written_since(session, _ids(tickets), after=mark)


def undone(
    session: Session, ticket: TicketRow, rows: Collection[int], *, at: datetime, actor: Actor, reason: str
) -> None:
    """From now on these rows of its ledger never were: no cycle was begun, ended or aimed anew by them.

    A ticket's first rows stay, whoever came first upon them. A breach that was noticed since is noticed anew where there is one
    without them.
    """
    book, first = Book(session, ticket), min(rows, default=0)
    taken = [one for one in book.events if _is_meant(one, rows, first)]
    for event in taken:
        undo = ClockEvent(event.clock, event.cycle, EventKind.UNDO, at, reason=reason, undoes=event.seq)
        book.add(undo, actor=actor)
    if not taken:
        return
    cycles = book.cycles
    forget_cycles(session, book.id, but=[(one.clock.value, one.number) for one in cycles])
    if all(one.breached_at is None for one in cycles):
        ticket.breached_at = None
    book.keep()


def _is_meant(event: ClockEvent, rows: Collection[int], first: int) -> bool:
    if event.kind is EventKind.BREACH:
        return bool(rows) and event.seq >= first
    return event.seq in rows and event.by != str(NOBODY_KNOWN)


def _ids(tickets: Sequence[TicketRow]) -> list[int]:
    return [one.id for one in tickets if one.id is not None]
