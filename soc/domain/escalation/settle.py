"""What a tick does with the steps that are due: the highest of each ticket is told, lower ones are moot.

After a long silence (an outage, a clock that jumped) many steps of a ticket may be due at once: to tell them all would bury
what matters. What a lower step does to the ticket (priority, owner) is done all the same; only its notice is moot.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from soc.domain.severity import Priority

Ticket = TypeVar("Ticket", bound=Hashable)


class Waiting(NamedTuple, Generic[Ticket]):
    """A planned step of a ticket that is due."""

    ticket: Ticket
    step: int
    loop: int
    at: datetime


@dataclass(frozen=True)
class Settled(Generic[Ticket]):
    """Of one ticket: the step that is told, and those that are moot because of it, in order."""

    told: Waiting[Ticket]
    moot: tuple[Waiting[Ticket], ...] = ()


def settle(due: Iterable[Waiting[Ticket]]) -> list[Settled[Ticket]]:
    """One entry a ticket, the longest overdue first."""
    by_ticket: dict[Ticket, list[Waiting[Ticket]]] = {}
    for one in due:
        by_ticket.setdefault(one.ticket, []).append(one)
    found = []
    for rows in by_ticket.values():
        *moot, told = sorted(rows, key=lambda row: (row.step, row.loop))
        found.append(Settled(told, tuple(moot)))
    return sorted(found, key=lambda one: (one.told.at, str(one.told.ticket)))


Item = TypeVar("Item")


@dataclass(frozen=True)
class Notice(Generic[Item]):
    """What one recipient is told at once over one channel: some lines, and the rest folded into a single one."""

    recipient: str
    channel: str
    lines: tuple[Item, ...]
    folded: tuple[Item, ...] = ()


#: Lines of a notice that are said in full.
FULL_LINES = 10


def combine(wanted: Mapping[tuple[str, str], Sequence[tuple[Item, bool]]]) -> list[Notice[Item]]:
    """One notice a recipient and channel. What was held back by the cap before (True) is folded, unless nothing else is
    told; so is what goes beyond FULL_LINES.
    """
    notices = []
    for (recipient, channel), items in wanted.items():
        fresh = [item for item, held in items if not held]
        held = [item for item, was_held in items if was_held]
        full, folded = (fresh, held) if fresh else (held, [])
        notices.append(Notice(recipient, channel, tuple(full[:FULL_LINES]), (*full[FULL_LINES:], *folded)))
    return notices


HOUR = timedelta(hours=1)
#: So far the clocks of two machines may be apart.
SKEW = timedelta(minutes=5)


def free_at(told: Sequence[datetime], cap: int, *, now: datetime) -> datetime | None:
    """When the recipient may be told again; None: now. `told` are the moments of their notices, in any order.

    What lies further ahead of `now` than clocks differ was told before the clock was set back: how long ago, nobody can say, and
    it does not count. Else it would keep them silent until the clock comes there again.
    """
    recent = sorted(min(one, now) for one in told if now - HOUR < one <= now + SKEW)
    if len(recent) < cap:
        return None
    return recent[-cap] + HOUR


def ack_ends(at: datetime, priority: Priority, minutes: Mapping[Priority, int]) -> datetime | None:
    """When an acknowledgement of that moment runs out; None: it holds for good."""
    length = minutes.get(priority)
    return None if length is None else at + timedelta(minutes=length)
