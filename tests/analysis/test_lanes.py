"""Turns in the pool: who has had least goes first, long work never takes it all, and what kills is found out."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from soc.analysis import lanes
from soc.analysis.lanes import HEAD_START, Lane
from soc.analysis.pool import close_pool, get_pool
from soc.analysis.result import ProcessDied


class Pool:
    """Takes work and does none of it until it is told to."""

    def __init__(self) -> None:
        self.begun: dict[str, Future[Any]] = {}

    def submit(self, name: str) -> Future[Any]:
        self.begun[name] = Future()
        return self.begun[name]

    def end(self, name: str) -> None:
        self.begun.pop(name).set_result(name)

    def die(self) -> None:
        broken, self.begun = self.begun, {}
        for future in broken.values():
            future.set_exception(BrokenProcessPool())


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    found = Pool()
    monkeypatch.setattr(lanes, "get_pool", lambda _workers: found)
    monkeypatch.setattr(lanes, "_turns", lanes._Turns())
    return found


def fill(lane: Lane, name: str, count: int, **options: bool) -> list[Future[Any]]:
    return [lane.submit(f"{name}{number}", **options) for number in range(count)]


def test_a_batch_that_comes_later_goes_before_one_that_had_much_of_the_pool(pool: Pool) -> None:
    old = Lane(2)
    old.served = 500.0
    fill(old, "old", 6)
    new = Lane(2)
    fill(new, "new", 3)
    assert sorted(pool.begun) == ["old0", "old1", "old2"]
    for name in ("old0", "old1", "old2"):
        pool.end(name)
    assert sorted(pool.begun) == ["new0", "new1", "new2"]


def test_a_lane_s_head_start_ends_so_that_no_stream_of_new_ones_starves_the_old(pool: Pool) -> None:
    old = Lane(2)
    old.served = 500.0
    assert Lane(2).served == 500.0 - HEAD_START


def test_the_pool_is_given_one_more_than_it_can_do_at_once(pool: Pool) -> None:
    fill(Lane(3), "a", 9)
    assert len(pool.begun) == 4


@pytest.mark.parametrize(("workers", "long"), [(1, 1), (2, 1), (4, 3)])
def test_long_work_leaves_room_for_the_rest(pool: Pool, workers: int, long: int) -> None:
    fill(Lane(workers), "long", 9, long=True)
    fill(Lane(workers), "block", 9)
    assert sum(name.startswith("long") for name in pool.begun) == long
    assert sum(name.startswith("block") for name in pool.begun) >= 1


def test_a_lane_that_is_closed_begins_nothing_more(pool: Pool) -> None:
    lane = Lane(1)
    answers = fill(lane, "a", 3)
    lane.close()
    pool.end("a0")
    assert pool.begun == {}
    assert [answer.cancelled() for answer in answers] == [False, True, True]


def test_when_a_process_dies_each_job_is_done_again_alone(pool: Pool) -> None:
    lane = Lane(2)
    answers = fill(lane, "a", 4)
    pool.die()
    order = []
    while pool.begun:
        order.append(sorted(pool.begun))
        pool.end(order[-1][0])
    assert [len(names) for names in order[:3]] == [1, 1, 1]
    assert [answer.result(timeout=0) for answer in answers] == ["a0", "a1", "a2", "a3"]


def test_the_job_that_kills_again_when_alone_is_the_one_that_fails(pool: Pool) -> None:
    lane = Lane(2)
    answers = fill(lane, "a", 3)
    pool.die()
    while pool.begun:
        [name] = pool.begun
        pool.die() if name == "a1" else pool.end(name)
    assert [type(answer.exception(timeout=0)) for answer in answers] == [type(None), ProcessDied, type(None)]


def _name_of_process() -> int:
    time.sleep(0.2)
    return os.getpid()


def test_a_real_process_that_is_killed_costs_no_work() -> None:
    lane = Lane(1)
    first = lane.submit(_name_of_process).result(timeout=60)
    second = lane.submit(_name_of_process)
    os.kill(first, signal.SIGKILL)
    try:
        assert second.result(timeout=60) != first
        assert get_pool(1) is not None
    finally:
        lane.close()
        close_pool()
