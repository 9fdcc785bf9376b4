"""What makes two messages the same, so that the second is not sent: their keys, which are unique in the store."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlmodel import Session

from soc.domain.message import CallAction, Message
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.integrations.kit.base import Action, IntegrationConfig
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import list_called


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


def latest_key(session: Session, key: str, *, integration: str, subject: str) -> str:
    """The key of a call that is done once, which `key` stands for by its content and place.

    Once means: what was last asked about this subject is not asked twice. High, critical, high again are three calls.
    """
    calls, _, _ = key.rpartition(":")
    asked = list_called(session, integration=integration, subject=subject, key=f"{calls}:")
    same = [one for one in asked if one == key or one.startswith(f"{key}:")]
    if not same or asked[0] in same:
        return asked[0] if same else key
    return f"{key}:{len(same)}"


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
