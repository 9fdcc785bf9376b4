"""How much a caller may ask for: requests a second, and bytes a body."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

#: Requests a caller may make: this many at once, refilled at this rate.
BURST = 120
PER_SECOND = 40.0
_MOST_CALLERS = 10_000
#: Largest body of a request that is no upload.
LARGEST_BODY = 1024 * 1024


class TooLarge(HTTPException):
    """The body is longer than it may be. An HTTPException, since FastAPI turns any other into a 400."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The body is larger than {limit:,} bytes.")


class Buckets:
    """Token buckets by caller, in this process."""

    def __init__(self, *, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._burst, self._rate = float(burst), per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str, *, at: float | None = None) -> float:
        """0 when the request may go on, else the seconds after which it may."""
        now = time.monotonic() if at is None else at
        with self._lock:
            left, seen = self._left.pop(caller, (self._burst, now))
            left = min(self._burst, left + (now - seen) * self._rate)
            allowed = left >= 1
            self._left[caller] = (left - 1 if allowed else left, now)
            while len(self._left) > _MOST_CALLERS:
                self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._rate


def bounded(receive: Receive, limit: int) -> Receive:
    """The same channel, which raises TooLarge as soon as more than `limit` bytes of body came through it."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge(limit)
        return message

    return counted
