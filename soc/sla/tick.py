"""The watch: what changes by itself as time passes is written down, and nothing is touched that does not change."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc import clock
from soc.domain.sla.event import ClockEvent, ClockKind, EventKind
from soc.sla.book import WATCH, Book
from soc.store.nouns.sla_clocks import SlaClockRow, SlaEventRow
from soc.store.nouns.sla_policies import Versions
from soc.store.nouns.tickets import TicketRow

#: So many pauses that are over are ended at one tick; the next tick goes on.
_PAUSES_AT_ONCE = 500


def tick(session: Session, *, now: datetime) -> int:
    """End the pauses that are over, record the breach of each clock that ran out; returns how many did."""
    _end_pauses(session, now=now)
    return _record_breaches(session, now=now)


def _record_breaches(session: Session, *, now: datetime) -> int:
    """All in the database: one row of the ledger for each, at the moment when the time was up."""
    row = SlaClockRow
    ran_out = (col(row.next_at) < now, col(row.runs).is_(True), col(row.breached_at).is_(None))
    made = sa.bindparam("made_at", clock.now(), type_=SlaEventRow.__table__.c.made_at.type)  # type: ignore[attr-defined]
    breaches = sa.select(
        col(row.ticket_id), col(row.clock), col(row.cycle), sa.literal(EventKind.BREACH.value), col(row.due_at), made,
        sa.literal(str(WATCH)), *(sa.literal("") for _ in range(4)), sa.literal(0), sa.literal(0), sa.literal(""),
    ).where(*ran_out)  # fmt: skip
    columns = (
        "ticket_id", "clock", "cycle", "kind", "at", "made_at", "made_by", "reason", "mark", "policy", "priority",
        "version", "carried", "source",
    )  # fmt: skip
    connection = session.connection()
    connection.execute(sa.insert(SlaEventRow).from_select(columns, breaches))
    changed = sa.update(SlaClockRow).where(*ran_out).values(breached_at=col(row.due_at), next_at=None)
    return connection.execute(changed).rowcount


def _end_pauses(session: Session, *, now: datetime) -> None:
    row = SlaClockRow
    over = (col(row.next_at) <= now, col(row.runs).is_(False))
    ids = session.exec(select(row.ticket_id).where(*over).distinct().limit(_PAUSES_AT_ONCE)).all()
    versions = Versions(session)
    for ticket_id in ids:
        ticket = session.get_one(TicketRow, ticket_id)
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
