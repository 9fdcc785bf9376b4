"""The webhook, declared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from soc.domain.incident import Incident
from soc.integrations.kit.kind import Kind, Way
from soc.integrations.kit.panels import BodyPreview, PreviewedBody
from soc.integrations.kit.redaction import MASK
from soc.integrations.vendors.webhook.bodies import ACTIONS
from soc.integrations.vendors.webhook.config import WebhookConfig
from soc.integrations.vendors.webhook.connector import WebhookConnector, filled_body
from soc.integrations.vendors.webhook.payload import incident_payload
from soc.sandbox.webhook import signature

_JSON = "application/json"


def practice(url: str) -> dict[str, Any]:
    """What connects it to the sandbox at this address."""
    return {"url": f"{url}/webhook/soc", "signing_secrets": [signature.SECRET]}


def preview(values: Mapping[str, Any], incident: Incident, now: datetime) -> PreviewedBody:
    """The body that the form's values would send. Raises ConfigurationError for a template that fails.

    A Content-Type that is hidden behind its mask leaves open whether the body is to be JSON.
    """
    headers = values.get("headers") or {}
    kind = next((text for name, text in headers.items() if name.lower() == "content-type"), _JSON)
    if kind.startswith(MASK):
        kind = ""
    payload = incident_payload(incident, "incident", now=now)
    template = str(values.get("template") or "")
    if not template.strip():
        return PreviewedBody(json.dumps(payload, ensure_ascii=False, indent=2), checked=True)
    return PreviewedBody(filled_body(template, payload, kind).decode(), checked="json" in kind.lower())


KIND = Kind(
    title="Webhook",
    config=WebhookConfig,
    connector=WebhookConnector,
    toggle="Enable Webhook Events",
    order=5,
    takes=frozenset({"send_alert", "resolve_alert", "escalation", "end_escalation", "tell_trouble"}),
    ways=(Way("event", "Webhook"),),
    ordered=True,
    actions=ACTIONS,
    gone_after={404: 3, 405: 3},  # one may be about its event; a path that is gone refuses them all
    acted="sent",
    logged=("event_type", "status"),
    practice=practice,
    preview=BodyPreview(
        button="Preview the body",
        help="Shows what the receiver would get for a real incident. Nothing is saved or sent.",
        title="Preview of the body",
        fill=preview,
    ),
)
