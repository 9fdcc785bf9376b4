"""Who may call the API: keys, and limits on rate and size. Whose name was called from which page is the door's matter.

A fresh install on loopback answers without a key, so that the guide's examples work as printed. As soon as one key
is in force, or somebody beyond this machine may be asking (`soc.access.exposure`), a key is needed for everything but
health. Which scope a call needs is declared at its route. Where people sign in, a call needs a key or the cookie of a session
that lasts, and the person's role must cover it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soc import clock
from soc.access import keys
from soc.access.exposure import exposed
from soc.access.scopes import Scope as KeyScope
from soc.access.sessions import Seat, in_force, note_use, refuse
from soc.access.vouched import seat_of
from soc.api.lanes import own
from soc.api.limits import BURST, LARGEST_BODY, PER_SECOND, Buckets, KeyTries, bounded
from soc.api.problems import problem, store_is_away
from soc.api.scopes import Needed
from soc.audit.whereabouts import set_whereabouts
from soc.domain.actor import ON_LOOPBACK, Actor
from soc.domain.audit import Subject, SubjectKind
from soc.door.proxies import scheme_of
from soc.door.request_ids import HEADER, named_request, naming
from soc.door.traced import traced
from soc.settings import get_settings
from soc.store.db import STORE_IS_AWAY, read_session, write_session
from soc.store.nouns.people.keys import any_active, touch
from soc.tracing.context import HEADER as TRACE

__all__ = ["BURST", "LARGEST_BODY", "ApiGuard", "Buckets", "actor_of", "caller_of"]

#: A store that does not answer for this long is away: who asked is told so, and does not wait with all others.
STORE_PATIENCE = 10.0
_ACTOR, _CALLER = "soc.actor", "soc.caller"


def actor_of(request: Request) -> Actor:
    """Who makes this request: the key's holder, or somebody on loopback. Also notes from where, for the audit."""
    set_whereabouts(f"api {request.client.host if request.client else ''}")
    actor = request.scope.get(_ACTOR)
    return actor if isinstance(actor, Actor) else ON_LOOPBACK


def caller_of(request: Request) -> str:
    """The same for people: the key's name."""
    return str(request.scope.get(_CALLER) or "local")


def read_needed(_method: str, _path: str) -> Needed:
    """For what is only looked at (`/metrics`)."""
    return KeyScope.READ


#: The refusal, if it is one, and who called, if somebody is known.
Judged = tuple[JSONResponse | None, keys.Holder | Seat | None]


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
        self._keys = KeyTries()
        declared: Callable[[str, str], Needed] = getattr(
            getattr(app, "state", None), "scope_needed", read_needed
        )
        self._needed = needed or declared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with (
            named_request(headers.get(HEADER, ""), headers.get(TRACE, "")) as name,
            traced(scope, naming(send, name)) as answer,
        ):
            if scope["method"] == "HEAD":
                answer = _without_body(answer)
            refusal = await self._unknown(scope, headers) or _too_large(scope, headers)
            if refusal is not None:
                await refusal(scope, receive, answer)
                return
            if scope["method"] == "HEAD":  # every GET answers it; the routes need not say so one by one
                scope = {**scope, "method": "GET"}
            await self._app(scope, bounded(receive, _limit(scope)), answer)

    async def _unknown(self, scope: Scope, headers: dict[str, str]) -> JSONResponse | None:
        """Refuse who may not call, or too often. The store is asked last: nobody's haste or guesses reach it."""
        needed, key = self._needed(scope["method"], _path(scope)), _key_of(headers)
        client = str((scope.get("client") or ("?", 0))[0])
        if needed is None:  # a probe has a bucket of its own: others at its address do not hold it up
            return _hurried(self._buckets.take(f"open {client}"))
        proved = self._keys.is_proved(key)
        wait = self._buckets.take(key if proved else client)
        if key and not wait and not proved:
            wait = self._keys.wait(client)
        if wait:
            return _hurried(wait)
        signing_in = in_force()
        if not key and not signing_in and exposed(scope, beyond=self._beyond):
            return _no_key()
        if key and not keys.is_key(key):
            return _wrong_key()
        what = f"{scope['method']} {_path(scope)}"
        try:
            if signing_in and not key:
                secure = scheme_of(scope) == "https" or not exposed(scope, beyond=self._beyond)
                judged = own("guard").run(lambda: _judge_person(needed, scope if secure else None, what))
            else:
                judged = own("guard").run(lambda: self._judge(needed, key, what))
            refusal, caller = await asyncio.wait_for(judged, STORE_PATIENCE)
        except (*STORE_IS_AWAY, TimeoutError) as error:
            return store_is_away(error)
        if isinstance(caller, Seat):
            scope[_ACTOR], scope[_CALLER] = caller.actor, f"person:{caller.name}"
        elif caller is not None:
            scope[_ACTOR], scope[_CALLER] = caller.actor, f"key:{caller.name}"
        return refusal

    def _judge(self, needed: KeyScope, key: str, what: str) -> Judged:
        now = clock.now()
        with read_session() as session:
            if not key:
                return (_no_key() if any_active(session) else None), None
            holder = keys.check_key(session, key, now=now)
        if holder is None:
            self._keys.forget(key)
            return _wrong_key(), None
        self._keys.prove(key)
        if not holder.scope.covers(needed):
            refuse(holder.actor, Subject(SubjectKind.KEY, holder.key_id), what, needed, holder.scope)
            hint = f"This call needs the scope “{needed}”; the key has “{holder.scope}”."
            return problem(403, "The key's scope does not cover this call.", hint), holder
        if holder.stale:
            with (
                suppress(*STORE_IS_AWAY),
                write_session() as session,
            ):  # only a note; it must not refuse anybody
                touch(session, holder.key_id, now=now)
        return None, holder


def _judge_person(needed: KeyScope, scope: Scope | None, what: str) -> Judged:
    """Whoever signed in in the browser that calls, as the role allows; nobody where it calls over plain http from beyond."""
    seat = None if scope is None else seat_of(scope)
    if seat is None:
        hint = "Sign in at the dashboard, or send a key as “Authorization: Bearer soc_…”."
        return problem(401, "An API key is needed, or a session of somebody who signed in.", hint), None
    if not seat.scope.covers(needed):
        refuse(seat.actor, Subject(SubjectKind.PERSON, seat.person_id), what, needed, seat.role.value)
        hint = f"This call needs the scope “{needed}”; your role “{seat.role}” has “{seat.scope}”."
        return problem(403, "Your role does not cover this call.", hint), seat
    with suppress(*STORE_IS_AWAY):
        note_use(seat)
    return None, seat


def _no_key() -> JSONResponse:
    hint = "Send it as “Authorization: Bearer soc_…”. `soc keys create` makes one."
    return problem(401, "An API key is needed.", hint)


def _wrong_key() -> JSONResponse:
    hint = "It may be mistyped or revoked: `soc keys list`."
    return problem(401, "This API key is not in force.", hint)


def _hurried(wait: float) -> JSONResponse | None:
    if not wait:
        return None
    seconds = max(1, math.ceil(wait))
    hint = f"Wait {seconds} s, and send fewer than {PER_SECOND:.0f} a second."
    answer = problem(429, "Too many requests.", hint)
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
