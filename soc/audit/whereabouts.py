"""From where somebody acts: the address of a caller, the page, the user at a shell. The audit keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LONGEST = 200
_where: ContextVar[str] = ContextVar("soc_whereabouts", default="")


def whereabouts() -> str:
    """Of whoever acts in this context; "" where nobody said."""
    return _where.get()


def set_whereabouts(text: str) -> None:
    """For the rest of this context: a thread, a task, a request."""
    _where.set(_one_line(text))


@contextmanager
def acting_from(text: str) -> Iterator[None]:
    """For the length of the block."""
    token = _where.set(_one_line(text))
    try:
        yield
    finally:
        _where.reset(token)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LONGEST]
