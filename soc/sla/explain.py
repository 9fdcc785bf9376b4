"""Why a ticket's clocks stand where they stand; and whether what is kept of them is what their rows add up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from soc import clock
from soc.domain.sla.event import ClockEvent, EventKind, standing
from soc.domain.sla.fold import Cycle, fold
from soc.domain.sla.sentences import explain_all
from soc.integrations.naming import named
from soc.sla.book import Book, to_clock_row
from soc.store.db import read_session, write_session
from soc.store.nouns.sla.sla_clocks import (
    SlaClockRow,
    list_clock_rows,
    list_events,
    list_events_of,
    list_ticket_ids,
)
from soc.store.nouns.sla.sla_policies import Versions
from soc.store.nouns.tickets.tickets import TicketRow, get_ticket

#: What is compared of a kept cycle. `position` and `used` go on by themselves while it runs.
_COMPARED = (
    "policy", "version", "priority", "target", "state", "intake", "started_at", "snapped_to", "due_at", "breached_at",
    "ended_at", "runs", "paused_for", "next_at",
)  # fmt: skip


def explain_ticket(session: Session, ticket: TicketRow, *, zone: str = "UTC") -> list[str]:
    """A sentence for everything that ever moved one of its clocks, and for each interval between."""
    assert ticket.id is not None
    events = list_events(session, ticket.id)
    now = clock.now()
    cycles = fold(events, Versions(session).calendar, now=now)
    if not cycles:
        return ["No clock of this ticket has been started."]
    return explain_all(cycles, events, now=now, zone=zone, named=lambda text: named(session, text))


@dataclass(frozen=True)
class Difference:
    """What is kept is not what the rows add up to. `ledger`: the rows themselves lack one."""

    ticket_id: int
    ticket: str
    clock: str
    cycle: int
    field: str
    kept: str
    folded: str
    ledger: bool = False


def find_differences(session: Session) -> Iterator[Difference]:
    """Of every ticket that has a ledger. Nothing is changed."""
    versions, now, last = Versions(session), clock.now(), 0
    while ids := list_ticket_ids(session, after=last):
        events = list_events_of(session, ids)
        kept = list_clock_rows(session, ids)
        for ticket_id in ids:
            ticket = get_ticket(session, ticket_id)
            rows = {(row.clock, row.cycle): row for row in kept.get(ticket_id, [])}
            for cycle in fold(events[ticket_id], versions.calendar, now=now):
                yield from _compare(
                    ticket, cycle, events[ticket_id], rows.get((cycle.clock.value, cycle.number))
                )
        last = ids[-1]


def _compare(
    ticket: TicketRow, cycle: Cycle, events: list[ClockEvent], kept: SlaClockRow | None
) -> Iterator[Difference]:
    number = ticket.id or 0

    def found(field: str, was: object, is_: object, *, ledger: bool = False) -> Difference:
        return Difference(
            number, ticket.key, cycle.clock.value, cycle.number, field, str(was), str(is_), ledger
        )

    noticed = any(
        (one.clock, one.cycle, one.kind) == (cycle.clock, cycle.number, EventKind.BREACH)
        for one in standing(events)
    )
    if cycle.breached_at is not None and not noticed and cycle.breached_at < clock.now() - _TICKS:
        yield found("breach row", "none", cycle.breached_at, ledger=True)
    if kept is None:
        yield found("row", "none", "there")
        return
    folded = to_clock_row(number, cycle)
    for name in _COMPARED:
        if name in ("breached_at", "next_at") and not noticed:
            continue  # the watch comes by each minute
        if (was := getattr(kept, name)) != (is_ := getattr(folded, name)):
            yield found(name, was, is_)


#: The watch comes by each minute: what it has not noticed after several is missing.
_TICKS = timedelta(minutes=5)


def recompute(*, dry_run: bool) -> list[Difference]:
    """What differs. Unless it is a dry run, what the rows lack is added to them as rows, and what is kept is written anew."""
    with read_session() as session:
        differences = list(find_differences(session))
    if not dry_run:
        for ticket_id in sorted({one.ticket_id for one in differences}):
            with write_session() as session:
                Book(session, get_ticket(session, ticket_id)).keep()
    return differences
