"""How far a batch is: its share, its rate, how long it still takes, and whether anything of it still moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soc.batches.progress import BatchProgress, read_progress
from soc.store.db import write_session
from soc.store.migrate import migrate
from tests.rows import add_batch, add_delivery

START = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


def _read(
    deliveries: tuple[tuple[str, bool], ...] = (), *, after: float = 10.0, **values: Any
) -> BatchProgress:
    """`deliveries`: state, and whether it waits for a person."""
    migrate()
    with write_session() as session:
        add_batch(session, "b", **{"state": "running", "started_at": START, **values})
        for number, (state, held) in enumerate(deliveries):
            due = None if held else START
            add_delivery(session, f"dlv-{number}", batch_id="b", state=state, next_try_at=due)
    return read_progress("b", now=START + timedelta(seconds=after))


def test_a_quarter_of_the_bytes_in_ten_seconds_leaves_thirty() -> None:
    progress = _read(bytes_done=25, bytes_total=100, lines_done=50)
    assert (progress.share, progress.lines_per_second, progress.seconds_left) == (0.25, 5.0, 30.0)


def test_a_share_is_never_more_than_all() -> None:
    progress = _read(bytes_done=120, bytes_total=100)
    assert (progress.share, progress.seconds_left) == (1.0, 0.0)


@pytest.mark.parametrize(("done", "known"), [(0, False), (1, False), (2, True)])
def test_of_a_hundredth_nobody_can_say_how_long_the_rest_takes(done: int, known: bool) -> None:
    assert (_read(bytes_done=done, bytes_total=100).seconds_left is not None) == known


def test_what_has_not_begun_has_no_share_and_no_rate() -> None:
    progress = _read(state="queued", started_at=None, lines_done=0)
    assert (progress.share, progress.lines_per_second, progress.seconds_left) == (0.0, 0.0, None)
    assert not progress.settled


def test_in_its_first_moment_it_has_no_rate() -> None:
    assert _read(after=0.0, lines_done=5).lines_per_second == 0.0


def test_half_a_second_is_enough_for_a_rate() -> None:
    assert _read(after=0.5, lines_done=5).lines_per_second == 10.0


@pytest.mark.parametrize("state", ["finished", "failed"])
def test_the_rate_of_what_has_ended_does_not_sink_any_more(state: str) -> None:
    end = START + timedelta(seconds=2)
    progress = _read(after=3600, state=state, finished_at=end, lines_done=10, bytes_done=1, bytes_total=4)
    assert (progress.share, progress.lines_per_second, progress.seconds_left) == (1.0, 5.0, None)


@pytest.mark.parametrize("state", ["pending", "sending", "retry", "unknown"])
def test_a_batch_is_not_settled_while_one_of_its_deliveries_moves(state: str) -> None:
    progress = _read(((state, False), ("retry", True)), state="finished")
    assert (progress.settled, progress.held, progress.deliveries[state]) == (False, 1, 1 + (state == "retry"))


def test_what_is_over_and_what_waits_for_a_person_does_not_move() -> None:
    over = (("delivered", False), ("dead", True), ("suppressed", True), ("cancelled", False))
    progress = _read((*over, ("pending", True), ("unknown", True)), state="finished")
    assert (progress.settled, progress.held) == (True, 2)


def test_a_batch_that_runs_is_not_settled_though_nothing_of_it_moves() -> None:
    assert not _read().settled
