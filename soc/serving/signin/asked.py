"""What a request to the pages of signing in says, and the answers that most of them give."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from soc.access import vouched
from soc.access.cookies import token_of
from soc.access.sessions import Seat
from soc.api.lanes import own
from soc.api.limits import bounded
from soc.audit.whereabouts import acting_from
from soc.door.proxies import scheme_of
from soc.hosts import parse_host
from soc.storable import storable

T = TypeVar("T")
_LARGEST_FORM = 16 * 1024


class Foreign(Exception):
    """A form that no page of ours sent."""


def is_secure(request: Request) -> bool:
    return scheme_of(request.scope) == "https"


def base_below(request: Request, path: str) -> str:
    """What stands before this path in the address: the base that the dashboard is served below."""
    return request.url.path.removesuffix("/").removesuffix(path)


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def session_token(request: Request) -> str:
    return token_of(request.scope["headers"], secure=is_secure(request))


async def seat_of(request: Request) -> Seat | None:
    """Who is signed in in the browser that asks."""
    return await at_the_store(lambda: vouched.seat_of(request.scope), request)


async def at_the_store(work: Callable[[], T], request: Request) -> T:
    """What the work returns, done in a thread for these pages; the audit knows from where."""
    where = f"sign-in {address_of(request)}"

    def noted() -> T:
        with acting_from(where):
            return work()

    return await own("sign-in").run(noted)


async def form_of(request: Request) -> FormData:
    """The fields of a form that a page of ours sent. Raises Foreign for any other.

    The door has refused what another site's page sends; this refuses also what does not say where it comes from.
    """
    said = request.headers.get("origin", ""), request.headers.get("sec-fetch-site", "")
    if not said[0] and said[1] != "same-origin":
        raise Foreign
    return await Request(request.scope, bounded(request.receive, _LARGEST_FORM)).form(
        max_files=0, max_fields=20
    )


def field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return storable(value) if isinstance(value, str) else ""


def onward(address: str, *cookies: str) -> Response:
    """See other, with these cookies."""
    answer = RedirectResponse(address, 303, {"cache-control": "no-store"})
    for one in cookies:
        answer.headers.append("set-cookie", one)
    return answer


def origin_here(request: Request) -> str:
    """Scheme, name and port as the browser called them; the door has looked at the name."""
    host = parse_host(request.headers.get("host", ""))
    assert host is not None
    return f"{scheme_of(request.scope)}://{request.headers['host']}"
