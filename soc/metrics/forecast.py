"""What the tickets' own history says of those that are open: how likely each clock runs out, and whether it can be saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.domain.roster.assignment import TOO_MANY
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.domain.sla.forecast import LEAST_CLOSED, Handling, History, Past, Score, learn_all, score
from soc.domain.sla.saving import Saving
from soc.roster.standing import Member, read_members
from soc.sla.reading import ClockView, newest, read_cycles
from soc.store.db import read_session
from soc.store.nouns.sla.sla_history import PastClock, RunningClock, list_past, list_retargeted, list_running
from soc.store.nouns.sla.sla_policies import Versions
from soc.store.nouns.tickets.ticket_lists import list_by_clock
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow
from soc.store.unchanged import kept_for, while_unchanged

#: So many of the newest clocks of each kind are history; so many running ones are summed up.
MOST_PAST, MOST_RUNNING = 5_000, 50_000
#: What is learnt from history, and what is expected of all that runs, is at most so old.
STALE = timedelta(seconds=60)
#: So many tickets at risk are looked at one by one.
SHOWN = 20
_SECOND = 1_000_000


@dataclass(frozen=True)
class Learnt:
    """Of one kind of clock. `closed` counts the closed tickets behind it; `score` is None where nothing could be scored yet."""

    closed: int
    history: History
    score: Score | None

    @property
    def enough(self) -> bool:
        return self.closed >= LEAST_CLOSED

    @property
    def said(self) -> str:
        """Why there is no forecast ("": there is)."""
        if self.enough:
            return ""
        return f"No forecast yet: it takes {LEAST_CLOSED} closed tickets, and {self.closed:,} are."

    def chance(self, priority: str, *, target: timedelta, used: timedelta) -> float | None:
        """None where nothing can be said."""
        if not self.enough:
            return None
        return self.history.chance(priority, target=target.total_seconds(), used=used.total_seconds())


@dataclass(frozen=True)
class Memory:
    """What is known of the past: by kind of clock, and how long work took."""

    learnt: Mapping[ClockKind, Learnt]
    handling: Handling

    def chance(self, one: ClockView) -> float | None:
        """How likely it runs out; None where it no longer can, or nothing is known."""
        if one.ended_at is not None or one.breached_at is not None or one.state is SlaState.INTAKE:
            return None
        return self.learnt[one.clock].chance(one.priority, target=one.target, used=one.used)


@dataclass(frozen=True)
class Expected:
    """Of one kind of clock: `running` have not run out yet; `breaches` of them are expected to (None: no forecast)."""

    running: int
    breaches: float | None


@dataclass(frozen=True)
class AtRisk:
    """A ticket whose half of time is used: how likely it runs out (None: no forecast), and whether it can be saved."""

    ticket: TicketRow
    kind: ClockKind
    chance: float | None
    saving: Saving


@kept_for(STALE)
def read_memory() -> Memory:
    """Learnt from the newest MOST_PAST clocks of each kind; at most STALE old."""
    now = clock.now()
    with read_session() as session:
        rows, retargeted = list_past(session, limit=MOST_PAST), list_retargeted(session)
    return remember(rows, retargeted, now=now)


def remember(rows: Iterable[PastClock], retargeted: frozenset[tuple[int, str]], *, now: datetime) -> Memory:
    by_kind: dict[ClockKind, dict[int, PastClock]] = {kind: {} for kind in ClockKind}
    for row in rows:
        by_kind[ClockKind(row.clock)][row.ticket_id] = row
    response, resolution = by_kind[ClockKind.RESPONSE], by_kind[ClockKind.RESOLUTION]
    closed = sorted(row.ended_at for row in resolution.values() if row.ended_at is not None)
    learnt = {}
    for kind, mine in by_kind.items():
        past = [_past(row, (row.ticket_id, row.clock) in retargeted) for row in mine.values()]
        learnt[kind] = Learnt(len(closed), learn_all(past), score(past, closed, now=now))
    handled = [
        (row.priority, max(row.used - response[ticket].used, 0) / _SECOND)
        for ticket, row in resolution.items()
        if row.ended_at is not None and ticket in response and response[ticket].ended_at is not None
    ]
    return Memory(learnt, Handling(handled))


def _past(row: PastClock, retargeted: bool) -> Past:
    used = row.used / _SECOND if row.ended_at is not None else None
    return Past(
        row.priority, row.target / _SECOND, used, row.started_at, row.at_risk_at, row.due_at, row.breached_at, row.ended_at,
        retargeted,
    )  # fmt: skip


@kept_for(STALE)
def read_expected() -> Mapping[ClockKind, Expected]:
    """How many of all running clocks are expected to run out; at most STALE old."""
    now, memory = clock.now(), read_memory()
    with read_session() as session:
        running, versions = list_running(session, limit=MOST_RUNNING), Versions(session)
        chances: dict[ClockKind, list[float | None]] = {kind: [] for kind in ClockKind}
        for one in running:
            used = timedelta(microseconds=one.used) + _since(one, versions, now=now)
            learnt = memory.learnt[ClockKind(one.clock)]
            chance = learnt.chance(one.priority, target=timedelta(microseconds=one.target), used=used)
            chances[ClockKind(one.clock)].append(chance)
    return {
        kind: Expected(len(found), sum(one or 0.0 for one in found) if memory.learnt[kind].enough else None)
        for kind, found in chances.items()
    }


def _since(one: RunningClock, versions: Versions, *, now: datetime) -> timedelta:
    if not one.runs or now <= one.position:
        return timedelta(0)
    return versions.calendar(one.policy, one.version).working(one.position, now)


@while_unchanged
def read_at_risk(limit: int = SHOWN) -> Sequence[AtRisk]:
    """The tickets at risk, the next to run out first."""
    now = clock.now()
    with read_session() as session:
        chosen = TicketFilter(states=(SlaState.AT_RISK,))
        return judge(session, list_by_clock(session, chosen, now=now, limit=limit), now=now)


def judge(session: Session, tickets: Sequence[TicketRow], *, now: datetime) -> Sequence[AtRisk]:
    """Each of these whose clock runs, by the one that runs out next."""
    if not tickets:
        return ()
    memory, members = read_memory(), read_members(session, now=now)
    cycles = read_cycles(session, [one.id for one in tickets if one.id is not None], now=now)
    found = []
    for ticket in tickets:
        mine = cycles.get(ticket.id or 0, [])
        both = [one for kind in ClockKind if (one := newest(mine, kind)) is not None]
        running = [one for one in both if one.ended_at is None and one.state is not SlaState.INTAKE]
        if running:
            lead = min(running, key=lambda one: one.due_at)
            rest = _work_left(lead, newest(mine, ClockKind.RESPONSE), memory)
            saving = _saving(ticket, lead.clock, lead.left, rest, members)
            found.append(AtRisk(ticket, lead.clock, memory.chance(lead), saving))
        elif not mine:  # of before the ledger, and not looked at since
            saving = _saving(ticket, ClockKind.RESPONSE, ticket.due_at - now, None, members)
            found.append(AtRisk(ticket, ClockKind.RESPONSE, None, saving))
    return found


def _work_left(lead: ClockView, response: ClockView | None, memory: Memory) -> tuple[float, int] | None:
    """Seconds that the work usually still takes, and of how many that is the median; None: not known, or only to answer."""
    if lead.clock is ClockKind.RESPONSE:
        return None
    answered = response is not None and response.ended_at is not None
    spent = (lead.used - response.used) if answered and response is not None else timedelta(0)
    return memory.handling.rest(lead.priority, spent=max(spent.total_seconds(), 0.0))


def _saving(
    ticket: TicketRow,
    kind: ClockKind,
    left: timedelta,
    rest: tuple[float, int] | None,
    members: Sequence[Member],
) -> Saving:
    here = [one for one in members if one.presence.on]
    free = sorted((one for one in here if one.held < TOO_MANY), key=lambda one: (one.held, one.person.name))
    owner = next((one for one in members if one.person.id == ticket.owner), None)
    return Saving(
        clock=kind,
        left=left,
        typical=None if rest is None else timedelta(seconds=rest[0]),
        typical_of=0 if rest is None else rest[1],
        free=[one.person.name for one in free],
        owner=owner.person.name if owner else "",
        owner_here=owner in here,
        staffed=bool(members),
    )
