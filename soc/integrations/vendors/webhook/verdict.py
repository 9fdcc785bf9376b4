"""Would the product send to this address? Judged as at the moment of connecting, without connecting."""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import urlsplit

from soc.integrations.kit.addresses import AddressGuard, Resolver, resolve
from soc.integrations.kit.connection import guard_of
from soc.integrations.kit.fields import checked_url, split_query, split_user
from soc.settings import get_settings


class UrlVerdict(TypedDict):
    """`addresses` are those that the name resolves to now; each try resolves and judges again."""

    valid: bool
    reason: str
    host: str
    addresses: list[str]
    hint: str


_LISTED = "If it is a receiver of your own, an administrator can name it in SOC_ALLOWED_HOSTS (host, host:port, address or range)."


def judge_url(url: str, *, guard: AddressGuard | None = None, resolver: Resolver = resolve) -> UrlVerdict:
    """The verdict over a webhook's address. Raises ConfigurationError on a malformed SOC_ALLOWED_HOSTS."""
    try:
        parts = urlsplit(checked_url(split_query(split_user(url)[0])[0]))
        host = parts.hostname or ""
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
    except ValueError as error:
        return _no(f"the address {error}", "", [], "Write it as https://your-system.com/webhook.")
    try:
        addresses = resolver(host, port)
    except (OSError, UnicodeError):
        return _no("its name cannot be resolved", host, [], "Check the name, and this machine's DNS.")
    chosen = guard or guard_of(get_settings())
    for address in addresses:
        verdict = chosen.judge(host, port, address, secure=secure)
        if not verdict.allowed:
            return _no(verdict.reason, host, addresses, verdict.hint or _hint(verdict.reason))
    if not addresses:
        return _no("its name has no address", host, [], "Check the name, and this machine's DNS.")
    reason = chosen.judge(host, port, addresses[0], secure=secure).reason
    return {"valid": True, "reason": reason, "host": host, "addresses": addresses, "hint": ""}


def _hint(reason: str) -> str:
    return "Use https. " + _LISTED if "https" in reason else _LISTED


def _no(reason: str, host: str, addresses: list[str], hint: str) -> UrlVerdict:
    return {"valid": False, "reason": reason, "host": host, "addresses": addresses, "hint": hint}
