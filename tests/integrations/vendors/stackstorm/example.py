"""What the shared tests need to know of StackStorm."""

from __future__ import annotations

from typing import Any

import httpx

from tests.integrations.examples import ALERT, SECRET, Example, called

EXECUTE = called(
    "execute-action",
    incident_id="inc-123",
    incident_data={
        "title": "Service outage detected",
        "severity": "critical",
        "affected_services": ["api", "database"],
    },
    pack_name="incident_response",
    action_name="create_incident",
    action_parameters={"escalation_level": "immediate", "notification_channels": ["slack", "email"]},
)

ACTION_SCHEMA: dict[str, Any] = {
    "escalation_level": {"type": "string", "enum": ["immediate", "later"]},
    "notification_channels": {"type": "array", "items": {"type": "string"}},
    "incident_id": {"type": "string", "required": True},
    "severity": {"type": "string"},
    "affected_services": {"type": "string"},
    "incident_url": {"type": "string"},
}


def stackstorm_read(request: httpx.Request) -> httpx.Response:
    """A StackStorm that has every action, enabled, for all questions that are not the run itself."""
    path = request.url.path
    if "/actions/" in path:
        ref = path.rsplit("/", 1)[1]
        return httpx.Response(
            200,
            json={"ref": ref, "enabled": True, "runner_type": "python-script", "parameters": ACTION_SCHEMA},
        )
    if "/runnertypes/" in path:
        return httpx.Response(200, json={"name": "python-script", "runner_parameters": {"timeout": {}}})
    if "/executions/" in path:
        return httpx.Response(200, json=RAN)
    return httpx.Response(200, json=[])


STACKSTORM = {
    "base_url": "https://stackstorm.example",
    "api_key": SECRET,
    "pack_name": "monitoring",
    "action_name": "handle_alert",
}

RAN: dict[str, Any] = {
    "id": "5f2b1c9d8e7a6b5c4d3e2f1a",
    "action": {"ref": "monitoring.handle_alert"},
    "status": "succeeded",
    "result": {"stdout": "done"},
}

EXAMPLES = (
    Example("stackstorm alert", "stackstorm", STACKSTORM, ALERT, "/executions", stackstorm_read, RAN),
    Example("stackstorm call", "stackstorm", STACKSTORM, EXECUTE, "/executions", stackstorm_read, RAN),
)
ENVIRONMENT = {"STACKSTORM_URL": "https://stackstorm.your-company.com", "STACKSTORM_API_KEY": SECRET}
