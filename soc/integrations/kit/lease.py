"""Whether what is being done may still be done, asked where the bytes leave.

A process that stood still (stopped, swapped out, its machine asleep) and wakes does not know that others took it for
dead and work on what it began. So each write to a vendor's socket asks first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from soc.errors import LeaseLost


@dataclass
class Lease:
    """`holds` says whether the work is still this process's; `used`: some bytes have left under it."""

    holds: Callable[[], bool] = lambda: True
    used: bool = False

    def check(self) -> None:
        """Raises LeaseLost."""
        if not self.holds():
            raise LeaseLost

    def use(self) -> None:
        """Bytes are about to leave. Raises LeaseLost."""
        self.check()
        self.used = True


_lease: ContextVar[Lease | None] = ContextVar("soc_lease", default=None)


@contextmanager
def under(lease: Lease) -> Iterator[Lease]:
    """Everything that the shared client writes inside this block asks this lease first."""
    token = _lease.set(lease)
    try:
        yield lease
    finally:
        _lease.reset(token)


def use_lease() -> None:
    """Bytes are about to leave. Raises LeaseLost where they may not."""
    lease = _lease.get()
    if lease is not None:
        lease.use()
