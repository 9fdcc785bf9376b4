"""`/signin/start`, `/signin/callback`, and the sign-in by a proxy's word: who somebody else vouches for comes in."""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.responses import Response

from soc import clock
from soc.access.accounts import Identity, account_of
from soc.access.cookies import cookie, cookie_of, set_cookie
from soc.access.id_tokens import TokenRefused
from soc.access.providers import provider_of, role_table
from soc.api.lanes import own
from soc.serving.signin import pages
from soc.serving.signin.asked import at_the_store, base_below, is_secure, onward, origin_here
from soc.serving.signin.coming import begin_here
from soc.serving.signin.oidc import Begun, ProviderAway, begin, finish
from soc.serving.signin.paths import CALLBACK, SIGN_IN, START, safe_next
from soc.settings import get_settings
from soc.store.db import write_session

log = structlog.get_logger(__name__)
_MINUTES_10 = 600


async def start(request: Request) -> Response:
    """Leave for the provider that the link names."""
    base = base_below(request, START)
    provider = provider_of(request.query_params.get("issuer", ""))
    if provider is None:
        return pages.page("Sign in", pages.told("There is no such provider here."), status=404)
    going = safe_next(request.query_params.get("next", ""), base)
    redirect = _redirect(request, base)
    try:
        address, begun = await own("oidc").run(lambda: begin(provider, redirect, going))
    except ProviderAway as error:
        log.warning("provider_away", issuer=provider.issuer, why=error.why)
        return _again(base, error.message, error.hint or "", 502)
    return onward(address, _note(request, begun.seal(), _MINUTES_10))


async def callback(request: Request) -> Response:
    """Whoever comes back from the provider: a session, or why not."""
    base = base_below(request, CALLBACK)
    redirect = _redirect(request, base)
    answer = dict(request.query_params)
    kept = cookie_of(request.scope["headers"], _name(request))

    def proved() -> tuple[Identity, str]:
        begun = Begun.unseal(kept)
        provider = provider_of(begun.issuer)
        if provider is None:
            raise TokenRefused("the provider is none of ours any more")
        return finish(provider, begun, answer, redirect), begun.onward

    try:
        identity, going = await own("oidc").run(proved)
    except (TokenRefused, ProviderAway) as error:
        log.warning("sign_in_refused", why=error.why)
        refused = _again(
            base, error.message, error.hint or "", 401 if isinstance(error, TokenRefused) else 502
        )
        refused.headers.append("set-cookie", _note(request, "", 0))
        return refused
    answered = await come_in(request, identity, going, base)
    answered.headers.append("set-cookie", _note(request, "", 0))
    return answered


async def come_in(request: Request, identity: Identity, going: str, base: str) -> Response:
    """A session for somebody who is vouched for, where the account or the groups give a role."""

    def taken() -> str:
        with write_session() as session:
            row = account_of(session, identity, role_table(), now=clock.now())
            if row is None:
                return ""
            return begin_here(session, request, row)

    token = await at_the_store(taken, request)
    if token:
        return onward(going, cookie(token, secure=is_secure(request)))
    log.warning("sign_in_refused", why="no role", issuer=identity.issuer, subject=identity.subject)
    said = "You are known, and may not come in here."
    hint = f"An administrator lets you in: you are {identity.subject} at {identity.issuer}."
    return _again(base, said, hint, 403)


def _again(base: str, message: str, hint: str, status: int) -> Response:
    link = f"<p><a class=button href='{base}{SIGN_IN}'>Back</a></p>"
    return pages.page("Sign in", pages.told(message, hint) + link, status=status)


def _redirect(request: Request, base: str) -> str:
    return f"{get_settings().public_url or origin_here(request) + base}{CALLBACK}"


def _name(request: Request) -> str:
    return "__Host-soc_signin" if is_secure(request) else "soc_signin"


def _note(request: Request, value: str, seconds: int) -> str:
    return set_cookie(_name(request), value, secure=is_secure(request), seconds=seconds)
