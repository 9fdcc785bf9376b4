"""Turns in the pool: each run has a lane, and whoever has had least of the pool goes first.

So a small batch is done in seconds while long ones run, and long ones share evenly. A job whose process died is given
to another process alone: that tells the job that kills from those that only stood by.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass, field
from typing import Any

from soc.analysis.pool import BrokenProcessPool, get_pool
from soc.analysis.result import ProcessDied

#: A lane that opens goes before those that are older until it has had this much of the pool (process-seconds).
HEAD_START = 30.0


@dataclass(eq=False)
class _Job:
    work: Any
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    long: bool
    answer: Future[Any] = field(default_factory=Future)
    died: bool = False
    began: float = 0.0


class Lane:
    """One run's way into the pool of `workers` processes."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.waiting: deque[_Job] = deque()
        self.running: set[_Job] = set()
        self.served = 0.0
        _turns.open(self)

    def submit(self, work: Any, /, *arguments: Any, long: bool = False, **named: Any) -> Future[Any]:
        """`long`: it may take minutes; such work never takes the whole pool. The answer may be ProcessDied."""
        job = _Job(work, arguments, named, long)
        _turns.add(self, job)
        return job.answer

    def close(self, *, patience: float = 0.0) -> None:
        """What has not begun never will; what runs is waited for that long (seconds)."""
        for job in _turns.close(self):
            job.answer.cancel()
        if patience and self.running:
            wait([job.answer for job in tuple(self.running)], timeout=patience)


class _Turns:
    """Of one process: all lanes, and what runs."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._lanes: list[Lane] = []
        self._running: set[_Job] = set()

    def open(self, lane: Lane) -> None:
        with self._lock:
            others = [other.served for other in self._lanes]
            lane.served = max(0.0, min(others) - HEAD_START) if others else 0.0
            self._lanes.append(lane)

    def close(self, lane: Lane) -> list[_Job]:
        """Returns what had not begun."""
        with self._lock:
            if lane in self._lanes:
                self._lanes.remove(lane)
            dropped = list(lane.waiting)
            lane.waiting.clear()
        self.hand_out()
        return dropped

    def add(self, lane: Lane, job: _Job) -> None:
        with self._lock:
            lane.waiting.append(job)
        self.hand_out()

    def hand_out(self) -> None:
        """Give the pool what it has room for."""
        while True:
            with self._lock:
                chosen = self._choose()
                if chosen is None:
                    return
                lane, job = chosen
                lane.waiting.remove(job)
                lane.running.add(job)
                self._running.add(job)
                job.began = time.monotonic()
            self._start(lane, job)

    def _choose(self) -> tuple[Lane, _Job] | None:
        suspects = [(lane, job) for lane in self._lanes for job in lane.waiting if job.died]
        if suspects:
            return suspects[0] if not self._running else None
        if any(job.died for job in self._running):
            return None
        for lane in sorted(self._lanes, key=lambda one: one.served):
            if lane.waiting and self._has_room(lane.workers, lane.waiting[0]):
                return lane, lane.waiting[0]
        return None

    def _has_room(self, workers: int, job: _Job) -> bool:
        """One more than there are workers waits before the pool, so that none is idle between two jobs."""
        long = sum(one.long for one in self._running)
        if workers == 1:  # the second process is there for long work alone
            return long < 1 if job.long else len(self._running) - long < 1
        if job.long:
            return long < workers - 1 and len(self._running) <= workers
        return len(self._running) <= workers

    def _start(self, lane: Lane, job: _Job) -> None:
        try:
            real = get_pool(max(2, lane.workers)).submit(job.work, *job.arguments, **job.named)
        except BrokenProcessPool as death:  # it broke between two looks
            self._settle(lane, job, None, death)
            return
        except RuntimeError as ended:  # the pool is being closed
            self._settle(lane, job, None, ended)
            return
        real.add_done_callback(lambda done: self._take_back(lane, job, done))

    def _take_back(self, lane: Lane, job: _Job, done: Future[Any]) -> None:
        problem: BaseException | None
        try:
            problem = done.exception()
        except CancelledError as cancelled:
            problem = cancelled
        self._settle(lane, job, None if problem else done.result(), problem)
        self.hand_out()

    def _settle(self, lane: Lane, job: _Job, result: Any, problem: BaseException | None) -> None:
        with self._lock:
            alone = job.died
            lane.running.discard(job)
            self._running.discard(job)
            lane.served += time.monotonic() - job.began
            if isinstance(problem, BrokenProcessPool) and not alone and lane in self._lanes:
                job.died = True
                lane.waiting.appendleft(job)
                return
        if job.answer.cancelled():
            return
        if isinstance(problem, (BrokenProcessPool, CancelledError)):
            problem = _died()
        if problem is None:
            job.answer.set_result(result)
        else:
            job.answer.set_exception(problem)


def _died() -> ProcessDied:
    return ProcessDied(
        "A process that reads logs died (killed, or out of memory).",
        hint="With SOC_WORKERS=1 and a smaller SOC_BLOCK_BYTES it needs less memory. "
        "A script of your own must call this under `if __name__ == '__main__':`.",
    )


_turns = _Turns()
