"""What becomes of a try that broke off: which faults end a batch, and after how many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soc.batches.faults import (
    MOST_DEATHS,
    MOST_ELSEWHERE,
    WAITS_ELSEWHERE,
    NotVisibleHere,
    ProcessEnds,
    RunDied,
    judge,
)
from soc.errors import LogParseError, StoreError


@pytest.mark.parametrize(
    ("failures", "wait"),
    [
        (1, WAITS_ELSEWHERE[0]),
        (2, WAITS_ELSEWHERE[1]),
        (MOST_ELSEWHERE - 1, WAITS_ELSEWHERE[-1]),
        (MOST_ELSEWHERE, None),
        (MOST_ELSEWHERE + 1, None),
    ],
)
def test_a_file_that_only_others_see_is_left_to_them_so_many_times(
    failures: int, wait: timedelta | None
) -> None:
    assert judge(NotVisibleHere("not here"), failures) == ("not here", wait)


def test_a_process_that_is_told_to_end_costs_no_wait() -> None:
    assert judge(ProcessEnds("ends"), 99) == ("ends", timedelta(0))


def test_a_run_that_died_goes_on_at_once_then_later_and_ends_the_batch_at_last() -> None:
    waits = [judge(RunDied("killed"), failures).wait for failures in range(1, MOST_DEATHS + 2)]
    assert waits[0] == timedelta(0)
    assert None not in waits[: MOST_DEATHS - 1]
    assert sorted(waits[: MOST_DEATHS - 1]) == waits[: MOST_DEATHS - 1]  # type: ignore[type-var]
    assert waits[MOST_DEATHS - 1 :] == [None, None]


def test_bad_input_ends_it_and_a_store_that_is_away_never_does() -> None:
    assert judge(LogParseError("no log"), 1).wait is None
    assert judge(StoreError("away"), 10_000).wait is not None
