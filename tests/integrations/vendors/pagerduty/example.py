"""What the shared tests need to know of PagerDuty."""

from __future__ import annotations

import httpx

from tests.integrations.examples import ALERT, ESCALATION, RESOLVE, SECRET, Example, called

CREATE_INCIDENT = called(
    "create-incident",
    incident_id="inc-123",
    incident_data={
        "title": "Critical service failure",
        "component": "payment-service",
        "group": "production",
    },
    severity="critical",
    summary="Payment processing service is down",
    source="audit-service",
)


def pagerduty_read(request: httpx.Request) -> httpx.Response:
    """A PagerDuty that has the service, for all questions of its REST API."""
    policy = {"id": "PEP0001", "name": "Default"}
    if "/escalation_policies/" in request.url.path:
        return httpx.Response(200, json={"escalation_policy": policy})
    service = {"id": "PSVC001", "name": "SOC", "status": "active", "escalation_policy": policy}
    return httpx.Response(200, json={"service": service})


PAGERDUTY = {
    "integration_key": SECRET,
    "rest_token": SECRET + "rest",
    "service_id": "PSVC001",
    "escalation_policy_id": "PEP0001",
}

TRIGGERED = {"status": "success", "message": "Event processed", "dedup_key": "soc-inc-7k2m9q4x1c"}

EXAMPLES = tuple(
    Example(name, "pagerduty", PAGERDUTY, message, "/enqueue", pagerduty_read, TRIGGERED, looked_for=False)
    for name, message in (
        ("pagerduty alert", ALERT),
        ("pagerduty resolve", RESOLVE),
        ("pagerduty escalation", ESCALATION),
        ("pagerduty call", CREATE_INCIDENT),
    )
)
ENVIRONMENT = {"PAGERDUTY_INTEGRATION_KEY": SECRET, "PAGERDUTY_SERVICE_ID": "PXXXXXXXX"}
