"""What a websocket says within a moment leaves in one go, whole and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from soc.door import gathered
from soc.door.gathered import ENOUGH_BYTES, Gathering


class Wire:
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def _written(say: Callable[[Gathering], None], *, wait: float = 0.0) -> tuple[Wire, list[bytes]]:
    """The wire, and what stood on it before the loop went on."""

    async def run() -> tuple[Wire, list[bytes]]:
        wire = Wire()
        say(Gathering(wire, asyncio.get_running_loop()))  # type: ignore[arg-type]
        before = list(wire.written)
        await asyncio.sleep(wait)
        return wire, before

    return asyncio.run(run())


def _three(to: Gathering) -> None:
    for data in (b"a", b"", b"b", b"c"):
        to.write(data)


def test_what_follows_within_a_moment_goes_along() -> None:
    wire, before = _written(_three, wait=0.05)
    assert (before, wire.written) == ([], [b"abc"])


def test_a_closed_connection_has_said_everything_before() -> None:
    wire, before = _written(lambda to: (_three(to), to.close()), wait=0.05)  # type: ignore[arg-type, return-value]
    assert (before, wire.written, wire.closed) == ([b"abc"], [b"abc"], True)


def test_much_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "MOMENT", 60.0)
    much = b"m" * (ENOUGH_BYTES - 1)
    assert _written(lambda to: to.write(much))[1] == []
    assert _written(lambda to: (to.write(much), to.write(b"n")))[1] == [much + b"n"]  # type: ignore[arg-type, return-value]


def test_everything_else_is_the_connection_s_own() -> None:
    assert Gathering(Wire(), asyncio.new_event_loop()).is_closing() is False  # type: ignore[arg-type]
