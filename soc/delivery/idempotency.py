"""What makes two messages the same, so that the second is not sent: their keys, which are unique in the store."""

from __future__ import annotations

import hashlib
from typing import Any

from soc.domain.message import CallAction, Message
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.integrations.kit.base import Action, IntegrationConfig
from soc.store.nouns.deliveries import DeliveryRow


def key_of(integration: str, message: Message, *, version: int = 0) -> str:
    """`<integration>:<action>:<subject>:<version>`: the same key is one message, however often it is planned.

    `version` counts what is told anew about the same subject (`Message.VERSIONS`). The first one is not written: so
    the keys of rows that are older than versions are still the keys of what they told.
    """
    key = f"{integration}:{message.action}:{message.about()}"
    return f"{key}:{version}" if version else key


def refuse_another(known: DeliveryRow, message: CallAction) -> None:
    """The same Idempotency-Key must mean the same request (sealed values are compared by their names alone)."""
    if known.payload.get("request") != message.request:
        raise ConfigurationError(
            "This Idempotency-Key was used for another request.", hint="Use a new key for a new request."
        )


def key_of_call(
    kind: str, action: Action, config: IntegrationConfig, values: dict[str, Any], idempotency_key: str
) -> str:
    """What makes two calls the same: the caller's key, or the content and the place where the action is done once."""
    if idempotency_key:
        return f"{kind}:{action.name}:key:{hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]}"
    if action.once:
        place = [config.practice, *(str(getattr(config, name)) for name in config.PLACES)]
        content = repr([place, sorted(values.items(), key=lambda item: item[0])])
        return f"{kind}:{action.name}:once:{hashlib.sha256(content.encode()).hexdigest()[:32]}"
    return f"{kind}:{action.name}:{new_id('call')}"
