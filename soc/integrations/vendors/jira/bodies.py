"""What Jira can be asked to do through the API: the guide's body, and the ticket that comes of it."""

from __future__ import annotations

import json

from pydantic import ConfigDict, Field

from soc import __version__
from soc.domain.incident import Incident
from soc.domain.severity import Severity
from soc.integrations.kit.base import Action
from soc.integrations.kit.bodies import (
    ActionRequest,
    GivenData,
    Id,
    IncidentData,
    asked_incident,
    severity_of_word,
)
from soc.integrations.kit.fields import cut, one_line
from soc.integrations.vendors.jira.fields.document import Block, Code, Facts, Heading, Link, Paragraph
from soc.integrations.vendors.jira.ticket import (
    LONGEST_SUMMARY,
    OPEN_INCIDENT,
    TO_BE_ANSWERED,
    Draft,
    goes_on,
    incident_label,
)

_CUT = "\n… (cut here: Jira takes no more)"


class CreateTicket(ActionRequest):
    """Open a ticket for an incident of yours; for the same `incident_id` there is one. Asked for again with another
    severity, it gets its priority and due date.
    """

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


def _incident(request: CreateTicket) -> Incident:
    return asked_incident(request.incident_id, request.incident_data)


ACTIONS = (Action("create-ticket", "Create ticket", CreateTicket, once=True, incident=_incident),)


def requested_draft(
    request: CreateTicket,
    *,
    practice: bool = False,
    url: str = "",
    follows: str = "",
    due: str = "",
    ends: str = "",
) -> Draft:
    """The ticket that was asked for: the title as its summary, the severity (medium where none is given) as priority."""
    data = request.incident_data
    severity = severity_of_word(data.severity) if data.severity else Severity.MEDIUM
    title = one_line(data.title) or f"Incident {request.incident_id}"
    labels = ["soc-automated", f"severity-{severity.value}", incident_label(request.incident_id)]
    return Draft(
        request.incident_id,
        cut(title, LONGEST_SUMMARY),
        lambda quote: [*goes_on(follows), *_blocks(request, quote, url, ends)],
        tuple([*labels, "soc-practice"] if practice else labels),
        severity,
        due,
        ends=ends,
        relates=follows,
        unsaid=not data.severity,
    )


def _blocks(request: CreateTicket, quote: int, url: str, ends: str) -> list[Block]:
    data = request.incident_data
    facts = (
        ("Severity", data.severity or ""),
        ("Affected services", cut(", ".join(data.affected_services), 1000)),
        ("Component", data.component),
        ("Group", data.group),
        (TO_BE_ANSWERED, ends),
    )
    title = Paragraph(one_line(data.title) or f"Incident {request.incident_id}")
    blocks: list[Block] = [title, Link(OPEN_INCIDENT, url), Facts(facts)]
    if data.description.strip():
        blocks += [Heading("Description"), Code(cut(data.description, quote * 2, _CUT))]
    if data.model_extra:
        more = json.dumps(data.model_extra, ensure_ascii=False, indent=2, default=str)
        blocks += [Heading("More data"), Code(cut(more, quote // 2, _CUT))]
    about = (
        ("Incident", request.incident_id),
        ("Created by", f"SOC operations dashboard {__version__}, at a request to its API"),
    )
    return [*blocks, Heading("SOC system metadata"), Facts(about)]
