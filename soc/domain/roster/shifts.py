"""Shifts by the wall clock of their zone, as spans of real time.

Where clocks are set forward, a time that they skip is the moment of the jump; where they are set back, a shift begins at
the first time that its beginning is shown and ends at the last one that its end is. So shifts that follow each other leave
no hole at any change of the clocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from soc.errors import ConfigurationError
from soc.zone import known_zones

Span = tuple[datetime, datetime]
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Shift:
    """A time of duty on some weekdays (0 is Monday: those on which it begins).

    One that ends when it begins, or earlier, ends on the next day. `since` and `until` are the first and the last day on
    which it begins; None: no bound.
    """

    weekdays: frozenset[int]
    start: time
    end: time
    zone: str
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= set(range(7)):
            raise ConfigurationError("A shift has at least one weekday.", hint="0 is Monday, 6 is Sunday.")
        if self.zone not in known_zones():
            raise ConfigurationError(
                "The shift's zone is not known.", hint="Write it as Europe/Berlin or America/New_York."
            )
        if self.since is not None and self.until is not None and self.until < self.since:
            raise ConfigurationError("The shift's last day is before its first one.")

    def begins_on(self, day: date) -> bool:
        return (
            day.weekday() in self.weekdays
            and (self.since is None or self.since <= day)
            and (self.until is None or day <= self.until)
        )

    def span_of(self, day: date) -> Span:
        """The span of the shift that begins on this day."""
        last = day + _DAY if self.end <= self.start else day
        begin = first_shown(datetime.combine(day, self.start), self.zone)
        return begin, last_shown(datetime.combine(last, self.end), self.zone)

    def spans(self, after: datetime, before: datetime) -> Iterator[Span]:
        """Those that touch the time between, in order. A shift that the change of the clocks swallows is left out."""
        day = after.astimezone(ZoneInfo(self.zone)).date() - 2 * _DAY
        last = before.astimezone(ZoneInfo(self.zone)).date() + _DAY
        while day <= last:
            if self.begins_on(day):
                begin, end = self.span_of(day)
                if begin < end and begin < before and after < end:
                    yield begin, end
            day += _DAY

    @property
    def words(self) -> str:
        """`Mon–Fri 08:00–16:00 Europe/Berlin`."""
        days = name_days(self.weekdays)
        return f"{days} {self.start:%H:%M}–{self.end:%H:%M} {self.zone}"


def name_days(weekdays: frozenset[int]) -> str:
    """`every day`, `Mon–Fri`, `Sat, Sun`."""
    days = sorted(weekdays)
    if len(days) == 7:
        return "every day"
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{DAY_NAMES[days[0]]}–{DAY_NAMES[days[-1]]}"
    return ", ".join(DAY_NAMES[day] for day in days)


@lru_cache(maxsize=4096)
def first_shown(wall: datetime, zone: str) -> datetime:
    """The first moment at which clocks there show this (naive) time; of one that they skip, the jump."""
    return _moment(wall, zone, fold=0)


@lru_cache(maxsize=4096)
def last_shown(wall: datetime, zone: str) -> datetime:
    """The last such moment."""
    return _moment(wall, zone, fold=1)


def _moment(wall: datetime, zone: str, *, fold: int) -> datetime:
    there = ZoneInfo(zone)
    moment = wall.replace(tzinfo=there, fold=fold).astimezone(UTC)
    if moment.astimezone(there).replace(tzinfo=None) == wall:
        return moment
    # skipped: the jump lies between what the offset after it makes of the time and what the one before it does
    early = wall.replace(tzinfo=there, fold=1).astimezone(UTC)
    late = wall.replace(tzinfo=there, fold=0).astimezone(UTC)
    before = early.astimezone(there).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle == early:
            break
        if middle.astimezone(there).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
