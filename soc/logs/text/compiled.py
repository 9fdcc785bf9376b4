"""Keeps expressions compiled from block to block.

Polars keeps the last 32 expressions compiled, of each thread. A block asks for some hundred, one after the other, so each
would be compiled anew for every block: 0.2 s of CPU a block, more than it takes to search it. A stage that runs in a thread of
its own finds its own expressions there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import wraps
from typing import ParamSpec, TypeVar

#: So many expressions Polars keeps compiled, of each thread.
KEPT = 32

_P = ParamSpec("_P")
_T = TypeVar("_T")


def keeps_compiled(work: Callable[_P, _T]) -> Callable[_P, _T]:
    """Runs `work` in one thread that does nothing else: at most KEPT expressions should be asked for there.

    Who calls waits for it; several who call at once wait for each other.
    """
    lock = threading.Lock()
    room: ThreadPoolExecutor | None = None
    inside = threading.local()

    def within(args: tuple[object, ...], named: dict[str, object]) -> _T:
        inside.here = True
        return work(*args, **named)  # type: ignore[arg-type]

    @wraps(work)
    def there(*args: _P.args, **named: _P.kwargs) -> _T:
        nonlocal room
        if getattr(inside, "here", False):
            return work(*args, **named)
        with lock:
            if room is None:
                room = ThreadPoolExecutor(1, thread_name_prefix=f"soc-{work.__name__}")
        try:
            answer = room.submit(copy_context().run, within, args, named)
        except RuntimeError:  # the interpreter is ending: no thread begins anything any more
            return work(*args, **named)
        return answer.result()

    return there
