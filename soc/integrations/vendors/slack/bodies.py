"""What Slack can be asked to do through the API, and the message that comes of it."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from soc.domain.severity import Severity
from soc.integrations.kit.base import Action
from soc.integrations.kit.bodies import ActionRequest, GivenData, Id, IncidentData, severity_of_word
from soc.integrations.kit.fields import one_line
from soc.integrations.vendors.slack.blocks import (
    ICONS,
    LONGEST_SECTION,
    PRACTICE,
    buttons,
    code_block,
    context,
    escape,
    field,
    header,
    section,
)


class SendSlackAlert(ActionRequest):
    """Post an alert to the configured channel."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "incident_id": "inc-123",
                    "incident_data": {
                        "title": "Database connection failed",
                        "severity": "high",
                        "description": "Unable to connect to primary database",
                    },
                }
            ]
        }
    )

    incident_id: Id
    incident_data: GivenData = Field(default_factory=IncidentData)


ACTIONS = (Action("send-alert", "Send alert", SendSlackAlert),)


def requested_text(request: SendSlackAlert, *, practice: bool) -> str:
    """What notifications and screen readers get."""
    data = request.incident_data
    said = one_line(f"{_headline(request, practice=practice)}: {data.description}")
    return escape(said, 3000)


def requested_blocks(request: SendSlackAlert, *, practice: bool, url: str = "") -> list[dict[str, Any]]:
    """The alert that was asked for; `url` is the incident's page, where it is one of ours."""
    data = request.incident_data
    severity = _severity(data)
    said = (
        ("Severity", data.severity or ""),
        ("Affected services", ", ".join(data.affected_services)),
        ("Component", data.component),
        ("Group", data.group),
    )
    facts = [field(label, value) for label, value in said if value]
    title = one_line(data.title) or f"Incident {request.incident_id}"
    blocks = [
        header(_headline(request, practice=practice)),
        section(f"{ICONS[severity]} *{escape(title, 500)}*"),
    ]
    if facts:
        blocks.append({"type": "section", "fields": facts})
    if text := code_block(data.description, LONGEST_SECTION):
        blocks.append(section(text))
    blocks += buttons(("Open Incident", url, "open_incident"))
    return [*blocks, context(f"Incident {request.incident_id} · asked for through the API")]


def _severity(data: IncidentData) -> Severity:
    return severity_of_word(data.severity) if data.severity else Severity.MEDIUM


def _headline(request: SendSlackAlert, *, practice: bool) -> str:
    title = one_line(request.incident_data.title) or f"Incident {request.incident_id}"
    return f"{PRACTICE if practice else ''}[{_severity(request.incident_data).upper()}] {title}"
