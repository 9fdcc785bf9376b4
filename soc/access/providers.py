"""Who vouches for people, as the settings say: OpenID Connect providers, proxies, and which group gives which role."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from soc.access.scopes import AccessRole
from soc.errors import ConfigurationError
from soc.settings import get_settings

_FIELDS = {"name", "issuer", "client_id", "client_secret", "scopes"}
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Provider:
    """An OpenID Connect provider and what we are to it. Without a secret we are a public client."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    scopes: str


def providers() -> tuple[Provider, ...]:
    """In the order in which they are offered; none where people do not sign in by one. Raises ConfigurationError."""
    settings = get_settings()
    if "oidc" not in settings.sign_in:
        return ()
    return _parsed(settings.oidc_providers.get_secret_value())


def provider_of(issuer: str) -> Provider | None:
    return next((one for one in providers() if one.issuer == issuer), None)


@lru_cache(maxsize=2)
def _parsed(text: str) -> tuple[Provider, ...]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list) or not given:
        raise _wrong("it is a JSON list of at least one provider")
    found = tuple(_provider(one) for one in given)
    if len({one.issuer for one in found}) != len(found):
        raise _wrong("each issuer stands there once")
    return found


def _provider(given: Any) -> Provider:
    """Repeats no value: a secret may stand in it."""
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise _wrong("each provider is an object of texts")
    if unknown := set(given) - _FIELDS:
        raise _wrong(
            f"{', '.join(sorted(unknown)[:3])[:60]} is not known; there are {', '.join(sorted(_FIELDS))}"
        )
    issuer, client = given.get("issuer", "").strip(), given.get("client_id", "").strip()
    host = _host_of(issuer)
    if not host:
        raise _wrong("an issuer is an https address, to the letter as the provider writes it")
    if not client:
        raise _wrong("client_id is missing")
    return Provider(
        name=given.get("name", "").strip() or host,
        issuer=issuer,
        client_id=client,
        client_secret=given.get("client_secret", ""),
        scopes=given.get("scopes", "").strip() or "openid profile",
    )


def _host_of(issuer: str) -> str:
    """Its host; "" for what is no https address (http on this machine alone)."""
    try:
        parts = urlsplit(issuer)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    local = host in ("127.0.0.1", "localhost", "::1")
    return host if parts.scheme == "https" or (parts.scheme == "http" and local) else ""


def _wrong(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"SOC_OIDC_PROVIDERS cannot be used: {why}.", hint="docs/sign-in.md shows how it is written."
    )


def role_table() -> Mapping[str, AccessRole]:
    """By group. Raises ConfigurationError."""
    table: dict[str, AccessRole] = {}
    for entry in get_settings().roles:
        group, _, role = entry.rpartition("=")
        if not group.strip() or role.strip() not in list(AccessRole):
            raise ConfigurationError(
                "SOC_ROLES cannot be used.", hint=f"Write group=role; roles are {', '.join(AccessRole)}."
            )
        table[group.strip()] = AccessRole(role.strip())
    return table


def proxy_networks() -> tuple[Network, ...]:
    """Whose word is believed; none where people do not sign in by a proxy. Raises ConfigurationError."""
    settings = get_settings()
    return _networks(settings.proxy_addresses) if "proxy" in settings.sign_in else ()


@lru_cache(maxsize=2)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError:
        raise ConfigurationError(
            "SOC_PROXY_ADDRESSES cannot be used.", hint="Write addresses: 10.0.0.5, 10.1.0.0/16."
        ) from None


def check_providers() -> None:
    """Raises ConfigurationError where people could not sign in as the settings say."""
    settings = get_settings()
    providers()
    role_table()
    if "proxy" in settings.sign_in and not proxy_networks():
        raise ConfigurationError(
            "SOC_SIGN_IN names a proxy, and SOC_PROXY_ADDRESSES none.", hint="Name the proxy's address."
        )
