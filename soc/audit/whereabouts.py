"""From where somebody acts: the address of a caller, the page, the user at a shell. The audit keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LONGEST = 200
_process: list[str] = []
_where: ContextVar[str] = ContextVar("soc_whereabouts", default="")


def whereabouts() -> str:
    """Of whoever acts in this context; else of the process; "" where nobody said."""
    return _where.get() or "".join(_process)


def set_process(text: str) -> None:
    """Where this process does what nobody asks it for: its engine, by the name of its slot."""
    _process[:] = [_one_line(text)]


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
