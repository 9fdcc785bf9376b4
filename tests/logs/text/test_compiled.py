"""Expressions stay compiled from block to block."""

from __future__ import annotations

import threading
from contextvars import ContextVar

import pytest

from soc.logs.text.compiled import KEPT, keeps_compiled
from soc.logs.text.masks import PARTS_BY_ROOM


def test_work_runs_in_one_thread_of_its_own_and_two_pieces_of_work_in_two() -> None:
    seen: dict[str, set[int]] = {"a": set(), "b": set()}
    rooms = {name: keeps_compiled(lambda name=name: seen[name].add(threading.get_ident())) for name in seen}
    for _ in range(3):
        for work in rooms.values():
            work()
    assert [len(threads) for threads in seen.values()] == [1, 1]
    assert len({threading.get_ident(), *seen["a"], *seen["b"]}) == 3


def test_work_may_call_itself_sees_what_its_caller_sees_and_raises_to_it() -> None:
    caller = ContextVar("caller", default="nobody")
    caller.set("me")

    @keeps_compiled
    def down(steps: int) -> str:
        if steps < 0:
            raise ValueError(steps)
        return down(steps - 1) if steps else caller.get()

    assert down(3) == "me"
    with pytest.raises(ValueError, match="-1"):
        down(-1)


def test_no_room_of_templates_has_more_expressions_than_stay_compiled() -> None:
    assert all(len({pattern for _, pattern, _ in parts}) <= KEPT for parts in PARTS_BY_ROOM)
