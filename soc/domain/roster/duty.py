"""Whether somebody is on duty at a moment, why, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from soc.domain.roster.shifts import Shift, Span

#: A shift that begins later than this is not looked for.
_AHEAD = timedelta(days=15)


@dataclass(frozen=True)
class Absence:
    """Out of office from `start` until `end` (excluded)."""

    start: datetime
    end: datetime
    note: str = ""


class Presence(NamedTuple):
    """`until` is when that changes next; None: not within two weeks."""

    on: bool
    why: str
    until: datetime | None


@dataclass(frozen=True)
class Duty:
    """One person's times. Who has no shifts is on duty at any time, save for absences: on call."""

    shifts: tuple[Shift, ...] = ()
    absences: tuple[Absence, ...] = ()
    #: In whose time sentences are said.
    zone: str = "UTC"

    def at(self, moment: datetime) -> Presence:
        away = [one for one in self.absences if one.start <= moment < one.end]
        if away:
            back = self._back(moment)
            last = max(away, key=lambda one: one.end)
            note = f" ({last.note})" if last.note else ""
            return Presence(False, f"out of office until {self.say(last.end)}{note}", back)
        if not self.shifts:
            leaves = min((one.start for one in self.absences if one.start > moment), default=None)
            return Presence(True, "on call at any time: no shifts are set", leaves)
        for begin, end in self.on_duty(moment, moment + _AHEAD):
            if begin <= moment:
                return Presence(True, f"on shift until {self.say(end)}", end)
            return Presence(False, f"off shift until {self.say(begin)}", begin)
        return Presence(False, "no shift in the next two weeks", None)

    def _back(self, moment: datetime) -> datetime | None:
        return next((begin for begin, _ in self.on_duty(moment, moment + _AHEAD)), None)

    def on_duty(self, after: datetime, before: datetime) -> Sequence[Span]:
        """The spans on duty that touch the time between, joined, in order; none is empty."""
        spans = [(after, before)] if not self.shifts else []
        for shift in self.shifts:
            spans += shift.spans(after, before)
        return _without(_joined(spans), self.absences)

    def say(self, moment: datetime) -> str:
        """`Mon 2026-03-02 08:00 Europe/Berlin`."""
        return f"{moment.astimezone(ZoneInfo(self.zone)):%a %Y-%m-%d %H:%M} {self.zone}"


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _without(spans: Iterable[Span], absences: Iterable[Absence]) -> list[Span]:
    left = list(spans)
    for one in absences:
        left = [
            part
            for begin, end in left
            for part in ((begin, min(end, one.start)), (max(begin, one.end), end))
            if part[0] < part[1]
        ]
    return sorted(left)
