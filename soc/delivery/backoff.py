"""How long to wait before the next try. The schedule is one for all vendors, from their documented behaviour."""

from __future__ import annotations

import random
from datetime import timedelta

#: After the fast tries; each ±20 %. Then the delivery is dead: visible, explained, replayable.
SLOW_SCHEDULE: tuple[timedelta, ...] = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
SLOW_JITTER = 0.2


def next_try(
    failures: int, *, retry_count: int, slow: bool = False, rng: random.Random | None = None
) -> timedelta | None:
    """How long to wait after the `failures`-th failed try (1 = the first), None when the schedule is used up.

    The first `retry_count` waits are fast (1 s, 2 s, 4 s … with full jitter); `slow` skips those, for a
    failure that a second cannot mend (a bad certificate).
    """
    if failures < 1:
        raise ValueError("failures counts from 1")
    source = rng or random
    if not slow and failures <= retry_count:
        return timedelta(seconds=source.uniform(0, 2.0 ** (failures - 1)))
    step = failures - 1 if slow else failures - 1 - retry_count
    if step >= len(SLOW_SCHEDULE):
        return None
    return SLOW_SCHEDULE[step] * source.uniform(1 - SLOW_JITTER, 1 + SLOW_JITTER)
