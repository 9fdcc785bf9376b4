"""`/signin`, `/signin/link`, `/signin/here`, `/signout`: how a person comes in and goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from soc import clock
from soc.access.accounts import accept_invitation, invited
from soc.access.cookies import cookie, no_cookie
from soc.access.local import NotThem, check_local, note_refused, take_code
from soc.access.providers import provider_of, providers
from soc.access.sessions import NotAllowed, end_session, find_seat, in_force
from soc.access.vouched import vouched_for
from soc.api.lanes import own
from soc.api.problems import problem, store_is_away
from soc.door.request_ids import HEADER, named_request, naming
from soc.errors import SocError
from soc.serving.signin import pages
from soc.serving.signin.account import show_account
from soc.serving.signin.asked import (
    Foreign,
    address_of,
    at_the_store,
    base_below,
    field,
    form_of,
    is_secure,
    onward,
    origin_here,
    seat_of,
    session_token,
)
from soc.serving.signin.coming import begin_here
from soc.serving.signin.federated import callback, come_in, start
from soc.serving.signin.guesses import wait_for
from soc.serving.signin.oidc import leaving
from soc.serving.signin.paths import ACCOUNT, CALLBACK, HERE, LINK, SIGN_IN, SIGN_OUT, START, safe_next
from soc.settings import get_settings
from soc.store.db import STORE_IS_AWAY, read_session, write_session
from soc.store.nouns.people.accounts import AccountRow, get_account

log = structlog.get_logger(__name__)
Answering = Callable[[Request], Awaitable[Response]]


def sign_in_routes(base: str) -> list[BaseRoute]:
    """The routes, below the base."""
    answering: dict[str, tuple[Answering, list[str]]] = {
        SIGN_IN: (_sign_in, ["GET", "POST"]),
        LINK: (_link, ["GET", "POST"]),
        START: (start, ["GET"]),
        CALLBACK: (callback, ["GET"]),
        HERE: (_here, ["GET"]),
        SIGN_OUT: (_sign_out, ["POST"]),
        ACCOUNT: (show_account, ["GET", "POST"]),
    }
    return [Route(f"{base}{path}", SignInRoute(one, methods)) for path, (one, methods) in answering.items()]


class SignInRoute:
    """One of the addresses: nothing is there where nobody signs in, and a form must be one of ours."""

    def __init__(self, answer: Answering, methods: list[str]) -> None:
        self._answer, self._methods = answer, methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        with named_request(request.headers.get(HEADER, "")) as name:
            answer = await self._answered(request)
            await answer(scope, receive, naming(send, name))

    async def _answered(self, request: Request) -> Response:
        if not in_force():
            return problem(404, "Nobody signs in here.", "`SOC_SIGN_IN` says how people do.")
        if request.method not in self._methods:
            answer = problem(405, "This address does not take this method.", "Open the dashboard.")
            answer.headers["Allow"] = ", ".join(self._methods)
            return answer
        try:
            return await self._answer(request)
        except Foreign:
            return problem(403, "This form was not sent by a page of this server.", "Send it from the page.")
        except STORE_IS_AWAY as error:
            return store_is_away(error)
        except NotAllowed as error:
            await own("sign-in").run(error.tell)
            return pages.page("That is not yours", pages.told(error.message, error.hint or ""), status=403)
        except SocError as error:
            said = pages.told(error.message, error.hint or "")
            return pages.page("That did not work", said, status=400)


async def _sign_in(request: Request) -> Response:
    base = base_below(request, SIGN_IN)
    if request.method == "GET":
        asked = safe_next(request.query_params.get("next", ""), base)
        if await seat_of(request) is not None:
            return onward(asked)
        if (identity := vouched_for(request.scope)) is not None:
            return await come_in(request, identity, asked, base)
        return form_page(base, asked, said=await _left(request, base))
    form = await form_of(request)
    asked = safe_next(field(form, "next"), base)
    if "local" not in get_settings().sign_in:
        return form_page(base, asked, said=pages.told("Nobody signs in by a password here."), status=403)
    name, client = field(form, "name"), address_of(request)
    wait = wait_for(name, client)
    if wait:
        said = pages.told("Too many tries.", f"Wait {wait:.0f} s.")
        answer = form_page(base, asked, said=said, status=429)
        answer.headers["retry-after"] = str(max(1, round(wait)))
        return answer
    try:
        return await _come_in(request, name, field(form, "password"), field(form, "code"), asked)
    except NotThem as error:
        log.warning("sign_in_refused", address=client)
        return form_page(base, asked, said=pages.told(error.message, error.hint or ""), status=401)


def form_page(base: str, onto: str, *, said: str = "", status: int = 200) -> Response:
    """The page on which one signs in."""
    settings = get_settings()
    form = pages.sign_in_form(
        f"{base}{SIGN_IN}",
        onto,
        local="local" in settings.sign_in,
        providers={
            one.name: f"{base}{START}?{urlencode({'issuer': one.issuer, 'next': onto})}"
            for one in providers()
        },
        said=said,
    )
    return pages.page("Sign in", form, status=status)


async def _come_in(request: Request, name: str, password: str, code: str, asked: str) -> Response:
    def known() -> AccountRow | None:
        with read_session() as session:
            return check_local(session, name, password)

    row = await own("passwords").run(known)  # slow, and apart: it holds up nobody's page

    def taken() -> str:
        now = clock.now()
        with write_session() as session:
            if row is None or not take_code(session, row.id, code, now=now):
                note_refused(session, name)
                return ""
            return begin_here(session, request, get_account(session, row.id))

    token = await at_the_store(taken, request)
    if not token:
        raise NotThem
    return onward(asked, cookie(token, secure=is_secure(request)))


async def _link(request: Request) -> Response:
    """By a one-time link a person sets the password, and is in."""
    base, token, said = base_below(request, LINK), request.query_params.get("token", ""), ""
    address = f"{base}{LINK}"
    if request.method == "POST":
        form = await form_of(request)
        token = field(form, "token")
        if (wait := wait_for("", address_of(request))) > 0:
            return pages.page("Sign in", pages.told("Too many tries.", f"Wait {wait:.0f} s."), status=429)
        if field(form, "password") == field(form, "again"):
            return await _by_link(request, token, field(form, "password"), f"{base}/")
        said = pages.told("The two are not the same.")

    def whose() -> str:
        with read_session() as session:
            return invited(session, token, now=clock.now()).subject

    name = await at_the_store(whose, request)
    return pages.page("Set your password", pages.password_form(address, token, name, said))


async def _by_link(request: Request, token: str, password: str, home: str) -> Response:
    def accepted() -> str:
        with write_session() as session:
            row = accept_invitation(session, token, password, now=clock.now())
            return begin_here(session, request, row)

    return onward(home, cookie(await at_the_store(accepted, request), secure=is_secure(request)))


async def _here(request: Request) -> Response:
    """Whether this browser is signed in still: each tab asks it every two seconds."""
    there = await seat_of(request) is not None
    return Response(status_code=204 if there else 401, headers={"cache-control": "no-store"})


async def _sign_out(request: Request) -> Response:
    await form_of(request)

    def end() -> str:
        seat = find_seat(session_token(request))
        if seat is None:
            return ""
        with write_session() as session:
            end_session(session, seat.session_id, actor=seat.actor, now=clock.now())
        return seat.issuer

    issuer = await at_the_store(end, request)
    left = f"?{urlencode({'left': issuer})}" if provider_of(issuer) else ""
    return onward(f"{base_below(request, SIGN_OUT)}{SIGN_IN}{left}", no_cookie(secure=is_secure(request)))


async def _left(request: Request, base: str) -> str:
    """For whoever just signed out here: the way to sign out at the provider too, where it declares one."""
    provider = provider_of(request.query_params.get("left", ""))
    if provider is None:
        return ""
    back = f"{get_settings().public_url or origin_here(request) + base}{SIGN_IN}"
    address = await own("oidc").run(lambda: leaving(provider, back))
    return pages.left_note(provider.name, address)
