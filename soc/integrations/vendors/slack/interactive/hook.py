"""The call that Slack makes for everything interactive: one address for buttons, forms and events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from soc.integrations.kit.inbound.hooks import InboundHook, Incoming
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.interactive.payloads import read_body, read_payload
from soc.integrations.vendors.slack.interactive.signature import prove


def read_call(config: SlackConfig, headers: Mapping[str, str], body: bytes, now: datetime) -> Incoming:
    """What a call brings. Raises Forged, before anything of it is read; Unreadable."""
    prove(config.signing_secret.get_secret_value(), headers, body, now=now)
    payload = read_body(headers.get("content-type", ""), body)
    return read_payload(payload, thread_notes=config.thread_notes)


HOOK = InboundHook("interactions", "Interactivity and events", read_call)
