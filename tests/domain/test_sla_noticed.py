"""A breach that was noticed is a fact, whatever is heard of the time before it later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from soc.domain.sla.event import ClockEvent, ClockKind, EventKind
from soc.domain.sla.fold import fold
from soc.domain.sla.policy import WorkingTime

TEN = datetime(2026, 1, 14, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def row(kind: EventKind, after: timedelta, seq: int, target: timedelta | None = None) -> ClockEvent:
    return ClockEvent(ClockKind.RESPONSE, 1, kind, TEN + after, seq=seq, target=target)


def breached(*rows: ClockEvent, now: timedelta) -> datetime | None:
    (cycle,) = fold(rows, lambda *_: WorkingTime().calendar(), now=TEN + now)
    return cycle.breached_at


def test_a_breach_that_was_noticed_stays_though_a_longer_time_is_heard_of_later() -> None:
    begun = row(EventKind.ACTIVATE, timedelta(0), 1, HOUR)
    noticed = row(EventKind.BREACH, HOUR, 2)
    heard_later = row(EventKind.APPLY_POLICY, HOUR / 2, 3, 4 * HOUR)
    assert breached(begun, noticed, heard_later, now=2 * HOUR) == TEN + HOUR
    assert breached(begun, heard_later, now=2 * HOUR) is None


def test_the_first_moment_that_was_noticed_counts() -> None:
    begun = row(EventKind.ACTIVATE, timedelta(0), 1, 4 * HOUR)
    rows = (begun, row(EventKind.BREACH, HOUR, 2), row(EventKind.BREACH, 2 * HOUR, 3))
    assert breached(*rows, now=3 * HOUR) == TEN + HOUR
