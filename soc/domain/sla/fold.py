"""The state of a clock is the fold of its rows: no counter is kept that the rows could not give again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from soc.domain.sla.calendar import Calendar
from soc.domain.sla.event import ClockEvent, ClockKind, EventKind, Mark, standing, strength
from soc.domain.sla.states import AT_RISK_PARTS, SlaState

#: The calendar of a policy's version.
CalendarOf = Callable[[str, int], Calendar]
_NONE = timedelta(0)


@dataclass(frozen=True)
class Stretch:
    """A time in which one thing held: `runs`, or what it waits for; `used` is the working time in it."""

    since: datetime
    until: datetime
    runs: bool
    used: timedelta = _NONE
    why: str = ""


@dataclass
class Cycle:
    """One cycle of one clock as its rows leave it.

    `used` is the working time up to `position`, the moment up to which it was followed. `due_at` is when the time is up
    if it goes on as it is: once it has run out, the moment at which it did. `at_risk_at` is when half of it is, or was,
    used; what was crossed once stays crossed.
    """

    clock: ClockKind
    number: int
    started_at: datetime
    position: datetime
    calendar_of: CalendarOf
    policy: str
    version: int
    priority: str
    target: timedelta
    used: timedelta = _NONE
    intake: bool = False
    breached_at: datetime | None = None
    #: When its present time was used up. That is no breach where it was over before anybody could know.
    over_at: datetime | None = None
    at_risk_at: datetime | None = None
    stopped_at: datetime | None = None
    cancelled_at: datetime | None = None
    ended_by: str = ""
    calendar: Calendar = field(init=False)
    due_at: datetime = field(init=False)
    paused_for: timedelta = _NONE
    #: Who or what holds it now, with the moment at which each lets go by itself.
    holds: dict[Mark, datetime | None] = field(default_factory=dict)
    stretches: list[Stretch] = field(default_factory=list)
    #: Rows that came too late to matter: the clock had been stopped by then.
    moot: list[ClockEvent] = field(default_factory=list)
    _why: dict[Mark, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.calendar = self.calendar_of(self.policy, self.version)
        self.due_at = self._find_due()

    @property
    def ended_at(self) -> datetime | None:
        return self.stopped_at or self.cancelled_at

    @property
    def runs(self) -> bool:
        return self.ended_at is None and not self.holds

    @property
    def snapped_to(self) -> datetime | None:
        """When it began to count, where it was started outside working time."""
        first = self.calendar.next_working(self.started_at)
        return first if first != self.started_at else None

    def at_share(self, share: float) -> datetime:
        """When this part of the time is used, if it goes on as it is; `position` where it is used already."""
        return self._add(self._goes_on_at(), self.target * share - self.used)

    def left(self, now: datetime) -> timedelta:
        """Working time that is left at that moment; negative after the end."""
        return self.target - self.used_by(now)

    def used_by(self, now: datetime) -> timedelta:
        more = self.calendar.working(self.position, now) if self.runs else _NONE
        return self.used + more

    def state(self, now: datetime) -> SlaState:
        if self.intake:
            return SlaState.INTAKE
        breached = self.breached_at is not None or (self.runs and now > self.due_at)
        if self.stopped_at is not None:
            return SlaState.MISSED if breached else SlaState.MET
        if self.cancelled_at is not None:
            return SlaState.MISSED if breached else SlaState.CANCELLED
        if breached:
            return SlaState.VIOLATED
        if self.holds:
            return SlaState.PAUSED
        risky = self.used_by(now) * AT_RISK_PARTS >= self.target
        return SlaState.AT_RISK if risky else SlaState.ON_TRACK

    def next_at(self) -> datetime | None:
        """The next moment at which it changes by itself in a way that must be written down; None: never."""
        if self.ended_at is not None:
            return None
        lets_go = [until for until in self.holds.values() if until is not None]
        if self.holds:
            return max(lets_go) if len(lets_go) == len(self.holds) else None
        return self.due_at if self.breached_at is None and not self.intake else None

    # what moves it

    def advance(self, to: datetime) -> None:
        """Let it run, or wait, up to that moment."""
        while self.ended_at is None and self.position < to:
            if not self.holds:
                self._run(to)
                break
            until = min([until for until in self.holds.values() if until is not None] + [to])
            self._wait(until)
            for mark in [mark for mark, ends in self.holds.items() if ends is not None and ends <= until]:
                del self.holds[mark]
        if self.ended_at is None:
            self.due_at = self._find_due()

    def _run(self, to: datetime) -> None:
        due = self._add(self.position, self.target - self.used)
        half = self._add(self.position, self.target / AT_RISK_PARTS - self.used)
        if self.at_risk_at is None and half <= to:
            self.at_risk_at = half
        if due < to and self.over_at is None:
            self.over_at = due
            self.breached_at = self.breached_at or (None if self.intake else due)
        used = self.calendar.working(self.position, to)
        self.stretches.append(Stretch(self.position, to, runs=True, used=used))
        self.used += used
        self.position = to

    def _wait(self, to: datetime) -> None:
        if to > self.position:
            why = "; ".join(reason for mark in self.holds if (reason := self._why.get(mark)))
            self.stretches.append(Stretch(self.position, to, runs=False, why=why))
            self.paused_for += to - self.position
            self.position = to

    def _add(self, start: datetime, length: timedelta) -> datetime:
        return self.calendar.add(start, length)

    def _goes_on_at(self) -> datetime:
        """The moment from which it counts on: now, or when all that holds it lets go by itself."""
        lets_go = [until for until in self.holds.values() if until is not None]
        return max([self.position, *lets_go]) if len(lets_go) == len(self.holds) else self.position

    def _find_due(self) -> datetime:
        return self.breached_at or self.over_at or self._add(self._goes_on_at(), self.target - self.used)

    def apply(self, event: ClockEvent) -> None:
        """One row more; those of a clock that has ended are moot."""
        at = max(event.at, self.started_at)
        if event.kind is EventKind.RESUME and event.mark is Mark.REOPENED and self.stopped_at is not None:
            self.stretches.append(Stretch(self.position, at, runs=False, why="it was resolved"))
            self.stopped_at, self.ended_by, self.position = None, "", at
            self.due_at = self._find_due()
            return
        if self.ended_at is not None:
            self.moot.append(event)
            return
        self.advance(at)
        match event.kind:
            case EventKind.APPLY_POLICY if event.target is not None:
                self.priority, self.target, self.over_at = event.priority, event.target, None
                self.policy, self.version = event.policy, event.version
                self.calendar = self.calendar_of(event.policy, event.version)
            case EventKind.PAUSE:
                self.holds[event.mark], self._why[event.mark] = event.until, event.reason
            case EventKind.RESUME:
                self.holds.pop(event.mark, None)
            case EventKind.FULFIL:
                self.stopped_at, self.ended_by = at, event.by
            case EventKind.CANCEL:
                self.cancelled_at, self.ended_by = at, event.by
            case EventKind.BREACH if self.breached_at is None:
                self.breached_at = event.at
            case _:
                pass
        self.due_at = self._find_due()


def fold(events: Iterable[ClockEvent], calendar_of: CalendarOf, *, now: datetime) -> list[Cycle]:
    """Every cycle of every clock in these rows, by clock and number, followed up to `now`.

    Rows count by when they happened, not by when they became known. At one instant a stop is stronger than a pause, and
    a pause stronger than a start. A row of a time before its cycle began counts at its beginning. What was taken back
    never was.
    """
    by_cycle: dict[tuple[ClockKind, int], list[ClockEvent]] = {}
    for event in standing(events):
        by_cycle.setdefault((event.clock, event.cycle), []).append(event)
    found = [_fold_cycle(rows, calendar_of, now=now) for _, rows in sorted(by_cycle.items())]
    return [cycle for cycle in found if cycle is not None]


def _fold_cycle(rows: Sequence[ClockEvent], calendar_of: CalendarOf, *, now: datetime) -> Cycle | None:
    start = min(
        (row for row in rows if row.kind is EventKind.ACTIVATE), key=lambda row: row.seq, default=None
    )
    if start is None or start.target is None:
        return None
    cycle = Cycle(
        clock=start.clock,
        number=start.cycle,
        started_at=start.at,
        position=start.at,
        calendar_of=calendar_of,
        policy=start.policy,
        version=start.version,
        priority=start.priority,
        target=start.target,
        used=start.carried,
        intake=start.mark is Mark.INTAKE,
    )
    others = [row for row in rows if row.kind is not EventKind.ACTIVATE]
    for row in sorted(others, key=lambda row: (max(row.at, start.at), strength(row), row.seq)):
        cycle.apply(row)
    cycle.advance(now)
    return cycle


def current(cycles: Sequence[Cycle], clock: ClockKind) -> Cycle | None:
    """The newest cycle of that clock."""
    return next((cycle for cycle in reversed(cycles) if cycle.clock is clock), None)


def leading(cycles: Sequence[Cycle]) -> Cycle | None:
    """The clock that a list shows for the ticket: the one that runs out next, else the one that ended last."""
    newest = [found for kind in ClockKind if (found := current(cycles, kind)) is not None]
    running = [cycle for cycle in newest if cycle.ended_at is None]
    if running:
        return min(running, key=lambda cycle: (cycle.due_at, cycle.clock != ClockKind.RESPONSE))
    return max(newest, key=lambda cycle: (cycle.ended_at or cycle.started_at, cycle.number), default=None)
