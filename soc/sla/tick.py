"""The watch: what changes by itself as time passes is written down, and nothing is touched that does not change."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.domain.sla.event import ClockEvent, ClockKind, EventKind
from soc.sla.book import WATCH, Book
from soc.store.nouns.sla.sla_due import list_over_pauses, record_breaches
from soc.store.nouns.sla.sla_policies import Versions

#: So many pauses that are over are ended at one tick; the next tick goes on.
_PAUSES_AT_ONCE = 500


def tick(session: Session, *, now: datetime) -> int:
    """End the pauses that are over, record the breach of each clock that ran out; returns how many did."""
    _end_pauses(session, now=now)
    return record_breaches(session, now=now, actor=WATCH)


def _end_pauses(session: Session, *, now: datetime) -> None:
    versions = Versions(session)
    for ticket in list_over_pauses(session, now=now, limit=_PAUSES_AT_ONCE):
        end_pause(Book(session, ticket, versions=versions), now=now)


def end_pause(book: Book, *, now: datetime) -> None:
    """A row that says that the pause was over; the fold knew it already."""
    for kind in ClockKind:
        for event in [one for one in book.events if one.clock is kind and one.kind is EventKind.PAUSE]:
            if event.until is None or event.until > now or _told(book, event):
                continue
            resume = ClockEvent(
                kind, event.cycle, EventKind.RESUME, event.until, mark=event.mark, reason="the pause was over"
            )
            book.add(resume, actor=WATCH)
    book.keep()


def _told(book: Book, pause: ClockEvent) -> bool:
    return any(
        (one.clock, one.cycle, one.mark) == (pause.clock, pause.cycle, pause.mark)
        and one.kind in (EventKind.RESUME, EventKind.PAUSE)
        and one.seq > pause.seq
        for one in book.events
    )
