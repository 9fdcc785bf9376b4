"""The night itself: its clock, its addresses, and the random choices of one file."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

SEED = 20260115
NIGHT = datetime(2026, 1, 14, 20, 0, tzinfo=UTC)
TRAFFIC = (16, 14, 11, 8, 6, 5, 5, 6, 9, 13)  # share of each hour from 20:00 to 06:00

SCANNER = "203.0.113.45"  # scans ports, then probes the web site
INJECTOR = "198.51.100.23"  # tries SQL injection
INTRUDER = "203.0.113.77"  # guesses passwords, and gets in
DOMAIN = "nordlicht.example"

Line = tuple[datetime, str]


def moment(clock: str) -> datetime:
    """A time of the night: `21:05:00` is of the evening, `01:12:00` of the next morning."""
    hour, minute, second = (int(part) for part in clock.split(":"))
    day = NIGHT.replace(hour=0) + timedelta(days=0 if hour >= 12 else 1)
    return day + timedelta(hours=hour, minutes=minute, seconds=second)


class Night:
    """Random choices of one file, and the lines it gets."""

    def __init__(self, name: str) -> None:
        self.rng = random.Random(f"{SEED}/{name}")  # noqa: S311 - the same night every time, not a secret
        self.lines: list[Line] = []

    def add(self, at: datetime, text: str) -> None:
        self.lines.append((at, text))

    def quiet(self) -> datetime:
        """A time of ordinary traffic: most in the evening and towards the morning."""
        (hour,) = self.rng.choices(range(len(TRAFFIC)), TRAFFIC)
        return NIGHT + timedelta(hours=hour, seconds=self.rng.randrange(3600))

    def between(self, first: str, last: str) -> datetime:
        begin, end = moment(first), moment(last)
        return begin + (end - begin) * self.rng.random()

    def steps(self, first: str, last: str, count: int) -> Iterable[datetime]:
        """`count` times in order, irregularly spaced."""
        return sorted(self.between(first, last) for _ in range(count))

    def customer(self) -> str:
        """An ordinary visitor's address."""
        if self.rng.random() < 0.06:
            return f"2001:db8:{self.rng.randrange(16):x}::{self.rng.randrange(1, 4096):x}"
        return f"198.51.100.{self.rng.randrange(60, 250)}"

    def colleague(self) -> str:
        return f"192.0.2.{self.rng.randrange(100, 180)}"

    def text(self) -> str:
        """All lines by time; equal times keep the order in which they were added."""
        return "".join(f"{text}\n" for _, text in sorted(self.lines, key=lambda line: line[0]))
