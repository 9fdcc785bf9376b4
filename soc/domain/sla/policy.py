"""An SLA policy: which tickets it is for, how long they may wait, which time counts, and what starts, pauses and reopens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints, model_validator

from soc.domain.severity import Priority
from soc.domain.sla.calendar import ALWAYS, Calendar, Interval
from soc.domain.sla.day import Day
from soc.domain.sla.event import ClockKind
from soc.domain.sla.thresholds import GUIDE_THRESHOLDS, RESOLUTION_DEFAULTS

#: The policy that takes what no other takes; it cannot be taken away.
DEFAULT_POLICY = "default"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = 24 * 60
_LONGEST = 366 * _DAY
#: The years that a calendar is tried on before it is taken.
_YEARS = range(2024, 2036)
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
#: A time that takes longer than this to pass is a slip of the pen.
_FAR = timedelta(days=5 * 366)
_Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
#: A policy may be for so many names of a kind, and so many days may have hours of their own: each clock walks them.
_MOST = 1_000
_Hours = Annotated[tuple[Annotated[str, StringConstraints(max_length=20)], ...], Field(max_length=24)]


class Start(StrEnum):
    DETECTED = "detected"
    CREATED = "ticket created"
    FIRST_EVENT = "first event"


class Reopening(StrEnum):
    NEW_TIME = "new time"
    CONTINUE = "continue"
    #: New time only where it was reopened more than 15 minutes after its end; before that, its cycle goes on.
    AFTER_15_MIN = "new time after 15 min"


class Target(BaseModel):
    """Minutes of working time until somebody answers, and until the ticket is done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    response: StrictInt = Field(ge=1, le=_LONGEST, examples=[60])
    resolution: StrictInt = Field(ge=1, le=_LONGEST, examples=[480])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.response > self.resolution:
            raise ValueError(
                f"the response may not take longer than the resolution ({self.response} min > {self.resolution} min): "
                "shorten the response or lengthen the resolution"
            )
        return self

    def of(self, clock: ClockKind) -> timedelta:
        return timedelta(minutes=self.response if clock is ClockKind.RESPONSE else self.resolution)


class Match(BaseModel):
    """Which tickets a policy is for. An empty list takes all; projects and teams by name, in any case of letters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    priorities: tuple[Priority, ...] = Field(default=(), max_length=_MOST)
    classes: tuple[_Name, ...] = Field(default=(), max_length=_MOST)
    sources: tuple[_Name, ...] = Field(default=(), max_length=_MOST)
    projects: tuple[_Name, ...] = Field(default=(), max_length=_MOST)
    teams: tuple[_Name, ...] = Field(default=(), max_length=_MOST)

    def takes(self, about: Subject) -> bool:
        asked: Sequence[tuple[Sequence[str], str]] = (
            (self.priorities, about.priority),
            (self.classes, about.classification),
            (self.sources, about.source),
            (self.projects, about.project),
            (self.teams, about.team),
        )
        return all(
            not wanted or value.casefold() in {one.casefold() for one in wanted} for wanted, value in asked
        )


class Subject(BaseModel):
    """What a policy is chosen by."""

    model_config = ConfigDict(frozen=True)

    priority: Priority
    classification: str = ""
    source: str = ""
    project: str = ""
    team: str = ""


class WorkingTime(BaseModel):
    """Which time counts. Without a `week`, day and night; intervals read `09:00-12:30`, `22:00-06:00` ends on the next day.

    `country` (and `subdivision`) close its public holidays, which are written into `holidays` when the policy is saved,
    so that a newer list never moves an old clock. `days` are dates (`2026-12-31`) or days of every year (`12-24`) with
    intervals of their own; none: closed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: str = Field(default="UTC", max_length=64, examples=["Europe/Berlin"])
    week: Mapping[str, _Hours] = Field(
        default_factory=dict, max_length=7, examples=[{"monday": ["09:00-12:30", "13:00-17:00"]}]
    )
    country: str = Field(default="", max_length=2, examples=["DE"])
    subdivision: str = Field(default="", max_length=10, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["BE"])
    holidays: tuple[Day, ...] = Field(default=(), max_length=5 * _MOST)
    days: Mapping[str, _Hours] = Field(
        default_factory=dict, max_length=_MOST, examples=[{"12-24": ["09:00-13:00"]}]
    )

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.zone not in available_timezones():
            raise ValueError(f"“{self.zone}” is no time zone: write one such as Europe/Berlin")
        wrong = [name for name in self.week if name not in WEEKDAYS]
        if wrong:
            raise ValueError(f"“{wrong[0]}” is no day of the week: write monday … sunday")
        if not self.week and (self.days or self.country or self.holidays):
            raise ValueError(
                "day and night has no closed days: give the hours of the week, or leave the days out"
            )
        if self.week:
            _no_overlap(tuple(_read_intervals(self.week.get(name, ())) for name in WEEKDAYS))
        dates, yearly = _read_days(self.days)
        if self.week and not any(self.week.values()):
            raise ValueError("there is no working time at all: give at least one day some hours")
        for intervals in (*dates.values(), *yearly.values()):
            _sorted_apart(intervals)
        _some_in_every_year(self.calendar() if self.week else ALWAYS)
        return self

    def calendar(self) -> Calendar:
        dates, yearly = _read_days(self.days)
        closed: dict[date, tuple[Interval, ...]] = {
            day: () for day in self.holidays if (day.month, day.day) not in yearly
        }
        return Calendar(
            zone=self.zone,
            week=tuple(_read_intervals(self.week.get(name, ())) for name in WEEKDAYS) if self.week else (),
            days={**closed, **dates},
            yearly=yearly,
        )


def _some_in_every_year(calendar: Calendar) -> None:
    if calendar.always:
        return
    for year in _YEARS:
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
        if not any(calendar.intervals_of(day) for day in days):
            raise ValueError(
                f"there is no working time at all in {year}: give at least one day some hours, or close fewer days"
            )


def _read_intervals(texts: Iterable[str]) -> tuple[Interval, ...]:
    return tuple(sorted(_read_interval(text) for text in texts))


def _read_interval(text: str) -> Interval:
    """`09:00-12:30` as minutes. Raises ValueError with what to write."""
    first, dash, last = text.replace("–", "-").partition("-")
    start, end = _minutes(first), _minutes(last)
    if not dash or start is None or end is None or start >= _DAY or start == end:
        raise ValueError(f"“{text}” is no interval: write 09:00-17:00, or 22:00-06:00 for one over midnight")
    return start, end if end > start else end + _DAY


def _minutes(text: str) -> int | None:
    hour, colon, minute = text.strip().partition(":")
    if not (
        colon
        and hour.isascii()
        and hour.isdecimal()
        and minute.isascii()
        and minute.isdecimal()
        and len(minute) == 2
    ):
        return None
    found = int(hour) * 60 + int(minute)
    return found if int(minute) < 60 and found <= _DAY else None


def _read_days(
    days: Mapping[str, tuple[str, ...]],
) -> tuple[dict[date, tuple[Interval, ...]], dict[tuple[int, int], tuple[Interval, ...]]]:
    dates: dict[date, tuple[Interval, ...]] = {}
    yearly: dict[tuple[int, int], tuple[Interval, ...]] = {}
    for name, texts in days.items():
        try:
            if len(name) == 5:
                day = date.fromisoformat(f"2024-{name}")  # a leap year: 02-29 is a day of a year
                yearly[day.month, day.day] = _read_intervals(texts)
            else:
                dates[date.fromisoformat(name)] = _read_intervals(texts)
        except ValueError as error:
            if "interval" in str(error):
                raise
            raise ValueError(f"“{name}” is no day: write 2026-12-31, or 12-24 for every year") from None
    return dates, yearly


def _sorted_apart(intervals: Sequence[Interval]) -> None:
    for (_, end), (start, _) in pairwise(intervals):
        if start < end:
            raise ValueError("two intervals of one day overlap: join them into one")


def _no_overlap(week: Sequence[Sequence[Interval]]) -> None:
    for day, intervals in enumerate(week):
        _sorted_apart(intervals)
        follows = week[(day + 1) % 7]
        if intervals and follows and intervals[-1][1] - _DAY > follows[0][0]:
            raise ValueError(
                f"{WEEKDAYS[day]}'s last interval runs into {WEEKDAYS[(day + 1) % 7]}'s first: let one end where the other begins"
            )


class Policy(BaseModel):
    """One policy. `targets` has every priority that it may meet; `pauses_in` are the statuses in which its clocks wait."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] = Field(examples=["banking"])
    title: _Name = Field(examples=["Banking systems"])
    match: Match = Match()
    targets: Mapping[Priority, Target] = Field(min_length=1)
    start: Start = Start.DETECTED
    reopening: Reopening = Reopening.NEW_TIME
    pauses_in: tuple[_Name, ...] = Field(default=(), max_length=50, examples=[["Waiting for customer"]])
    time: WorkingTime = WorkingTime()

    @model_validator(mode="after")
    def _covers(self) -> Self:
        wanted = self.match.priorities or tuple(Priority)
        missing = [priority.value for priority in wanted if priority not in self.targets]
        if missing:
            raise ValueError(
                f"no target for {', '.join(missing)}: give each priority one that the policy is for"
            )
        if self.id == DEFAULT_POLICY and self.match != Match():
            raise ValueError(
                "the default policy takes every ticket that no other takes: leave its conditions empty, "
                "and make a policy of its own for these"
            )
        self._can_run_out()
        return self

    def _can_run_out(self) -> None:
        calendar = self.time.calendar()
        longest = max(target.resolution for target in self.targets.values())
        try:
            ends = calendar.add(_FIRST, timedelta(minutes=longest))
        except (ValueError, OverflowError):
            ends = _FIRST + 2 * _FAR
        if not calendar.always and ends > _FIRST + _FAR:
            raise ValueError(
                f"with these hours {longest:,} minutes take more than five years to pass: "
                "shorten the resolution or add working time"
            )

    def covers(self, priority: Priority) -> bool:
        return priority in self.targets and (not self.match.priorities or priority in self.match.priorities)

    def pauses(self, status: str) -> bool:
        return status.casefold() in {one.casefold() for one in self.pauses_in}


#: What a new store begins with: the guide's thresholds as response targets.
GUIDE_POLICY = Policy(
    id=DEFAULT_POLICY,
    title="Default",
    targets={
        priority: Target(
            response=int(length.total_seconds() // 60),
            resolution=int(RESOLUTION_DEFAULTS[priority].total_seconds() // 60),
        )
        for priority, length in GUIDE_THRESHOLDS.items()
    },
)


def choose(policies: Iterable[Policy], about: Subject) -> Policy:
    """The first that takes it; they stand in their order, the default last."""
    return next((policy for policy in policies if policy.match.takes(about)), GUIDE_POLICY)
