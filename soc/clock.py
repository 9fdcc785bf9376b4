"""The only clock: aware UTC everywhere, and a column type that keeps it so in every database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_played: Callable[[], datetime] | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) if _played is None else _played()


@contextmanager
def played(moment: Callable[[], datetime]) -> Iterator[None]:
    """Meanwhile this whole process lives at `moment()` (aware, in UTC): a past is played for a demonstration."""
    global _played
    _played = moment
    try:
        yield
    finally:
        _played = None


def from_timestamp(seconds: float) -> datetime:
    """Seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


#: Counts while the machine sleeps, too, where the system has such a clock.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady() -> float:
    """Seconds that only differences are good for: nobody sets this clock, and it runs while the process is stopped."""
    return time.clock_gettime(_STEADY)


def isoformat(moment: datetime) -> str:
    """`2026-01-15T10:30:00Z`: ISO-8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str) -> datetime:
    """Read ISO-8601 back; a naive time is taken as UTC. Raises ValueError on anything else."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def describe(length: timedelta) -> str:
    """A duration as a person says it: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`."""
    seconds = int(abs(length).total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return f"{minutes} min"
    if hours < 24:
        rest = minutes % 60
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    rest = hours % 24
    return f"{days} d {rest} h" if rest else f"{days} d"


class UtcDateTime(TypeDecorator[datetime]):
    """A datetime column that refuses naive values and always returns aware UTC.

    SQLite drops the zone even with `DateTime(timezone=True)`, so the zone is put back on reading.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the store; use soc.clock.now()")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
