"""The door before everything that this process serves, with what the settings say of names and of open pages."""

from __future__ import annotations

from functools import lru_cache

from starlette.middleware import Middleware
from starlette.types import Scope

from soc.access.exposure import exposed
from soc.access.sessions import in_force
from soc.door import API_POLICY, PAGES_POLICY, Door, Refusal
from soc.door.policies import Policy
from soc.hosts import Host, parse_host
from soc.serving.routes import base_of, is_for_programs
from soc.serving.signin.gate import SignInGate
from soc.settings import get_settings

PAGES_ARE_CLOSED = Refusal(
    403,
    "The dashboard's pages are closed here.",
    "Nobody has to sign in (`SOC_SIGN_IN` is not set), and this server can be reached from beyond its own machine: it listens on an "
    "address that others can reach, `SOC_HOST_NAMES` is set, or a proxy passed the request on.",
    (
        "Open http://127.0.0.1 on the machine itself, or through `ssh -L`.",
        "To share the pages: let people sign in (docs/sign-in.md), or put a proxy in front that checks who comes in, let nobody reach this port but the proxy, "
        "and set `SOC_OPEN_PAGES=1` to say so.",
        "The API and /metrics answer to whoever has a key (`soc keys create`).",
    ),
)


@lru_cache(maxsize=4)
def _parsed(names: tuple[str, ...]) -> tuple[Host, ...]:
    return tuple(host for host in map(parse_host, names) if host)


def own_names() -> tuple[Host, ...]:
    """The names that the settings add to the local ones."""
    return _parsed(get_settings().host_names)


def front_door(
    *, listens_beyond_loopback: bool, base_url_path: str = "", page_scripts: tuple[str, ...] = ()
) -> Middleware:
    """The door, for an application's `middleware`. `page_scripts` are the CSP hashes of scripts that stand in the page."""
    base = base_of(base_url_path)

    def closed(scope: Scope) -> Refusal | None:
        if in_force() or get_settings().open_pages or is_for_programs(str(scope["path"]), base):
            return None
        return PAGES_ARE_CLOSED if exposed(scope, beyond=listens_beyond_loopback) else None

    return Middleware(
        Door,
        names=own_names,
        beyond=listens_beyond_loopback,
        closed=closed,
        policy=_policy(base, page_scripts),
    )


def sign_in_gate(*, listens_beyond_loopback: bool, base_url_path: str = "") -> Middleware:
    """The gate behind the door, for an application's `middleware`: it does nothing where nobody has to sign in."""
    base = base_of(base_url_path)
    return Middleware(
        SignInGate,
        base=base,
        beyond=listens_beyond_loopback,
        for_programs=lambda path: is_for_programs(path, base),
    )


def _policy(base: str, page_scripts: tuple[str, ...]) -> Policy:
    pages = PAGES_POLICY.format(scripts="".join(f" '{one}'" for one in page_scripts))
    return lambda path: API_POLICY if is_for_programs(path, base) else pages
