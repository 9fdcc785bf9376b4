"""The clock that an escalation follows: which cycle, whether it still counts, and when a share of its time is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from soc.delivery.turns import said_by
from soc.domain.escalation.chain import Chain
from soc.domain.sla.event import ClockKind
from soc.domain.sla.fold import Cycle, current, fold
from soc.store.nouns.sla.sla_clocks import list_events
from soc.store.nouns.sla.sla_policies import Versions
from soc.store.nouns.tickets.tickets import TicketRow


@dataclass(frozen=True)
class Watch:
    """`stopped` says in words why nothing more is to be told ("": it counts). `used(share)` is when so many percent of the
    clock's time are used, or were; None: never, as it stands.
    """

    cycle: int
    stopped: str
    intake: bool
    used: Callable[[int], datetime | None]


def read_watch(session: Session, ticket: TicketRow, chain: Chain, *, now: datetime) -> Watch:
    """The clock of the chain for this ticket, as it is now: the fold of its ledger."""
    cycles = fold(list_events(session, ticket.id or 0), Versions(session).calendar, now=now)
    cycle = current(cycles, ClockKind(chain.clock))
    if cycle is None:  # opened before there was a ledger, and not looked at since
        return Watch(1, "resolved" if ticket.resolved_at else "", False, _straight(ticket))
    stopped = ""
    if cycle.ended_at is not None:
        words = "answered" if cycle.clock is ClockKind.RESPONSE and cycle.stopped_at else "ended"
        stopped = said_by(session, f"{words} by {cycle.ended_by}")
    elif ticket.resolved_at is not None:
        stopped = "resolved"
    return Watch(cycle.number, stopped, cycle.intake, lambda share: crossed_at(cycle, share))


def _straight(ticket: TicketRow) -> Callable[[int], datetime]:
    length = ticket.due_at - ticket.created_at
    return lambda share: ticket.created_at + length * share / 100


def crossed_at(cycle: Cycle, share: int) -> datetime | None:
    """When so many percent of the cycle's time were used, or will be if it goes on as it is.

    What the cycle says of itself (half of it, all of it) stays what it was, whatever was changed since.
    """
    known = {50: cycle.at_risk_at, 100: cycle.breached_at}.get(share)
    if known is not None:
        return known
    part = cycle.target * share / 100
    if cycle.used < part:
        waits_for_good = any(until is None for until in cycle.holds.values())
        return None if waits_for_good or cycle.ended_at is not None else cycle.at_share(share / 100)
    before = cycle.used - sum((one.used for one in cycle.stretches), start=cycle.target * 0)
    if before >= part:
        return cycle.started_at
    for one in cycle.stretches:
        if one.runs and before + one.used >= part:
            return cycle.calendar.add(one.since, part - before)
        before += one.used
    return cycle.position
