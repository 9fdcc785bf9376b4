"""Which executor this process is, whoever of its threads sends: a workflow of the engine, or a call that is made at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Alive(Protocol):
    """The heart of a process with an engine."""

    @property
    def name(self) -> str: ...

    run: int

    def holds(self, run: int) -> bool: ...


class Sender(NamedTuple):
    """`holds` says, where the bytes leave, whether what `run` began is still its own."""

    executor: str
    run: int
    holds: Callable[[], bool]


#: A process without an engine (a script) has no row among the executors: nobody hears its heart.
UNHEARD = Sender("caller", 0, lambda: True)

_heart: Alive | None = None


def send_as(heart: Alive | None) -> None:
    """From now on, what is begun here belongs to this heart's run, and is sent only while that lasts."""
    global _heart
    _heart = heart


def sender() -> Sender:
    """The executor and the run that a send which begins now belongs to."""
    if (heart := _heart) is None:
        return UNHEARD
    run = heart.run
    return Sender(heart.name, run, lambda: heart.holds(run))
