"""One pool of processes for all that costs CPU, made when first needed and kept.

Workers are spawned (never forked out of a threaded server), use one Polars thread each, have default
signal handlers, and leave when their parent is gone.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import Any, Protocol

import polars as pl

__all__ = ["BrokenProcessPool", "Inline", "Runner", "close_pool", "get_pool"]

#: Parameters of glibc's mallopt.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

#: Of the scheduler's 19 steps. At 10 a page's process gets nine of ten turns on a core that both want.
_GIVES_WAY_BY = 10

_lock = threading.Lock()
_pool: ProcessPoolExecutor | None = None
_size = 0


class Runner(Protocol):
    """What a pipeline needs: a lane of the pool, or work done on the spot."""

    def submit(self, work: Any, /, *args: Any, long: bool = False, **kwargs: Any) -> Future[Any]: ...

    def close(self, *, patience: float = 0.0) -> None: ...


class Inline:
    """Does the work at once, in this process: for inputs so small that a pool would cost more."""

    def submit(self, work: Any, /, *args: Any, long: bool = False, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as problem:  # noqa: BLE001 - handed to whoever asks for the result
            future.set_exception(problem)
        return future

    def close(self, *, patience: float = 0.0) -> None:
        """Nothing is under way."""


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _keep_memory() -> None:
    """Let the C library keep freed memory: arrays of some 100 kB come and go by the thousand, and each would be
    mapped and cleared anew. Costs nothing where it cannot be done."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, 32 * 1024 * 1024)
        library.mallopt(_TRIM_THRESHOLD, 64 * 1024 * 1024)


def _give_way() -> None:
    """Pages, API and deliveries come first where there are not cores enough for all."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_GIVES_WAY_BY)


def _start_worker() -> None:
    # the parent's own handlers (a web server's) must not run here; Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _give_way()
    _keep_memory()
    gc.freeze()  # what was imported stays: no need to look through it again
    gc.set_threshold(50_000)
    threading.Thread(target=_leave_with_parent, daemon=True, name="parent-watch").start()


def get_pool(workers: int) -> ProcessPoolExecutor:
    """The pool, with at least `workers` processes."""
    global _pool, _size
    with _lock:
        if _pool is not None and (_size < workers or getattr(_pool, "_broken", False)):
            _pool.shutdown(wait=False)
            _pool = None
        if _pool is None:
            pl.thread_pool_size()  # settles this process's own number before the workers' is set
            for name in ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS"):
                os.environ.setdefault(name, "1")
            _pool = ProcessPoolExecutor(
                workers, mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker
            )
            _size = workers
        return _pool


def close_pool() -> None:
    """End the workers. The next use makes a new pool."""
    global _pool
    with _lock:
        if _pool is not None:
            _pool.shutdown(wait=True, cancel_futures=True)
            _pool = None


atexit.register(close_pool)
