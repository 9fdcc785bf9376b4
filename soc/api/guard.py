"""Who may call the API: own host names, no cross-site writes, keys, and limits on rate and size.

A fresh install on loopback answers without a key, so that the guide's examples work as printed. A page on
another site can reach loopback through the analyst's browser, directly or under a host name that it points to
127.0.0.1 (DNS rebinding): so the Host must be a name this server is known by, and a write's Origin the same
host. As soon as one key is in force, or the server listens beyond loopback, a key is needed for everything but
health.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soc import clock
from soc.settings import get_settings
from soc.store import keys
from soc.store.db import read_session, write_session
from soc.store.keys import Scope as KeyScope

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN_PATHS = ("/health",)
#: Paths whose writes change the installation itself.
_ADMIN_PARTS = ("/config", "/keys", "/versions", "/import", "/export")
#: Requests a caller may make: this many at once, refilled at this rate.
BURST = 120
PER_SECOND = 40.0
_MOST_CALLERS = 10_000
#: Largest body of a request that is no upload.
LARGEST_BODY = 1024 * 1024


class _TooLarge(HTTPException):
    """The body is longer than it may be. An HTTPException, since FastAPI turns any other into a 400."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The body is larger than {limit:,} bytes.")


class Buckets:
    """Token buckets by caller, in this process."""

    def __init__(self, *, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._burst, self._rate = float(burst), per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str, *, at: float | None = None) -> float:
        """0 when the request may go on, else the seconds after which it may."""
        now = time.monotonic() if at is None else at
        with self._lock:
            left, seen = self._left.pop(caller, (self._burst, now))
            left = min(self._burst, left + (now - seen) * self._rate)
            allowed = left >= 1
            self._left[caller] = (left - 1 if allowed else left, now)
            while len(self._left) > _MOST_CALLERS:
                self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._rate


class ApiGuard:
    """ASGI middleware around the API. `listens_beyond_loopback` makes keys mandatory from the start."""

    def __init__(
        self, app: ASGIApp, *, listens_beyond_loopback: bool = False, buckets: Buckets | None = None
    ) -> None:
        self._app = app
        self._beyond = listens_beyond_loopback
        self._buckets = buckets or Buckets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = (
            self._foreign(scope, headers)
            or await self._unknown(scope, headers)
            or self._hurried(scope, headers)
        )
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._bounded(scope, receive, send, headers)

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
        path = _path(scope)
        if path in _OPEN_PATHS:
            return None
        refusal, name = await run_in_threadpool(self._judge, _needed(scope["method"], path), _key_of(headers))
        scope["soc.caller"] = name
        return refusal

    def _judge(self, needed: KeyScope, key: str) -> tuple[JSONResponse | None, str]:
        with read_session() as session:
            if not key:
                if self._beyond or keys.any_active(session):
                    return problem(
                        401, "An API key is needed.",
                        "Send it as “Authorization: Bearer soc_…”. `soc keys create` makes one.",
                    ), ""  # fmt: skip
                return None, "local"
            row = keys.find_key(session, key)
        if row is None:
            return problem(
                401, "This API key is not in force.", "It may be mistyped or revoked: `soc keys list`."
            ), ""
        if not KeyScope(row.scope).covers(needed):
            hint = f"This call needs the scope “{needed}”; the key has “{row.scope}”."
            return problem(403, "The key's scope does not cover this call.", hint), ""
        if keys.needs_touch(row, now=clock.now()):
            with write_session() as session:
                keys.touch(session, row.id, now=clock.now())
        return None, f"key:{row.name}"

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

    async def _bounded(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]) -> None:
        limit = get_settings().max_upload_bytes if _path(scope).startswith("/batches") else LARGEST_BODY
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            await _too_large(limit)(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLarge(limit)
            return message

        await self._app(scope, counted, send)


def problem(status: int, title: str, hint: str = "", **more: object) -> JSONResponse:
    """An RFC 9457 answer: what is wrong, and what to do about it."""
    body = {"type": "about:blank", "title": title, "status": status, "hint": hint, **more}
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def _too_large(limit: int) -> JSONResponse:
    return problem(413, f"The body is larger than {limit:,} bytes.", "Send less at once.")


def _path(scope: Scope) -> str:
    """The path within the API, however it is mounted."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if root else path


def _needed(method: str, path: str) -> KeyScope:
    if any(part in path for part in _ADMIN_PARTS) and (
        method not in _READS or "/keys" in path or "/export" in path
    ):
        return KeyScope.ADMIN
    return KeyScope.READ if method in _READS else KeyScope.ACT


def _key_of(headers: dict[str, str]) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


def _name_of(host: str) -> str:
    """The host without its port (`[::1]:8501` → `[::1]`)."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
