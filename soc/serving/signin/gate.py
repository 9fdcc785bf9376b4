"""The gate before the pages, where people have to sign in: nothing of theirs is answered without a session that lasts.

Pages, their files, uploads and the websocket. What programs ask for has a guard of its own (`soc.api.guard`). A websocket
is looked at again every two seconds for as long as it is open, so that a tab ends with its session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soc.access.exposure import exposed
from soc.access.scopes import Scope as KeyScope
from soc.access.sessions import in_force
from soc.access.vouched import seat_of, without_claims
from soc.api.lanes import own
from soc.api.problems import store_is_away
from soc.door import Refusal
from soc.door.callers import values_of
from soc.door.proxies import scheme_of
from soc.serving.signin.paths import PATHS, SIGN_IN, asked_path
from soc.store.db import STORE_IS_AWAY

LOOK_EVERY = 2.0
_ENDED = 1008
NOT_SIGNED_IN = Refusal(401, "You are not signed in.", "Open the dashboard and sign in.")
NOT_YOURS = Refusal(
    403, "Your role does not cover this.", "It hands no files in; an administrator can change it."
)
NOT_BY_HTTP = Refusal(
    403,
    "People sign in by https alone here.",
    "This server can be reached from beyond its own machine, and this request came by plain http: a password or a session "
    "would be read by whoever is in between. Open it by https; a proxy says so in `X-Forwarded-Proto`.",
)


class SignInGate:
    """ASGI middleware around everything. `for_programs` says of a path that it is none of the pages'."""

    def __init__(self, app: ASGIApp, *, base: str, beyond: bool, for_programs: Callable[[str], bool]) -> None:
        self._app = app
        self._base = base
        self._beyond = beyond
        self._for_programs = for_programs
        self._open = frozenset(f"{base}{path}" for path in PATHS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or not in_force() or self._is_for_programs(scope):
            await self._app(scope, receive, send)
            return
        secure = scheme_of(scope) == "https"
        if not secure and exposed(scope, beyond=self._beyond):
            await NOT_BY_HTTP.answer(scope, receive, send)
            return
        if scope["type"] == "http" and scope["path"] in self._open:
            asked = dict(without_claims(scope))
            scope["query_string"] = b""  # the server's log writes it down: one-time tokens stand in it
            await self._app(asked, receive, send)
            return
        try:
            seat = await own("sign-in").run(lambda: seat_of(scope))
        except STORE_IS_AWAY as error:
            await _away(error, scope, receive, send)
            return
        if seat is None:
            await self._turn_away(scope, receive, send)
        elif scope["path"] == f"{self._base}/upload" and not seat.scope.covers(KeyScope.ACT):
            await NOT_YOURS.answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await _while_it_lasts(self._app, without_claims(scope), receive, send)
        else:
            await self._app(without_claims(scope), receive, send)

    def _is_for_programs(self, scope: Scope) -> bool:
        """Never a websocket: programs have none here."""
        return scope["type"] == "http" and self._for_programs(str(scope["path"]))

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A person who opens a page is led to sign in, and back; whatever else asks is refused."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and _is_opened(scope):
            address = f"{self._base}{SIGN_IN}?next={quote(asked_path(scope), safe='')}"
            answer = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
            await answer(scope, receive, send)
            return
        await NOT_SIGNED_IN.answer(scope, receive, send)


def _is_opened(scope: Scope) -> bool:
    """Whether a browser asks for a whole page. A page's own files and calls are refused instead."""
    modes = values_of(scope, b"sec-fetch-mode")
    wanted = ",".join(values_of(scope, b"accept"))
    return "text/html" in wanted and modes in ([], ["navigate"])


async def _away(error: BaseException, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013, "reason": "The store is away."})
        return
    answer: Response = store_is_away(error)
    await answer(scope, receive, send)


async def _while_it_lasts(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """The websocket, until its session is over: then it is closed, and the application hears that the browser has gone."""
    over = asyncio.Event()

    async def hear() -> Message:
        coming, ending = asyncio.ensure_future(receive()), asyncio.ensure_future(over.wait())
        try:
            await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
            if over.is_set():
                return {"type": "websocket.disconnect", "code": _ENDED}
            return coming.result()
        finally:
            ending.cancel()
            coming.cancel()

    async def say(message: Message) -> None:
        if not over.is_set():
            await send(message)

    async def watch() -> None:
        while await _lasts(scope):
            await asyncio.sleep(LOOK_EVERY)
        over.set()
        with suppress(Exception):  # the browser may have gone by itself
            await send({"type": "websocket.close", "code": _ENDED, "reason": "signed out"})

    watching = asyncio.create_task(watch())
    try:
        await app(scope, hear, say)
    finally:
        watching.cancel()


async def _lasts(scope: Scope) -> bool:
    """A store that does not answer ends nobody's session; what is done meanwhile asks it again."""
    try:
        return await own("sign-in").run(lambda: seat_of(scope)) is not None
    except STORE_IS_AWAY:
        return True
