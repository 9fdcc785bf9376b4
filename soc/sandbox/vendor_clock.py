"""The `Date` of every answer, by the vendors' own clock, which a setting can put ahead of ours or behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class DateMiddleware:
    """Says the time of `moment()`; the server itself says none."""

    def __init__(self, app: ASGIApp, moment: Callable[[], datetime]) -> None:
        self._app = app
        self._moment = moment

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = (b"date", format_datetime(self._moment(), usegmt=True).encode())
                message = {**message, "headers": [*message["headers"], date]}
            await send(message)

        await self._app(scope, receive, dated)
