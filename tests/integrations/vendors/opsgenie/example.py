"""What the shared tests need to know of Opsgenie."""

from __future__ import annotations

from tests.integrations.examples import ALERT, ESCALATION, RESOLVE, SECRET, Example, nothing_to_read

DATA = {"api_key": SECRET}
ENVIRONMENT = {"OPSGENIE_API_KEY": SECRET}
ACCEPTED = {
    "result": "Request will be processed",
    "took": 0.1,
    "requestId": "43a29c5c-3dbf-4fa4-9c26-f4f71023e120",
}

EXAMPLES = (
    Example(
        "opsgenie alert", "opsgenie", DATA, ALERT, "/alerts", nothing_to_read, ACCEPTED, looked_for=False
    ),
    Example(
        "opsgenie escalation",
        "opsgenie",
        DATA,
        ESCALATION,
        "/alerts",
        nothing_to_read,
        ACCEPTED,
        looked_for=False,
    ),
    Example(
        "opsgenie resolve", "opsgenie", DATA, RESOLVE, "/close", nothing_to_read, ACCEPTED, looked_for=False
    ),
)
