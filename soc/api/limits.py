"""How much a caller may ask for: requests a second, and bytes a body."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

#: Requests a caller may make: this many at once, refilled at this rate.
BURST = 120
PER_SECOND = 40.0
_MOST_CALLERS = 10_000
#: Keys that are not known to be in force which an address may try at once, and then a second; all addresses: ten times.
TRIES = 20
TRIES_PER_SECOND = 0.5
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


class KeyTries:
    """Which keys were found to be in force, and how often others may still be tried.

    Whoever guesses keys is stopped before the store is asked: by address, and all together, since behind a proxy an
    address may be whatever the guesser writes. A key that was in force a moment ago is asked for without any limit.
    """

    def __init__(
        self, *, of_one: Buckets | None = None, of_all: Buckets | None = None, most: int = _MOST_CALLERS
    ) -> None:
        self._of_one = of_one or Buckets(burst=TRIES, per_second=TRIES_PER_SECOND)
        self._of_all = of_all or Buckets(burst=10 * TRIES, per_second=10 * TRIES_PER_SECOND)
        self._proved: OrderedDict[bytes, None] = OrderedDict()
        self._most = most
        self._lock = threading.Lock()

    def is_proved(self, key: str) -> bool:
        return _digest(key) in self._proved

    def wait(self, client: str) -> float:
        """0 when a key that was not proved may be tried from this address, else the seconds after which it may."""
        return self._of_one.take(client) or self._of_all.take("")

    def prove(self, key: str) -> None:
        """The store says that it is in force."""
        with self._lock:
            self._proved[_digest(key)] = None
            while len(self._proved) > self._most:
                self._proved.popitem(last=False)

    def forget(self, key: str) -> None:
        """The store says that it is not, or not any more."""
        with self._lock:
            self._proved.pop(_digest(key), None)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


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
