"""The stage: what is to happen and when, and a clock that goes from one to the next. No engine runs meanwhile.

What the product hands to its engine (a try of a delivery, a person's press of a button) lands here, and is done when its
time has come.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Self

from soc import clock
from soc.delivery import queues
from soc.delivery.attempt import attempt
from soc.delivery.queues import Job
from soc.escalation.following import follow_delivery
from soc.tickets.interactions.working import work_interaction
from soc.tickets.told import record_refusal

#: Each look at the clock costs so much: nothing takes no time at all.
LOOK = timedelta(milliseconds=7)


class Stage:
    def __init__(self, start: datetime) -> None:
        self._now = start
        self._coming: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = count()

    def at(self, moment: datetime, work: Callable[[], None]) -> None:
        """Let it happen then, after what was said before for the same moment."""
        heapq.heappush(self._coming, (moment, next(self._number), work))

    @contextmanager
    def open(self) -> Iterator[Self]:
        """Meanwhile this process lives at the stage's time, and its work comes here."""
        with clock.played(self._look):
            queues.open_queues(self._take)
            try:
                yield self
            finally:
                queues.close_queues()

    def play(self, until: datetime) -> None:
        """All that happens before `until`, in its order; what is due later stays in the store, for an engine to find."""
        while self._coming and self._coming[0][0] < until:
            moment, _, work = heapq.heappop(self._coming)
            self._now = max(self._now, moment)
            work()
        self._now = max(self._now, until)

    def _look(self) -> datetime:
        self._now += LOOK
        return self._now

    def _take(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self.at(self._now + job.delay, lambda job=job: _do(job))  # type: ignore[misc]


def _do(job: Job) -> None:
    identity, number = str(job.arguments[0]), int(job.arguments[1])
    if job.workflow == queues.DELIVER:
        queues.enqueue_tries(
            attempt(
                identity, number, executor="demo", follow=follow_delivery, refused=record_refusal,
            )
        )  # fmt: skip
    elif job.workflow == queues.WORK_INTERACTION:
        queues.enqueue_tries(work_interaction(identity, number))
