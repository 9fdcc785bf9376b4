"""The practice Slack's Socket Mode: an app connects, is greeted, gets envelopes and acknowledges each."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import uuid
from dataclasses import dataclass, field

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from soc.sandbox.slack import catalogue
from soc.sandbox.slack.wire import Arguments, Json

PATH = "/slack/link"
#: Slack's own limit of an app.
MOST = 10


@dataclass
class Link:
    """One connection; `waiting` are the envelopes that it has not acknowledged."""

    socket: WebSocket
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)


class Sockets:
    """All connections of the app. An envelope goes to one of them; unacknowledged, to another one."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.most = 0
        self._tickets: set[str] = set()
        self._turn = itertools.count()

    def open(self, arguments: Arguments) -> Json:
        """`apps.connections.open`: an address that is good for one connection."""
        arguments.need("connections:write")
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        base = arguments.site.removesuffix("/slack").replace("http", "ws", 1)
        return {"url": f"{base}{PATH}?ticket={ticket}&app_id={catalogue.APP_ID}"}

    def routes(self) -> list[WebSocketRoute]:
        return [WebSocketRoute(PATH, self.serve)]

    async def serve(self, socket: WebSocket) -> None:
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets or len(self.links) >= MOST:
            await socket.close(4000)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        link = Link(socket)
        self.links.append(link)
        self.most = max(self.most, len(self.links))
        try:
            await socket.send_json(
                {
                    "type": "hello",
                    "num_connections": len(self.links),
                    "debug_info": {"host": "practice", "approximate_connection_time": 3600},
                    "connection_info": {"app_id": catalogue.APP_ID},
                }
            )
            while True:
                self._heard(link, json.loads(await socket.receive_text()))
        except (WebSocketDisconnect, ValueError, RuntimeError):
            pass
        finally:
            self.links.remove(link)
            for future in link.waiting.values():
                if not future.done():
                    future.cancel()

    @staticmethod
    def _heard(link: Link, answer: object) -> None:
        if isinstance(answer, dict):
            future = link.waiting.pop(str(answer.get("envelope_id")), None)
            if future is not None and not future.done():
                payload = answer.get("payload")
                future.set_result(payload if isinstance(payload, dict) else {})

    async def deliver(self, kind: str, payload: Json, *, patience: float) -> Json | None:
        """The app's answer to one envelope, None where none came in time; once more over another connection, as Slack does."""
        envelope = str(uuid.uuid4())
        for attempt in range(2):
            if not self.links:
                return None
            link = self.links[next(self._turn) % len(self.links)]
            future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
            link.waiting[envelope] = future
            sent = {
                "envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True,
                **({"retry_attempt": attempt, "retry_reason": "timeout"} if attempt else {}),
            }  # fmt: skip
            try:
                await link.socket.send_json(sent)
                return await asyncio.wait_for(future, patience)
            except (TimeoutError, asyncio.CancelledError, RuntimeError, WebSocketDisconnect):
                link.waiting.pop(envelope, None)
        return None

    async def refresh(self) -> None:
        """Tell every connection to come again, as Slack does before it closes one."""
        for link in list(self.links):
            await link.socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
