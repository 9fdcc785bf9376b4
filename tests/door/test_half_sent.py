"""Who sends half a request is let go: by a clock that the test turns."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvicorn

from soc.door.gathered import GatheringProtocol
from soc.door.half_sent import HEAD_SECONDS, SILENT_SECONDS, TimedProtocol, tune_the_server

HEAD = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"


class Clock:
    """An event loop of which only time and timers are asked; tasks are not run."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, call: Callable[[], None]) -> Any:
        timer = (self.now + seconds, call)
        self.timers.append(timer)
        cancel = lambda: self.timers.remove(timer) if timer in self.timers else None  # noqa: E731
        return type("Timer", (), {"cancel": lambda _self: cancel()})()

    def create_task(self, work: Coroutine[Any, Any, None]) -> Any:
        work.close()
        return type("Task", (), {"add_done_callback": lambda _self, _call: None})()

    def run_until(self, end: float) -> None:
        while due := sorted((one for one in self.timers if one[0] <= end), key=lambda one: one[0]):
            self.timers.remove(due[0])
            self.now = due[0][0]
            due[0][1]()
        self.now = end


class Wire:
    def __init__(self) -> None:
        self.sent, self.closed = b"", False

    def write(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, _name: str) -> None:
        return None

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def _app(_scope: Any, _receive: Any, _send: Any) -> None: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wire(clock: Clock) -> Wire:
    return Wire()


@pytest.fixture
def connection(clock: Clock, wire: Wire) -> TimedProtocol:
    config = uvicorn.Config(_app, log_config=None, ws="websockets-sansio")
    config.load()
    protocol = TimedProtocol(
        config=config, server_state=uvicorn.Server(config).server_state, app_state={}, _loop=clock
    )
    protocol.connection_made(wire)  # type: ignore[arg-type]
    return protocol


def test_a_connection_that_says_nothing_is_closed_without_a_word(
    connection: TimedProtocol, clock: Clock, wire: Wire
) -> None:
    clock.run_until(HEAD_SECONDS)
    assert not wire.closed
    clock.run_until(HEAD_SECONDS + 5)
    assert (wire.closed, wire.sent) == (True, b"")


def test_a_head_that_comes_byte_by_byte_is_not_waited_for(
    connection: TimedProtocol, clock: Clock, wire: Wire
) -> None:
    for second, byte in enumerate(HEAD[:40]):
        clock.run_until(second)
        if not wire.closed:
            connection.data_received(bytes([byte]))
    assert wire.closed
    assert clock.now > HEAD_SECONDS
    assert wire.sent.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_falls_silent_is_not_waited_for(
    connection: TimedProtocol, clock: Clock, wire: Wire
) -> None:
    connection.data_received(HEAD + b"x" * 90_000)
    connection.flow.resume_reading()
    clock.run_until(SILENT_SECONDS)
    assert not wire.closed
    clock.run_until(SILENT_SECONDS + 5)
    assert wire.closed
    assert b" 408 " in wire.sent


def _send(connection: TimedProtocol, clock: Clock, wire: Wire, bytes_a_second: int, seconds: int) -> None:
    connection.data_received(HEAD)
    for second in range(1, seconds):
        clock.run_until(second)
        if not wire.closed:
            connection.data_received(b"x" * bytes_a_second)
            connection.flow.resume_reading()


def test_a_body_that_comes_byte_by_byte_is_not_waited_for(
    connection: TimedProtocol, clock: Clock, wire: Wire
) -> None:
    _send(connection, clock, wire, 1, 60)
    assert wire.closed


def test_a_slow_line_may_take_its_time(connection: TimedProtocol, clock: Clock, wire: Wire) -> None:
    _send(connection, clock, wire, 1_000, 600)
    assert not wire.closed


def test_while_it_is_the_server_that_does_not_read_nobody_is_late(
    connection: TimedProtocol, clock: Clock, wire: Wire
) -> None:
    connection.data_received(HEAD + b"x" * 90_000)
    assert connection.flow.read_paused
    clock.run_until(600)
    assert not wire.closed
    connection.flow.resume_reading()
    clock.run_until(600 + SILENT_SECONDS - 1)
    assert not wire.closed
    clock.run_until(600 + SILENT_SECONDS + 5)
    assert wire.closed


def test_a_request_that_is_all_there_may_be_worked_on_for_long(
    connection: TimedProtocol, clock: Clock, wire: Wire
) -> None:
    connection.data_received(b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
    clock.run_until(600)
    assert not wire.closed


def test_a_closed_connection_is_not_looked_at_any_more(connection: TimedProtocol, clock: Clock) -> None:
    connection.connection_lost(None)
    assert clock.timers == []


def test_the_servers_of_a_process_keep_time_and_do_not_name_themselves() -> None:
    server = uvicorn.Server(uvicorn.Config(_app, log_config=None))
    server.config.load()
    assert (b"server", b"uvicorn") in server.config.encoded_headers
    tune_the_server()
    assert server.config.http_protocol_class is TimedProtocol
    assert server.config.ws_protocol_class is GatheringProtocol
    assert server.config.encoded_headers == []


def test_a_weak_reference_to_what_is_gone_hinders_no_start() -> None:
    class Gone:
        pass

    here = Gone()
    left = weakref.proxy(here)
    del here
    with pytest.raises(ReferenceError):
        isinstance(left, str)
    tune_the_server()
