"""What a proxy that signs people in says of a request: believed from the addresses that are named, taken out of any other."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from starlette.types import Scope

from soc.access.accounts import Identity
from soc.access.cookies import token_of
from soc.access.providers import proxy_networks
from soc.access.sessions import Seat, find_seat
from soc.door.proxies import scheme_of
from soc.hosts import plain_address
from soc.settings import get_settings

PROXY = "proxy"
_LONGEST = 200


def seat_of(scope: Scope) -> Seat | None:
    """Who is signed in in the browser that asks. A session that a proxy vouched for needs its word each time, for the same person."""
    seat = find_seat(token_of(scope["headers"], secure=scheme_of(scope) == "https"))
    if seat is None or seat.issuer != PROXY:
        return seat
    said = vouched_for(scope)
    return seat if said is not None and said.subject == seat.subject else None


def vouched_for(scope: Scope) -> Identity | None:
    """Whom the proxy names; None where it names nobody, or is none of ours. Two values of the header are none."""
    if not _is_ours(scope):
        return None
    settings = get_settings()
    users = _values(scope, settings.proxy_user_header)
    subject = users[0].strip() if len(users) == 1 else ""
    if not subject or len(subject) > _LONGEST or not subject.isprintable():
        return None
    groups = ",".join(_values(scope, settings.proxy_groups_header)).split(",")
    return Identity(PROXY, subject, subject, tuple(group.strip() for group in groups if group.strip()))


def without_claims(scope: Scope) -> Scope:
    """The request without what somebody else than our proxy says of who asks, in whatever spelling."""
    if _is_ours(scope):
        return scope
    settings = get_settings()
    names = {_plain(settings.proxy_user_header.encode()), _plain(settings.proxy_groups_header.encode())}
    return {**scope, "headers": [pair for pair in scope["headers"] if _plain(pair[0]) not in names]}


def _is_ours(scope: Scope) -> bool:
    address = plain_address(str((scope.get("client") or ("",))[0]))
    if not address:
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in proxy_networks())


def _values(scope: Scope, name: str) -> list[str]:
    wanted = _plain(name.encode())
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return [_text(value) for key, value in headers if _plain(key) == wanted]


def _text(value: bytes) -> str:
    """Proxies pass names on as they have them, in UTF-8; what is none is as HTTP has it."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _plain(name: bytes) -> bytes:
    return name.lower().replace(b"_", b"-")
