"""The fold of a clock's rows against a slow reference that walks minute by minute, over random histories.

SOC_HISTORIES=3000 tries that many, others at each run; a few dozen are enough for every day.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soc.domain.sla import SlaState
from soc.domain.sla.calendar import Calendar
from soc.domain.sla.event import ClockEvent, ClockKind, EventKind, Mark, strength
from soc.domain.sla.fold import Cycle, fold
from soc.domain.sla.policy import WEEKDAYS, WorkingTime

HISTORIES = settings(
    max_examples=int(os.environ.get("SOC_HISTORIES", "20")),
    derandomize="SOC_HISTORIES" not in os.environ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
MINUTE = timedelta(minutes=1)
#: Days on which the clocks of these zones change; Lord Howe's by half an hour.
CHANGES = {
    "UTC": [date(2026, 2, 28)],
    "Europe/Berlin": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
}
WEEKS: list[dict[str, tuple[str, ...]]] = [
    {},
    dict.fromkeys(WEEKDAYS[:5], ("09:00-12:30", "13:15-17:00")),
    dict.fromkeys(WEEKDAYS, ("22:00-06:00",)),
    dict.fromkeys(WEEKDAYS, ("00:00-24:00",)),
    {"sunday": ("00:30-03:15",), "monday": ("01:00-02:15", "02:30-04:00")},
    dict.fromkeys(WEEKDAYS, ("01:45-02:10", "02:20-02:50")),
]


@dataclass
class Slow:
    """Counts minutes. Nothing is added up that could be counted."""

    time: WorkingTime
    target: int
    used: int = 0
    breached_at: datetime | None = None
    at_risk_at: datetime | None = None
    full_at: datetime | None = None
    paused: int = 0
    ended_at: datetime | None = None
    cancelled: bool = False
    holds: dict[Mark, datetime | None] = field(default_factory=dict)

    def works(self, moment: datetime) -> bool:
        if not self.time.week:
            return True
        local = moment.astimezone(ZoneInfo(self.time.zone)).replace(tzinfo=None)
        for back in (0, 1):
            day = (local - timedelta(days=back)).date()
            minute = local.hour * 60 + local.minute + back * 1440
            if any(start <= minute < end for start, end in self._intervals(day)):
                return True
        return False

    def _intervals(self, day: date) -> list[tuple[int, int]]:
        texts = self.time.days.get(day.isoformat())
        if texts is None:
            texts = self.time.days.get(day.strftime("%m-%d"))
        if texts is None:
            texts = () if day in self.time.holidays else self.time.week.get(WEEKDAYS[day.weekday()], ())
        found = []
        for text in texts:
            start, end = (int(one[:2]) * 60 + int(one[3:]) for one in text.split("-"))
            found.append((start, end if end > start else end + 1440))
        return found

    def look(self, moment: datetime) -> None:
        """What is so at this moment, before the minute that follows."""
        self.holds = {mark: until for mark, until in self.holds.items() if until is None or until > moment}
        if self.holds:
            return
        if self.at_risk_at is None and 2 * self.used >= self.target:
            self.at_risk_at = moment
        if self.used >= self.target:
            if self.full_at is not None and self.breached_at is None and moment > self.full_at:
                self.breached_at = self.full_at
            self.full_at = self.full_at or moment

    def pass_minute(self, moment: datetime) -> None:
        if self.holds:
            self.paused += 1
            self.full_at = None
        else:
            self.used += self.works(moment)


def walk(time: WorkingTime, events: list[ClockEvent], now: datetime) -> Slow:
    start = events[0]
    assert start.target is not None
    slow = Slow(time, start.target // MINUTE, used=start.carried // MINUTE)
    rest = sorted(events[1:], key=lambda one: (max(one.at, start.at), strength(one), one.seq))
    moment = start.at
    while True:
        slow.look(moment)
        while rest and max(rest[0].at, start.at) <= moment and slow.ended_at is None:
            event = rest.pop(0)
            match event.kind:
                case EventKind.APPLY_POLICY:
                    assert event.target is not None
                    slow.target = event.target // MINUTE
                    if slow.used < slow.target:
                        slow.full_at = None
                case EventKind.PAUSE:
                    slow.holds[event.mark] = event.until
                case EventKind.RESUME:
                    slow.holds.pop(event.mark, None)
                case EventKind.FULFIL | EventKind.CANCEL:
                    slow.ended_at, slow.cancelled = moment, event.kind is EventKind.CANCEL
                case _:
                    raise AssertionError(event.kind)
        if slow.ended_at is not None or moment >= now:
            return slow
        slow.look(moment)
        slow.pass_minute(moment)
        moment += MINUTE


def state(slow: Slow) -> SlaState:
    if slow.ended_at is not None:
        ended = SlaState.CANCELLED if slow.cancelled else SlaState.MET
        return SlaState.MISSED if slow.breached_at else ended
    if slow.breached_at:
        return SlaState.VIOLATED
    if slow.holds:
        return SlaState.PAUSED
    return SlaState.AT_RISK if 2 * slow.used >= slow.target else SlaState.ON_TRACK


@st.composite
def histories(draw: st.DrawFn) -> tuple[WorkingTime, list[ClockEvent], datetime]:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    week = draw(st.sampled_from(WEEKS))
    day = draw(st.sampled_from(CHANGES[zone]))
    days: dict[str, tuple[str, ...]] = {}
    holidays: tuple[date, ...] = ()
    if week and draw(st.booleans()):
        days = {(day + timedelta(days=1)).isoformat(): draw(st.sampled_from([(), ("08:00-10:00",)]))}
        holidays = (day - timedelta(days=1),)
    time = WorkingTime(zone=zone, week=week, holidays=holidays, days=days)
    base = datetime(day.year, day.month, day.day, tzinfo=UTC)
    minutes = st.integers(-2 * 1440, 2 * 1440)
    start = base + draw(minutes) * MINUTE
    targets = st.integers(1, 450).map(lambda n: 2 * n * MINUTE)  # half of it is whole minutes
    events = [ClockEvent(ClockKind.RESPONSE, 1, EventKind.ACTIVATE, start, target=draw(targets))]
    kinds = [EventKind.APPLY_POLICY, EventKind.PAUSE, EventKind.RESUME, EventKind.FULFIL, EventKind.CANCEL]
    weights = [4, 3, 3, 1, 1]
    menu = [kind for kind, weight in zip(kinds, weights, strict=True) for _ in range(weight)]
    for seq in range(1, draw(st.integers(0, 8)) + 1):
        kind = draw(st.sampled_from(menu))
        at = base + draw(minutes) * MINUTE
        pausing = kind in (EventKind.PAUSE, EventKind.RESUME)
        events.append(
            ClockEvent(
                ClockKind.RESPONSE, 1, kind, at, seq=seq,
                mark=draw(st.sampled_from([Mark.STATUS, Mark.HAND])) if pausing else Mark.NONE,
                target=draw(targets) if kind is EventKind.APPLY_POLICY else None,
                until=at + draw(st.integers(1, 600)) * MINUTE if kind is EventKind.PAUSE and draw(st.booleans()) else None,
            )
        )  # fmt: skip
    return time, events, base + draw(minutes) * MINUTE


def folded(calendar: Calendar, events: list[ClockEvent], now: datetime) -> Cycle:
    [cycle] = fold(events, lambda _policy, _version: calendar, now=now)
    return cycle


@HISTORIES
@given(histories())
def test_the_fold_says_what_counting_minutes_says(
    history: tuple[WorkingTime, list[ClockEvent], datetime],
) -> None:
    time, events, now = history
    last = max([now, *(event.at for event in events)])
    slow = walk(time, events, last)
    cycle = folded(time.calendar(), events, last)
    assert cycle.used == slow.used * MINUTE
    assert cycle.paused_for == slow.paused * MINUTE
    assert (cycle.breached_at, cycle.at_risk_at) == (slow.breached_at, slow.at_risk_at)
    assert (cycle.ended_at, cycle.state(last)) == (slow.ended_at, state(slow))
    known = len(events) - len(cycle.moot)
    assert known >= 1
    # the order in which rows were written down changes nothing but what only an order can say
    assert folded(time.calendar(), [events[0], *reversed(events[1:])], last).used == cycle.used


@HISTORIES
@given(histories(), st.lists(st.integers(-3000, 3000), max_size=6))
def test_a_clock_that_is_looked_at_in_between_or_after_a_jump_back_ends_the_same(
    history: tuple[WorkingTime, list[ClockEvent], datetime], looks: list[int]
) -> None:
    time, events, now = history
    calendar = time.calendar()
    [cycle] = fold(events, lambda _policy, _version: calendar, now=now)
    expected = folded(calendar, events, now + timedelta(days=9))
    for minutes in looks:
        cycle.advance(now + minutes * MINUTE)
    cycle.advance(now + timedelta(days=9))
    assert (cycle.used, cycle.breached_at, cycle.at_risk_at) == (
        expected.used, expected.breached_at, expected.at_risk_at,
    )  # fmt: skip


@HISTORIES
@given(histories())
def test_the_due_moment_is_the_first_by_which_the_time_has_passed(
    history: tuple[WorkingTime, list[ClockEvent], datetime],
) -> None:
    time, events, _ = history
    calendar, start = time.calendar(), events[0]
    assert start.target is not None
    due = calendar.add(start.at, start.target)
    assert calendar.working(start.at, due) == start.target
    assert calendar.working(start.at, due - MINUTE) < start.target


def test_a_priority_that_goes_to_and_fro_crosses_each_threshold_once() -> None:
    start, high, low = datetime(2026, 1, 15, tzinfo=UTC), 240 * MINUTE, 4320 * MINUTE
    events = [ClockEvent(ClockKind.RESPONSE, 1, EventKind.ACTIVATE, start, target=high)]
    risky, late = set[datetime | None](), set[datetime | None]()
    for turn in range(1, 51):
        at = start + 9 * turn * MINUTE
        target = low if turn % 2 else high
        events.append(ClockEvent(ClockKind.RESPONSE, 1, EventKind.APPLY_POLICY, at, seq=turn, target=target))
        cycle = folded(Calendar(), events, at + 8 * MINUTE)
        risky.add(cycle.at_risk_at)
        late.add(cycle.breached_at)
    half, whole = start + 126 * MINUTE, start + 240 * MINUTE
    # at minute 120 Low is in force, which is not at risk: that is crossed with the next change; at 240 it is High
    assert (risky - {None}, late - {None}) == ({half}, {whole})
