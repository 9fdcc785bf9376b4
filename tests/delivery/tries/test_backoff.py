"""When the next try is due: fast ones first, then a schedule of a day, then none."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from soc.delivery.retry import next_try


def test_the_fast_tries_wait_at_most_one_two_and_four_seconds() -> None:
    rng = random.Random(1)
    for failures, longest in ((1, 1.0), (2, 2.0), (3, 4.0)):
        waits = [next_try(failures, retry_count=3, rng=rng) for _ in range(200)]
        assert all(wait is not None and timedelta(0) <= wait <= timedelta(seconds=longest) for wait in waits)
        assert max(wait for wait in waits if wait) > timedelta(seconds=longest * 0.8)


def test_the_slow_schedule_follows_and_ends_after_a_day() -> None:
    waits = [next_try(failures, retry_count=3) for failures in range(4, 13)]
    middle = [30, 120, 600, 1800, 7200, 18000, 36000, 36000]
    assert waits[-1] is None
    for wait, seconds in zip(waits, middle, strict=False):
        assert wait is not None
        assert seconds * 0.8 <= wait.total_seconds() <= seconds * 1.2


def test_a_bad_certificate_has_no_fast_tries() -> None:
    wait = next_try(1, retry_count=3, slow=True)
    assert wait is not None
    assert wait >= timedelta(seconds=24)


@pytest.mark.parametrize("side", [0.0, 1.0], ids=["shortest", "longest"])
def test_a_failure_that_seconds_do_not_mend_is_tried_again_for_28_hours_a_fifth_more_or_less(
    side: float,
) -> None:
    waits = [next_try(number, retry_count=3, slow=True, rng=_Rolls(side)) for number in range(1, 10)]
    minutes = [round(wait / timedelta(minutes=1), 3) if wait else None for wait in waits]
    share = 0.8 + 0.4 * side
    assert minutes == [round(one * share, 3) for one in (0.5, 2, 10, 30, 120, 300, 600, 600)] + [None]


def test_the_fast_tries_wait_up_to_one_two_and_four_seconds_before_the_slow_ones_begin() -> None:
    waits = [next_try(number, retry_count=3, rng=_Rolls(1.0)) for number in range(1, 5)]
    assert waits == [timedelta(seconds=one) for one in (1, 2, 4, 36)]


class _Rolls(random.Random):
    """A die that always falls the same way."""

    def __init__(self, side: float) -> None:
        super().__init__()
        self.side = side

    def uniform(self, a: float, b: float) -> float:
        return a + (b - a) * self.side
