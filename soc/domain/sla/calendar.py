"""Working time: which moments count for a clock, in a zone with its changes of the hour.

A moment counts where the wall clock of the zone shows a time within one of the day's intervals. An interval belongs to
the day on which it begins, also past midnight. An hour that the wall clock shows twice counts twice, one that it leaves
out does not count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

#: An interval of a day: minutes after its midnight; the end may lie on the next day (up to 2,880).
Interval = tuple[int, int]
#: A stretch of moments in UTC.
Span = tuple[datetime, datetime]

_DAY = timedelta(days=1)
_NONE = timedelta(0)
#: After so long without enough working time nothing is due any more; a policy that could come here is refused.
_HORIZON = 20 * 366


@dataclass(frozen=True)
class Calendar:
    """`week` has the intervals of Monday to Sunday; empty: day and night. `days` are dates with intervals of their own
    (none: closed), `yearly` the same by month and day.
    """

    zone: str = "UTC"
    week: tuple[tuple[Interval, ...], ...] = ()
    days: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict, hash=False)
    yearly: Mapping[tuple[int, int], tuple[Interval, ...]] = field(default_factory=dict, hash=False)
    _kept: dict[date, tuple[Span, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def always(self) -> bool:
        return not self.week

    def intervals_of(self, day: date) -> tuple[Interval, ...]:
        """What counts of the work that begins on this day of the zone."""
        own = self.days.get(day)
        if own is None:
            own = self.yearly.get((day.month, day.day))
        return self.week[day.weekday()] if own is None else own

    def working(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between the two; nothing where `end` is not later."""
        if self.always:
            return max(end - start, _NONE)
        total = _NONE
        day = start.date()
        while day <= end.date():
            for begin, stop in self._spans(day):
                total += max(min(stop, end) - max(begin, start), _NONE)
            day += _DAY
        return total

    def add(self, start: datetime, length: timedelta) -> datetime:
        """The first moment by which that much working time has passed since `start`; itself for none."""
        if length <= _NONE:
            return start
        if self.always:
            return start + length
        for begin, stop in self.spans_from(start):
            if length <= stop - begin:
                return begin + length
            length -= stop - begin
        raise ValueError("This calendar has no working time.")

    def next_working(self, moment: datetime) -> datetime:
        """The moment itself where it counts, else the next that does."""
        if self.always:
            return moment
        return next((begin for begin, _ in self.spans_from(moment)), moment)

    def spans_from(self, start: datetime) -> Iterator[Span]:
        """What counts from then on, in order, as far as anybody looks ahead."""
        day = start.date()
        for _ in range(_HORIZON):
            for begin, stop in self._spans(day):
                if stop > start:
                    yield max(begin, start), stop
            day += _DAY

    def _spans(self, day: date) -> tuple[Span, ...]:
        """What counts of a day of UTC, in order, nothing twice."""
        kept = self._kept.get(day)
        if kept is None:
            kept = self._kept[day] = self._find_spans(day)
        return kept

    def _find_spans(self, day: date) -> tuple[Span, ...]:
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        found: list[Span] = []
        # a zone may be a day away from UTC, an interval reach into the day after its own
        for local in (day + n * _DAY for n in (-2, -1, 0, 1)):
            midnight = datetime(local.year, local.month, local.day, tzinfo=UTC)
            for first, last in self.intervals_of(local):
                shown = midnight + timedelta(minutes=first), midnight + timedelta(minutes=last)
                for since, until, offset in _offsets(self.zone, day):
                    start = max(shown[0] - offset, since, begin)
                    end = min(shown[1] - offset, until, begin + _DAY)
                    if start < end:
                        found.append((start, end))
        merged: list[Span] = []
        for start, end in sorted(found):
            if merged and start <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], end)
            else:
                merged.append((start, end))
        return tuple(merged)


def _offsets(zone: str, day: date) -> list[tuple[datetime, datetime, timedelta]]:
    """The stretches of that day of UTC with their offset from UTC: one, or two on a day of change."""
    starts, offsets = _changes(zone, day.year)
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = []
    at = bisect_right(starts, begin) - 1
    while at < len(starts) and starts[at] < begin + _DAY:
        until = starts[at + 1] if at + 1 < len(starts) else begin + _DAY
        found.append((max(starts[at], begin), min(until, begin + _DAY), offsets[at]))
        at += 1
    return found


@lru_cache(maxsize=512)
def _changes(zone: str, year: int) -> tuple[list[datetime], list[timedelta]]:
    """From when on which offset holds, over a year of UTC; found to the second."""
    known = ZoneInfo(zone)

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(known).utcoffset() or _NONE

    at = datetime(year, 1, 1, tzinfo=UTC)
    starts, offsets = [at], [offset(at)]
    while at < datetime(year, 12, 31, tzinfo=UTC) + _DAY:
        later = at + _DAY
        if offset(later) != offset(at):
            before, after = at, later
            while after - before > timedelta(seconds=1):
                middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
                before, after = (middle, after) if offset(middle) == offset(at) else (before, middle)
            starts.append(after)
            offsets.append(offset(after))
        at = later
    return starts, offsets


#: Day and night, every day.
ALWAYS = Calendar()
