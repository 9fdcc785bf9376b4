"""To which trace the code that runs belongs, in the words of W3C Trace Context: `00-<trace>-<span>-<flags>`.

Rows keep that text (a batch, a delivery, an attempt), so that a trace outlives the process that began it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "traceparent"
#: Version ff is forbidden; a later version than 00 may have more after the flags. Ids of zeros alone name nothing.
_FORM = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL
)
_LONGEST = 200
_current: ContextVar[str] = ContextVar("soc_traceparent", default="")


def read_traceparent(given: str) -> str:
    """What a caller sent, as version 00; "" for anything that is no traceparent."""
    found = _FORM.fullmatch(given) if len(given) <= _LONGEST else None
    if found is None or (given.startswith("00") and found[4]):
        return ""
    sampled = int(found[3], 16) & 1
    return f"00-{found[1]}-{found[2]}-{sampled:02x}"


def trace_id_of(traceparent: str) -> str:
    """The trace's id (32 hex digits) of a kept traceparent; "" of none."""
    return traceparent[3:35]


def span_id_of(traceparent: str) -> str:
    """The span's id (16 hex digits) of a kept traceparent; "" of none."""
    return traceparent[36:52]


def child_of(traceparent: str, *parts: str | int) -> str:
    """A span below this one whose id follows from the parts: whoever knows them knows it. "" of none."""
    if not traceparent:
        return ""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()
    return f"{traceparent[:36]}{digest[:16]}{traceparent[52:]}"


def current_traceparent() -> str:
    """Of the code that runs; "" where it belongs to no trace."""
    return _current.get()


def current_trace_id() -> str:
    """Of the code that runs; "" where it belongs to no trace."""
    return trace_id_of(_current.get())


@contextmanager
def carried(traceparent: str) -> Iterator[None]:
    """Everything within belongs to this trace; "" leaves it in the one that it is in."""
    if not traceparent:
        yield
        return
    token = _current.set(traceparent)
    try:
        yield
    finally:
        _current.reset(token)
