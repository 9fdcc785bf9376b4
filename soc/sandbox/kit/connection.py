"""An HTTP connection that the application may drop without an answer, as a failing network does."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from soc.door.half_sent import TimedProtocol

DROP = "soc.sandbox.drop"


class DroppableProtocol(TimedProtocol):
    """The server's protocol, which also offers each request a way to cut its own TCP connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app = _Droppable(self.app, self)

    def drop(self) -> None:
        """Close the socket at once; what was not sent is never sent."""
        transport: asyncio.Transport | None = self.transport
        if transport is not None:
            transport.abort()


class _Droppable:
    """Puts `drop` into the scope of every request of one connection."""

    def __init__(self, app: Any, protocol: DroppableProtocol) -> None:
        self._app: ASGIApp = app
        self._protocol = protocol

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})[DROP] = self._protocol.drop
        await self._app(scope, receive, send)


async def drop_connection(scope: Scope, receive: Receive) -> None:
    """Cut the connection of this request and return once it is gone.

    Raises ConnectionAbortedError where the server offers no way to do so (Starlette's TestClient).
    """
    drop = scope.get("extensions", {}).get(DROP)
    if drop is None:
        raise ConnectionAbortedError("the practice vendor dropped the connection")
    drop()
    while (await receive())["type"] != "http.disconnect":
        pass
