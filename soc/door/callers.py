"""Whose page a request comes from: the browser says it in `Origin` and `Sec-Fetch-*`, which no page can forge."""

from __future__ import annotations

from starlette.types import Scope

from soc.door.proxies import scheme_of
from soc.door.refusals import Refusal
from soc.hosts import Host, origin_of, parse_origin

_OWN = frozenset({"same-origin", "none"})
_READS = frozenset({"GET", "HEAD"})

FOREIGN_SITE = Refusal(
    403,
    "The request comes from another web site.",
    "Send it from this server's own pages.",
    (
        "A proxy must pass the Host header on as the browser sent it, and say in X-Forwarded-Proto whether "
        "people come by http or https.",
    ),
)


def values_of(scope: Scope, name: bytes) -> list[str]:
    """Every value of a header, in order."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def foreign_page(scope: Scope, host: Host) -> Refusal | None:
    """Refuse what another site's page sends: any websocket, any write, any read but a link that a person follows.

    A websocket must say where it comes from: every browser does. Scheme, name and port must be the ones that were called.
    """
    origins = values_of(scope, b"origin")
    is_websocket = scope["type"] == "websocket"
    if len(origins) > 1 or (is_websocket and not origins):
        return FOREIGN_SITE
    if origins:
        scheme = scheme_of(scope)
        own = origin_of(scheme, host) if scheme in ("http", "https") else None
        if own is None or parse_origin(origins[0]) != own:
            return FOREIGN_SITE
    sites = values_of(scope, b"sec-fetch-site")
    if all(site in _OWN for site in sites):
        return None
    return None if not is_websocket and _is_a_followed_link(scope) else FOREIGN_SITE


def _is_a_followed_link(scope: Scope) -> bool:
    """A link in a ticket or a chat: a whole page is asked for, in a tab of its own and not in a frame."""
    return (
        scope["method"] in _READS
        and values_of(scope, b"sec-fetch-mode") == ["navigate"]
        and values_of(scope, b"sec-fetch-dest") == ["document"]
    )
