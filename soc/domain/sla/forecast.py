"""How likely a clock runs out, by how long like ones took; and how good such forecasts were, by what was known at the time.

All lengths are seconds of working time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

#: Nothing is forecast from fewer closed tickets.
LEAST_CLOSED = 50
#: Tickets of the same priority are asked alone where so many of them lasted as long; else all, by the share of their time.
LEAST_LIKE = 20
#: What is asked of how long the work takes needs so many that lasted as long.
LEAST_HANDLED = 5
_OVER = float("inf")


@dataclass(frozen=True)
class Past:
    """A ticket's first clock of a kind that ended, or ran out. `used` is how long it took, None: it ran out and goes on.

    `retargeted`: its time was changed as it ran; what was known of it at its start is not what stands here.
    """

    priority: str
    target: float
    used: float | None
    started_at: datetime
    half_at: datetime
    due_at: datetime
    breached_at: datetime | None
    ended_at: datetime | None
    retargeted: bool = False


@dataclass(frozen=True)
class Score:
    """Mean squared errors of `number` forecasts (0: perfect, 0.25: a coin), and of saying the base rate each time."""

    number: int
    brier: float
    base_brier: float


class History:
    """What is known of clocks of one kind; grows as it becomes known."""

    def __init__(self) -> None:
        self._lengths: dict[str, list[float]] = {}
        self._shares: list[float] = []
        self._breached = 0

    def __len__(self) -> int:
        return len(self._shares)

    @property
    def base_rate(self) -> float | None:
        """The share of them that ran out; None while there are none."""
        return self._breached / len(self) if len(self) else None

    def learn(self, one: Past) -> None:
        """One that ran out counts as longer than any time that a like one may have."""
        length = _OVER if one.breached_at is not None else one.used or 0.0
        self._breached += one.breached_at is not None
        insort(self._lengths.setdefault(one.priority, []), length)
        insort(self._shares, length / one.target if one.target else 0.0)

    def chance(self, priority: str, *, target: float, used: float) -> float:
        """How likely one that has lasted so long runs out: of the like ones that lasted as long, those that did.

        Half a case of each kind is added, so that a few cases never say never or always.
        """
        if used > target:
            return 1.0
        like, measure = self._lengths.get(priority, []), (used, target)
        if len(like) - bisect_left(like, used) < LEAST_LIKE:
            like, measure = self._shares, (used / target if target else 1.0, 1.0)
        lasted = len(like) - bisect_left(like, measure[0])
        over = len(like) - bisect_right(like, measure[1])
        return (over + 0.5) / (lasted + 1)

    def base(self) -> float:
        """The base rate with the same half cases."""
        return (self._breached + 0.5) / (len(self) + 1)


def learn_all(past: Iterable[Past]) -> History:
    known = History()
    for one in past:
        known.learn(one)
    return known


def score(past: Sequence[Past], closed: Sequence[datetime], *, now: datetime) -> Score | None:
    """Forecasts of these clocks as they would have been made then: at the start of each, and again when half its time was
    used, from what had ended or run out before that moment, where LEAST_CLOSED tickets were `closed` (sorted moments) by then.

    A clock is scored once its time would be up, so that the quick ones are not counted before the slow ones. None: none is.
    """
    known, number, ours, base = History(), 0, 0.0, 0.0
    asked = [
        (moment, one, used)
        for one in past
        if one.due_at < now and not one.retargeted
        for moment, used in ((one.started_at, 0.0), (one.half_at, one.target / 2))
        if not used or _still_ran(one, moment)
    ]
    learnt = sorted(past, key=_known_at)
    at = 0
    for moment, one, used in sorted(asked, key=lambda each: each[0]):
        while at < len(learnt) and _known_at(learnt[at]) < moment:
            known.learn(learnt[at])
            at += 1
        if bisect_left(closed, moment) < LEAST_CLOSED or not len(known):
            continue
        happened = one.breached_at is not None
        number += 1
        ours += (known.chance(one.priority, target=one.target, used=used) - happened) ** 2
        base += (known.base() - happened) ** 2
    return Score(number, ours / number, base / number) if number else None


def _known_at(one: Past) -> datetime:
    """When it was known how it went: when it ran out, else when it ended."""
    return one.breached_at or one.ended_at or one.due_at


def _still_ran(one: Past, moment: datetime) -> bool:
    return one.ended_at is None or moment < one.ended_at


class Handling:
    """How long people worked on tickets: from the first act of a person until they were done."""

    def __init__(self, handled: Iterable[tuple[str, float]]) -> None:
        self._all: list[float] = []
        self._lengths: dict[str, list[float]] = {}
        for priority, length in handled:
            self._all.append(length)
            self._lengths.setdefault(priority, []).append(length)
        for lengths in (self._all, *self._lengths.values()):
            lengths.sort()

    def rest(self, priority: str, *, spent: float) -> tuple[float, int] | None:
        """The median of what was left after so long, and of how many: of the priority, else of all. None: too few lasted."""
        for lengths in (self._lengths.get(priority, []), self._all):
            lasted = lengths[bisect_right(lengths, spent) if spent else 0 :]
            if len(lasted) >= LEAST_HANDLED:
                return lasted[len(lasted) // 2] - spent, len(lasted)
        return None
