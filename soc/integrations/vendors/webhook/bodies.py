"""What the webhook can be asked to do through the API: the guide's bodies."""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from soc.integrations.kit.base import Action
from soc.integrations.kit.bodies import ActionRequest, Details, GivenData, Id, IncidentData
from soc.integrations.vendors.webhook.verdict import judge_url

_EventType = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
_DATA: dict[str, JsonValue] = {
    "title": "Service degradation",
    "severity": "medium",
    "affected_services": ["api"],
}


class SendWebhook(ActionRequest):
    """Any event. `custom_payload` arrives under `custom_details`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "incident_id": "inc-123",
                    "incident_data": _DATA,
                    "event_type": "incident",
                    "custom_payload": {"custom_field": "custom_value"},
                }
            ]
        }
    )

    incident_id: Id
    incident_data: GivenData = Field(default_factory=IncidentData)
    event_type: _EventType = "incident"
    custom_payload: Details = Field(default_factory=dict)


class SendIncident(ActionRequest):
    """An event of type `incident`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"incident_id": "inc-123", "incident_data": _DATA}]}
    )

    incident_id: Id
    incident_data: GivenData = Field(default_factory=IncidentData)
    custom_payload: Details = Field(default_factory=dict)


class SendAlertEvent(ActionRequest):
    """An event of type `alert`. The alert's id and data may be named as StackStorm's or as an incident's."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "alert_id": "alert-456",
                    "alert_data": {"title": "High CPU usage detected", "severity": "warning"},
                }
            ]
        }
    )

    alert_id: Id = Field(validation_alias=AliasChoices("alert_id", "incident_id"))
    alert_data: GivenData = Field(
        default_factory=IncidentData, validation_alias=AliasChoices("alert_data", "incident_data")
    )
    custom_payload: Details = Field(default_factory=dict)


class ValidateUrl(ActionRequest):
    """The address to judge; it is not called."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"url": "https://your-system.com/webhook"}]})

    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class UrlJudgement(BaseModel):
    """May the address be reached, and why; `addresses` are those that its name has now."""

    valid: bool = Field(examples=[True])
    reason: str = Field(examples=["it is public"])
    host: str = Field(examples=["your-system.com"])
    addresses: list[str] = Field(examples=[["203.0.113.7"]])
    hint: str = Field(examples=[""])


ACTIONS = (
    Action("send", "Send webhook", SendWebhook),
    Action("send-incident", "Send incident data", SendIncident),
    Action("send-alert", "Send alert data", SendAlertEvent, subject="alert_id"),
    Action(
        "validate-url",
        "Validate URL",
        ValidateUrl,
        writes=False,
        query=True,
        subject="",
        answers=UrlJudgement,
        answer=lambda request: judge_url(request.url),
    ),
)
