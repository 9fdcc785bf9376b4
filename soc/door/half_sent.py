"""A request must come: whoever sends half of one, byte by byte, is let go, so that nobody can keep every connection.

uvicorn has a time-out for a connection between two requests, and none within one.
"""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from soc.door.gathered import GatheringProtocol

#: A connection has this long to send the whole head of a request, from its first byte or from being opened.
HEAD_SECONDS = 15.0
#: A body must go on: this long without a byte is too long,
SILENT_SECONDS = 30.0
#: and after as long it must have come with at least this many bytes a second (a modem's pace), on the average.
SLOWEST_BYTES = 500
_LOOK_EVERY = 2.5
_BODY = json.dumps(
    {
        "type": "about:blank",
        "title": "The request did not come in time.",
        "status": 408,
        "hint": "Nothing was done. Send it again, whole.",
        "request_id": "",
    }
).encode()
_LATE = (
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
    b"X-Content-Type-Options: nosniff\r\nContent-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class TimedProtocol(H11Protocol):
    """uvicorn's h11 protocol with a clock for what is not yet sent."""

    head_seconds = HEAD_SECONDS
    silent_seconds = SILENT_SECONDS
    look_every = _LOOK_EVERY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._watch: asyncio.TimerHandle | None = None
        self._request: object = None  # the one whose body is awaited
        self._since = self._last = self._held = 0.0
        self._bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin(None)
        self._watch = self.loop.call_later(self.look_every, self._look)

    def data_received(self, data: bytes) -> None:
        was_waiting = self._awaits_a_head()
        super().data_received(data)
        if self._awaits_a_head():
            if not was_waiting:
                self._begin(None)
        elif self._request is not self.cycle:
            self._begin(self.cycle)
        self._last, self._bytes = self.loop.time(), self._bytes + len(data)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._stop()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if (
            self._awaits_a_head()
        ):  # the next request's time begins now; uvicorn ends an idle connection sooner
            self._begin(None)

    def _awaits_a_head(self) -> bool:
        return self.conn.their_state is h11.IDLE

    def _begin(self, request: object) -> None:
        self._request, self._bytes, self._held = request, 0, 0.0
        self._since = self._last = self.loop.time()

    def _look(self) -> None:
        if self._is_late(self.loop.time()):
            self._let_go()
        else:
            self._watch = self.loop.call_later(self.look_every, self._look)

    def _is_late(self, now: float) -> bool:
        if self._awaits_a_head():
            return now - self._since > self.head_seconds
        if self.conn.their_state is not h11.SEND_BODY:
            return False  # it is all there; what takes time now is ours
        if self.flow.read_paused:  # we do not read: that is our time, not the sender's
            self._last, self._held = now, self._held + self.look_every
            return False
        if now - self._last > self.silent_seconds:
            return True
        sending = now - self._since - self._held
        return sending > self.silent_seconds and self._bytes < SLOWEST_BYTES * sending

    def _let_go(self) -> None:
        """With a word, where something was asked and nothing was answered yet."""
        answering = (
            self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        )
        if self._bytes and not answering:
            self.transport.write(_LATE)
        self.transport.close()

    def _stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None


def tune_the_server() -> None:
    """Have the servers of this process keep time, gather what websockets say and not name themselves, before they begin to listen.

    Streamlit makes its server itself and takes no such option, so it is looked for, as the listeners are: by its type, since a
    weak reference whose object is gone cannot be asked for its class.
    """
    for server in [one for one in gc.get_objects() if issubclass(type(one), uvicorn.Server)]:
        if not server.started and server.config.loaded:
            server.config.encoded_headers = [
                (name, value) for name, value in server.config.encoded_headers if name.lower() != b"server"
            ]
            if not issubclass(server.config.http_protocol_class, TimedProtocol):
                server.config.http_protocol_class = TimedProtocol
            if server.config.ws_protocol_class is WebSocketsSansIOProtocol:
                server.config.ws_protocol_class = GatheringProtocol
