"""Threads for work that may wait for somebody else: each kind of work has some of its own, so that it holds up nothing else.

All plain routes share the framework's threads, and a vendor that answers in a minute would take them all. So whatever
speaks to a vendor runs in a lane of that vendor, health and figures and the check of keys each in one of theirs, and a
lane that is full says so instead of letting callers queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from starlette.exceptions import HTTPException

T = TypeVar("T")

#: How long a caller waits: for a free thread, and for an action's outcome before it goes on without him.
PATIENCE = 2.0
#: Threads of a lane that speaks to one vendor. A vendor that answers in 50 ms takes 160 calls a second with these.
VENDOR_THREADS = 8
OWN_THREADS = 4
_COME_AGAIN = 5


class LaneFull(Exception):
    """No thread was free in time; the work was not begun and will not be."""


class Busy(HTTPException):
    """Too many wait for the same vendor; the caller may come again."""

    def __init__(self) -> None:
        super().__init__(
            503,
            "Too many calls wait for this vendor already.",
            headers={"Retry-After": str(_COME_AGAIN)},
        )


@dataclass(frozen=True)
class Lane:
    """Some threads of one kind of work. They end with the process, which waits for what they have begun."""

    pool: ThreadPoolExecutor

    async def begin(self, work: Callable[[], T], *, patience: float | None) -> asyncio.Future[T]:
        """The work, done or under way after that many seconds (None: done). Raises LaneFull where it could not begin."""
        future = self.pool.submit(copy_context().run, work)
        waited = asyncio.wrap_future(future)
        waited.add_done_callback(_seen)
        try:
            await asyncio.wait([waited], timeout=patience)
        except asyncio.CancelledError:  # the caller has gone; what has not begun need not
            future.cancel()
            raise
        if patience is not None and future.cancel():
            raise LaneFull
        return waited

    async def run(self, work: Callable[[], T]) -> T:
        """What the work returns, or raises, however long it takes. It waits its turn."""
        return await (await self.begin(work, patience=None))

    async def run_soon(self, work: Callable[[], T]) -> T:
        """The same of work that begins at once or not at all. Raises Busy where no thread is free for it."""
        try:
            return await (await self.begin(work, patience=PATIENCE))
        except LaneFull:
            raise Busy from None


def _seen(future: asyncio.Future[T]) -> None:
    """Nobody may be waiting for it any more: asyncio need not say so."""
    if not future.cancelled():
        future.exception()


@lru_cache(maxsize=256)
def _lane(name: str, threads: int) -> Lane:
    return Lane(ThreadPoolExecutor(threads, thread_name_prefix=name))


def sending(kind: str) -> Lane:
    """For what is done at this vendor."""
    return _lane(f"send-{kind}", VENDOR_THREADS)


def asking(kind: str) -> Lane:
    """For what this vendor is only asked: tests of the connection, its lists."""
    return _lane(f"ask-{kind}", VENDOR_THREADS)


def own(name: str) -> Lane:
    """For what must be answered whatever else goes on (health, figures, the check of keys), or what takes long itself."""
    return _lane(name, OWN_THREADS)


P = ParamSpec("P")


def in_lane(name: str) -> Callable[[Callable[P, T]], Callable[P, Awaitable[T]]]:
    """For a route's function: it runs in a lane of its own."""

    def place(function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
        @wraps(function)
        async def placed(*args: P.args, **kwargs: P.kwargs) -> T:
            return await own(name).run(lambda: function(*args, **kwargs))

        return placed

    return place
