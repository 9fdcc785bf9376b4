"""The tries that this process is at work on, and how many of each integration are at its vendor just now."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_tries: set[tuple[str, int]] = set()
_at_vendor: Counter[str] = Counter()


@contextmanager
def working_on(delivery_id: str, try_number: int) -> Iterator[bool]:
    """False where another thread of this process is at work on this very try: a second one would take it for cut off."""
    one = (delivery_id, try_number)
    with _lock:
        mine = one not in _tries
        _tries.add(one)
    try:
        yield mine
    finally:
        if mine:
            with _lock:
                _tries.discard(one)


@contextmanager
def at_vendor(integration: str) -> Iterator[None]:
    """This thread waits for the vendor and needs nothing of this machine."""
    with _lock:
        _at_vendor[integration] += 1
    try:
        yield
    finally:
        with _lock:
            _at_vendor[integration] -= 1


def count_at_vendor(integration: str) -> int:
    return _at_vendor[integration]
