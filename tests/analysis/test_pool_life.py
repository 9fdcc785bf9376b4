"""What a process of the pool is like, and when the pool is made anew."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from soc.analysis import pool
from soc.analysis.pool import BrokenProcessPool, Inline, close_pool, get_pool

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    close_pool()
    yield
    close_pool()


def test_a_worker_leaves_ctrl_c_to_its_parent_and_ends_when_told_to() -> None:
    workers = get_pool(1)
    assert workers.submit(signal.getsignal, signal.SIGINT).result(timeout=60) is signal.SIG_IGN
    assert workers.submit(signal.getsignal, signal.SIGTERM).result(timeout=60) is signal.SIG_DFL
    assert workers.submit(gc.get_threshold).result(timeout=60)[0] == 50_000
    assert workers.submit(gc.get_freeze_count).result(timeout=60) > 1000
    assert workers.submit(os.nice, 0).result(timeout=60) == min(19, os.nice(0) + 10), "it gives way to pages"


@pytest.mark.parametrize("name", ["POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS"])
def test_a_worker_has_one_thread_for_its_columns_unless_told_otherwise(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name, raising=False)
    assert get_pool(1).submit(os.getenv, name).result(timeout=60) == "1"
    close_pool()
    monkeypatch.setenv(name, "3")
    assert get_pool(1).submit(os.getenv, name).result(timeout=60) == "3"


def test_the_pool_is_kept_until_more_is_asked_of_it_it_broke_or_it_was_closed() -> None:
    small = get_pool(2)
    assert get_pool(1) is small
    assert get_pool(2) is small
    large = get_pool(3)
    assert large is not small
    assert large._max_workers == 3  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError):
        small.submit(abs, 1)
    with pytest.raises(BrokenProcessPool):
        large.submit(os._exit, 1).result(timeout=60)
    mended = get_pool(1)
    assert mended is not large
    close_pool()
    assert get_pool(1) is not mended


class _Library:
    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []

    def mallopt(self, parameter: int, value: int) -> int:
        self.told.append((parameter, value))
        return 1


def test_a_worker_keeps_freed_memory_and_does_without_where_that_cannot_be_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = _Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    pool._keep_memory()
    mmap_threshold, trim_threshold = -3, -1  # as glibc's malloc.h numbers them
    assert sorted(library.told) == [(mmap_threshold, 32 * MIB), (trim_threshold, 64 * MIB)]
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    pool._keep_memory()

    def none(name: Any) -> None:
        raise OSError("no such library")

    monkeypatch.setattr(ctypes, "CDLL", none)
    pool._keep_memory()


def test_work_done_on_the_spot_answers_as_the_pool_does() -> None:
    runner = Inline()
    assert runner.submit(int, "12", base=8, long=True).result(timeout=0) == 10
    assert isinstance(runner.submit(int, "x").exception(timeout=0), ValueError)
    runner.close(patience=1.0)
