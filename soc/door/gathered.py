"""What a websocket says in the same moment leaves in one go.

A page is 30 to 150 small messages, and uvicorn hands each one to the system by itself. In every such call the loop lets go of
Python's lock and waits for it behind all pages that are being drawn, up to 5 ms: with 20 users that was much of an answer's time.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

#: What is written waits so long (seconds) for what follows,
MOMENT = 0.002
#: unless it is as much as this already.
ENOUGH_BYTES = 64 * 1024


class Gathering:
    """A transport that writes what came within a moment at once, in its order; everything else is the real one's."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not data:
            return
        self._waiting.append(data)
        self._bytes += len(data)
        if self._bytes >= ENOUGH_BYTES:
            self._send()
        elif self._timer is None:
            self._timer = self._loop.call_later(MOMENT, self._send)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            data, self._waiting, self._bytes = b"".join(self._waiting), [], 0
            self._transport.write(data)


class GatheringProtocol(WebSocketsSansIOProtocol):
    """uvicorn's websockets, over a transport that gathers."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(Gathering(transport, self.loop))  # type: ignore[arg-type]
