"""Who may call the API: own host names, no cross-site writes, keys, and limits on rate and size.

A fresh install on loopback answers without a key, so that the guide's examples work as printed. A page on
another site can reach loopback through the analyst's browser, directly or under a host name that it points to
127.0.0.1 (DNS rebinding): so the Host must be a name this server is known by, and a write's Origin the same
host. As soon as one key is in force, or the server listens beyond loopback, a key is needed for everything but
health. Which scope a call needs is declared at its route.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soc import clock
from soc.access import keys
from soc.access.scopes import Scope as KeyScope
from soc.api.lanes import own
from soc.api.limits import BURST, LARGEST_BODY, PER_SECOND, Buckets, bounded
from soc.api.problems import problem
from soc.api.request_ids import HEADER, named_request, naming
from soc.api.scopes import Needed
from soc.domain.actor import ON_LOOPBACK, Actor
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.nouns.keys import any_active, touch

__all__ = ["BURST", "LARGEST_BODY", "ApiGuard", "Buckets", "actor_of", "caller_of"]

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ACTOR, _CALLER = "soc.actor", "soc.caller"


def actor_of(request: Request) -> Actor:
    """Who makes this request: the key's holder, or somebody on loopback."""
    actor = request.scope.get(_ACTOR)
    return actor if isinstance(actor, Actor) else ON_LOOPBACK


def caller_of(request: Request) -> str:
    """The same for people: the key's name."""
    return str(request.scope.get(_CALLER) or "local")


def read_needed(_method: str, _path: str) -> Needed:
    """For what is only looked at (`/metrics`)."""
    return KeyScope.READ


class ApiGuard:
    """ASGI middleware around the API. `listens_beyond_loopback` makes keys mandatory from the start.

    `needed` says which scope a method and a path within the application need; by default what its routes declare.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        listens_beyond_loopback: bool = False,
        buckets: Buckets | None = None,
        needed: Callable[[str, str], Needed] | None = None,
    ) -> None:
        self._app = app
        self._beyond = listens_beyond_loopback
        self._buckets = buckets or Buckets()
        declared: Callable[[str, str], Needed] = getattr(
            getattr(app, "state", None), "scope_needed", read_needed
        )
        self._needed = needed or declared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with named_request(headers.get(HEADER, "")) as name:
            answer = naming(send, name)
            if scope["method"] == "HEAD":
                answer = _without_body(answer)
            refusal = (
                self._foreign(scope, headers)
                or await self._unknown(scope, headers)
                or self._hurried(scope, headers)
                or _too_large(scope, headers)
            )
            if refusal is not None:
                await refusal(scope, receive, answer)
                return
            if scope["method"] == "HEAD":  # every GET answers it; the routes need not say so one by one
                scope = {**scope, "method": "GET"}
            await self._app(scope, bounded(receive, _limit(scope)), answer)

    def _foreign(self, scope: Scope, headers: dict[str, str]) -> JSONResponse | None:
        host = headers.get("host", "")
        if not self._beyond and _name_of(host) not in LOCAL_NAMES | set(get_settings().host_names):
            return problem(
                403, "This host name is not one of the server's own.",
                "Call it by 127.0.0.1 or localhost, or add the name to SOC_HOST_NAMES.",
            )  # fmt: skip
        origin = headers.get("origin", "")
        if scope["method"] not in _READS and origin and urlsplit(origin).netloc != host:
            return problem(
                403, "The request comes from another web site.", "Send it from this server's own pages."
            )
        return None

    async def _unknown(self, scope: Scope, headers: dict[str, str]) -> JSONResponse | None:
        needed = self._needed(scope["method"], _path(scope))
        if needed is None:
            return None
        refusal, holder = await own("guard").run(lambda: self._judge(needed, _key_of(headers)))
        if holder is not None:
            scope[_ACTOR], scope[_CALLER] = holder.actor, f"key:{holder.name}"
        return refusal

    def _judge(self, needed: KeyScope, key: str) -> tuple[JSONResponse | None, keys.Holder | None]:
        now = clock.now()
        with read_session() as session:
            if not key:
                if self._beyond or any_active(session):
                    return problem(
                        401, "An API key is needed.",
                        "Send it as “Authorization: Bearer soc_…”. `soc keys create` makes one.",
                    ), None  # fmt: skip
                return None, None
            holder = keys.check_key(session, key, now=now)
        if holder is None:
            return problem(
                401, "This API key is not in force.", "It may be mistyped or revoked: `soc keys list`."
            ), None
        if not holder.scope.covers(needed):
            hint = f"This call needs the scope “{needed}”; the key has “{holder.scope}”."
            return problem(403, "The key's scope does not cover this call.", hint), holder
        if holder.stale:
            with write_session() as session:
                touch(session, holder.key_id, now=now)
        return None, holder

    def _hurried(self, scope: Scope, headers: dict[str, str]) -> JSONResponse | None:
        client = scope.get("client") or ("?", 0)
        wait = self._buckets.take(_key_of(headers) or str(client[0]))
        if not wait:
            return None
        seconds = max(1, math.ceil(wait))
        answer = problem(
            429, "Too many requests.", f"Wait {seconds} s, and send fewer than {PER_SECOND:.0f} a second."
        )
        answer.headers["Retry-After"] = str(seconds)
        return answer


def _limit(scope: Scope) -> int:
    return get_settings().max_upload_bytes if _path(scope).startswith("/batches") else LARGEST_BODY


def _too_large(scope: Scope, headers: dict[str, str]) -> JSONResponse | None:
    """A body that says beforehand that it is too large; one that does not is stopped on its way."""
    limit, length = _limit(scope), headers.get("content-length", "")
    if not length.isdigit() or int(length) <= limit:
        return None
    return problem(413, f"The body is larger than {limit:,} bytes.", "Send less at once.")


def _without_body(send: Send) -> Send:
    """The head of an answer alone."""

    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head


def _path(scope: Scope) -> str:
    """The path within the API, however it is mounted."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if root else path


def _key_of(headers: dict[str, str]) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


def _name_of(host: str) -> str:
    """The host without its port (`[::1]:8501` → `[::1]`)."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
