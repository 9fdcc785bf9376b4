"""What a vendor answered, without the secrets it was sent: some repeat a header in the middle of a success."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.redaction import redact
from soc.integrations.registry import secret_values

#: Shorter ones are words; taking them out of a text would only make it unreadable.
SHORTEST = 6


def without_secrets(value: Any, config: IntegrationConfig) -> Any:
    """The JSON value with every secret of the config masked, whatever text it stands in."""
    return _clean(value, _known(config))


def _known(config: IntegrationConfig) -> tuple[str, ...]:
    whole = secret_values(config)
    user = str(getattr(config, "username", ""))
    basic = [base64.b64encode(f"{user}:{secret}".encode()).decode() for secret in whole if user]
    parts = [part for secret in whole for part in secret.split()[1:]]
    return tuple(secret for secret in (*whole, *basic, *parts) if len(secret) >= SHORTEST)


def _clean(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return redact(value, secrets) if any(form in value for form in _forms(secrets)) else value
    if isinstance(value, dict):
        return {_clean(name, secrets): _clean(one, secrets) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(one, secrets) for one in value]
    return value


def _forms(secrets: Iterable[str]) -> Iterable[str]:
    for secret in secrets:
        yield secret
        yield quote(secret, safe="")
        yield base64.b64encode(secret.encode()).decode()
