"""What PagerDuty can be asked to do through the API: the guide's bodies."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from soc.integrations.kit.base import Action
from soc.integrations.kit.bodies import (
    ActionRequest,
    Details,
    GivenData,
    Id,
    IncidentData,
    SeverityWord,
    Text,
)


class CreateIncident(ActionRequest):
    """Trigger an incident. The same `incident_id` again, while it is open, is the same incident."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "incident_id": "inc-123",
                    "incident_data": {
                        "title": "Critical service failure",
                        "component": "payment-service",
                        "group": "production",
                    },
                    "severity": "critical",
                    "summary": "Payment processing service is down",
                    "source": "audit-service",
                }
            ]
        }
    )

    incident_id: Id
    incident_data: GivenData = Field(default_factory=IncidentData)
    severity: SeverityWord | None = Field(
        default=None, description="Ours or PagerDuty's; without it that of incident_data, else critical."
    )
    summary: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    source: Text = "audit-service"
    custom_details: Details = Field(default_factory=dict)


class OnIncident(ActionRequest):
    """Names an incident that was created here."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"incident_id": "inc-123"}]})

    incident_id: Id


# Not `once`: an incident that was resolved may come back under its id, and PagerDuty itself merges what is open.
ACTIONS = (
    Action("create-incident", "Create incident", CreateIncident),
    Action("acknowledge-incident", "Acknowledge incident", OnIncident, query=True),
    Action("resolve-incident", "Resolve incident", OnIncident, query=True),
)
