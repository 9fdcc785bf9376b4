"""A request as a span of its trace: which method, which route, which status. No address, no query, no body."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Message, Scope, Send

from soc.tracing.spans import span

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
#: Asked every few seconds by machines: a trace of each would bury the others.
_UNTRACED = ("/health/live", "/health/ready", "/metrics")


@contextmanager
def traced(scope: Scope, send: Send) -> Iterator[Send]:
    """Within, the request is a span of the trace that it came with, or of a new one; gives the channel to answer on."""
    if str(scope["path"]).endswith(_UNTRACED):
        yield send
        return
    method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
    with span(method, "server", {"http.request.method": method}) as request:

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.say({"http.response.status_code": message["status"]})
                if message["status"] >= 500:
                    request.fail(str(message["status"]))
            await send(message)

        yield send_noted
        if route := getattr(scope.get("route"), "path", ""):
            request.rename(f"{method} {route}")
            request.say({"http.route": route})
