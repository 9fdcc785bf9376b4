from __future__ import annotations

import random
from datetime import timedelta

import pytest

from soc.domain.delivery import FINAL_STATES, TRANSITIONS, DeliveryState, Outcome, next_try, outcome_of_status


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DONE), (201, Outcome.DONE), (204, Outcome.DONE),
        (301, Outcome.PERMANENT), (302, Outcome.PERMANENT), (308, Outcome.PERMANENT),
        (400, Outcome.PERMANENT), (404, Outcome.PERMANENT), (413, Outcome.PERMANENT), (422, Outcome.PERMANENT),
        (401, Outcome.CREDENTIALS), (403, Outcome.CREDENTIALS),
        (409, Outcome.CONFLICT), (410, Outcome.GONE),
        (408, Outcome.UNKNOWN), (425, Outcome.UNKNOWN), (429, Outcome.THROTTLED),
        (500, Outcome.UNKNOWN), (502, Outcome.UNKNOWN), (503, Outcome.UNKNOWN), (504, Outcome.UNKNOWN),
    ],
)  # fmt: skip
def test_a_status_has_the_class_of_the_vendors_table(status: int, outcome: Outcome) -> None:
    assert outcome_of_status(status) is outcome


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


def test_nothing_leaves_delivered_and_every_state_has_its_transitions() -> None:
    assert TRANSITIONS[DeliveryState.DELIVERED] == frozenset()
    assert set(TRANSITIONS) == set(DeliveryState)
    assert FINAL_STATES.isdisjoint({DeliveryState.SENDING, DeliveryState.UNKNOWN})
