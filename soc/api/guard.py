"""Keeps web pages elsewhere from driving this server through the analyst's browser.

The server has no login of its own yet and listens on loopback. A page on another site can still send
requests there, directly or under a host name that it points to 127.0.0.1 (DNS rebinding): so the Host must
be a name of this machine that the server is known by, and a write's Origin must be the same host.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "::1", "testserver"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class LocalOnly:
    """Refuses requests for the API that do not come to a local name, and cross-site writes."""

    def __init__(self, app: ASGIApp, *, names: frozenset[str] = LOCAL_NAMES) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = self._refusal(scope)
            if refusal:
                body = {
                    "type": "about:blank",
                    "title": refusal,
                    "status": 403,
                    "hint": "Call it by 127.0.0.1 or localhost.",
                }
                response = JSONResponse(body, status_code=403, media_type="application/problem+json")
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if _name_of(host) not in self._names:
            return "This host name is not one of the server's own."
        origin = headers.get("origin", "")
        if scope["method"] not in _READS and origin and urlsplit(origin).netloc != host:
            return "The request comes from another web site."
        return ""


def _name_of(host: str) -> str:
    """The host without its port (`[::1]:8501` → `[::1]`)."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
