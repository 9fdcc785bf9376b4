"""What a settings model alone would let pass though it hides a mistake: yes for a number, words for a number, a name that is
nearly one, an address that nothing may be sent to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import SecretStr

from soc.integrations.kit.addresses import PLAIN_HTTP, AddressGuard, Resolver, resolve
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.connection import guard_of
from soc.settings import get_settings
from soc.wrong_values import unknown_name


def mistaken_types(model: type[IntegrationConfig], data: Mapping[str, Any]) -> dict[str, str]:
    """The fields whose value is of another type than it says, by name. Text from an environment is not meant."""
    wrong: dict[str, str] = {}
    for name, value in data.items():
        field = model.model_fields.get(name)
        if field is None or value is None:
            continue
        types = _types(field.annotation)
        if bool in types:
            if not isinstance(value, bool):
                wrong[name] = "is true or false, without quotes"
        elif types & {int, float} and (
            isinstance(value, bool) or (isinstance(value, str) and str not in types)
        ):
            wrong[name] = "is a number, without quotes"
    return wrong


def _types(annotation: Any) -> set[Any]:
    """The type itself, or the members of an optional one."""
    members = get_args(annotation)
    return set(members) if type(None) in members else {annotation}


def unknown_settings(model: type[IntegrationConfig], names: Iterable[str]) -> str:
    """What to say of names that are no setting; "" where all are known. A word that may be a secret is not repeated."""
    known = list(model.model_fields)
    told = [unknown_name("setting", name, known) for name in names if name not in model.model_fields]
    return "; ".join(dict.fromkeys(told))


def refused_places(
    config: IntegrationConfig, *, guard: AddressGuard | None = None, resolver: Resolver = resolve
) -> dict[str, str]:
    """The settings that send over plain http to where no list of the administrator's allows it, with the guard's words.

    Practice is left out: the sandbox may run in another process than the one that asks.
    """
    if config.practice:
        return {}
    judge = guard or guard_of(get_settings())
    found: dict[str, str] = {}
    for name in config.PLACES:
        value = getattr(config, name, None)
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
        if text.lower().startswith("http://") and (reason := _refusal(text, judge, resolver)):
            found[name] = reason
    return found


def _refusal(url: str, guard: AddressGuard, resolver: Resolver) -> str:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    if guard.lists(host, port):  # what it resolves to is judged when something is sent
        return ""
    try:
        addresses = resolver(host, port)
    except (OSError, UnicodeError):
        addresses = []
    verdicts = [guard.judge(host, port, address, secure=False) for address in addresses]
    return next((one.reason for one in verdicts if not one.allowed), "" if verdicts else PLAIN_HTTP)
