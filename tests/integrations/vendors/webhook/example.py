"""What the shared tests need to know of the webhook."""

from __future__ import annotations

import base64
import json

from tests.integrations.examples import ALERT, ESCALATION, SECRET, Example, called, nothing_to_read

SEND = called(
    "send",
    incident_id="inc-123",
    incident_data={"title": "Service degradation", "severity": "medium", "affected_services": ["api"]},
    event_type="incident",
    custom_payload={"custom_field": "custom_value"},
)

WHSEC = "whsec_" + base64.b64encode(SECRET.encode()).decode()

WEBHOOK = {
    "url": "https://receiver.example/hook",
    "url_query": f"token={SECRET}",
    "headers": {"Authorization": f"Bearer {SECRET}", "X-Custom-Header": SECRET},
    "signing_secrets": [WHSEC],
}

EXAMPLES = tuple(
    Example(
        name, "webhook", WEBHOOK, message, "/hook", nothing_to_read, {}, any_answer=True, looked_for=False
    )
    for name, message in (
        ("webhook alert", ALERT),
        ("webhook escalation", ESCALATION),
        ("webhook call", SEND),
    )
)
ENVIRONMENT = {
    "WEBHOOK_URL": "https://your-system.com/webhook",
    "WEBHOOK_HEADERS": json.dumps({"Authorization": SECRET, "Content-Type": "application/json"}),
    "WEBHOOK_SIGNING_SECRETS": f"{WHSEC}, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}
