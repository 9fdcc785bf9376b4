"""One ASGI middleware around everything that is served: pages, files, websocket, API, metrics, practice vendors.

A page on another site can reach this machine through the analyst's browser: directly, or under a name that it lets
point to 127.0.0.1 (DNS rebinding). So the Host must be a name that this server is known by, and whatever a browser
says about the page that asks must name this server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soc.door.callers import foreign_page, values_of
from soc.door.policies import API_POLICY, Policy, guarding
from soc.door.refusals import Refusal
from soc.hosts import DEFAULT_PORTS, Host, parse_host, plain_address

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

FOREIGN_HOST = Refusal(
    403,
    "This host name is not one of the server's own.",
    "Call it by 127.0.0.1 or localhost, or add the name to `SOC_HOST_NAMES`.",
)
NO_PATH = Refusal(400, "The request names no path of this server.", "Ask for a path, such as /api/v1/health.")
BROKEN = Refusal(500, "Something went wrong here.", "It is a mistake of the product; the log says where.")

#: Looks at a request that came to an own name from an own page; None lets it in.
Closed = Callable[[Scope], Refusal | None]


def _nothing(_scope: Scope) -> None:
    return None


class Door:
    """`names` are the server's own beside the local ones; `beyond` says that others can reach its address.

    `closed` may keep the rest of the world out of parts; `policy` says what a path's answers may load.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        names: Callable[[], Iterable[Host]] = tuple,
        beyond: bool = False,
        closed: Closed = _nothing,
        policy: Policy = lambda _path: API_POLICY,
    ) -> None:
        self._app = app
        self._names = names
        self._beyond = beyond
        self._closed = closed
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal.answer(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        await self._answer(scope, receive, guarding(send, self._policy(str(scope["path"]))))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An exception that nobody caught is answered here, so that its answer is guarded too, and then told on."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if not begun:
                await BROKEN.answer(scope, receive, send)
            raise

    def _refusal(self, scope: Scope) -> Refusal | None:
        if not str(scope["path"]).startswith("/"):  # `GET http://evil.example/`, `OPTIONS *`
            return NO_PATH
        hosts = values_of(scope, b"host")
        host = parse_host(hosts[0]) if len(hosts) == 1 else None
        if host is None or not self._is_own(host, scope):
            return FOREIGN_HOST
        return foreign_page(scope, host) or self._closed(scope)

    def _is_own(self, host: Host, scope: Scope) -> bool:
        if host.name in LOCAL_NAMES:
            return True
        if any(_is(own, host) for own in self._names()):
            return True
        # the very address that was called: nobody can let another name point to it
        reached = scope.get("server") or ("", None)
        return self._beyond and host.name == plain_address(str(reached[0]))


def _is(own: Host, host: Host) -> bool:
    """A name in the list without a port is meant with any; browsers leave 80 and 443 out."""
    return own.name == host.name and (
        own.port in (None, host.port) or (host.port is None and own.port in DEFAULT_PORTS.values())
    )
