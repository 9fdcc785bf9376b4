"""Secrets of a called action: sealed in the ledger, opened for its connector alone.

What a caller gives as a parameter of a remote action may be a password. Such values never lie in the ledger in plain
text: the message holds their names, each with a mask, and the values sealed for this one delivery.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from soc.domain.message import CallAction, Message
from soc.integrations.kit.redaction import MASK
from soc.store import vault


def seal_call(message: CallAction, fields: Collection[str], *, delivery_id: str) -> CallAction:
    """The message with these fields of its request sealed. Raises StoreError where there is no key."""
    given = {name: message.request[name] for name in fields if message.request.get(name)}
    if not given:
        return message
    masks: dict[str, Any] = {
        name: dict.fromkeys(value, MASK) if isinstance(value, dict) else MASK for name, value in given.items()
    }
    values = {name: json.dumps(value) for name, value in given.items()}
    return message.model_copy(
        update={
            "request": {**message.request, **masks},
            "sealed": vault.seal(values, owner=_owner(delivery_id)),
        }
    )


def opened(message: Message, *, delivery_id: str) -> Message:
    """The message as it was called. Raises StoreError where the key is another by now."""
    if not isinstance(message, CallAction) or not message.sealed:
        return message
    values = vault.unseal(message.sealed, owner=_owner(delivery_id))
    plain = {name: json.loads(text) for name, text in values.items()}
    return message.model_copy(update={"request": {**message.request, **plain}, "sealed": ""})


def without_seals(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A stored message as it may be shown: the masks say enough."""
    return {name: value for name, value in payload.items() if name != "sealed"}


def _owner(delivery_id: str) -> str:
    return f"delivery:{delivery_id}"
