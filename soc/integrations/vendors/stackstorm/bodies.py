"""What StackStorm can be asked to do through the API: the guide's bodies."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from soc.integrations.kit.base import Action
from soc.integrations.kit.bodies import ActionRequest, Details, GivenData, Id, IncidentData
from soc.integrations.vendors.stackstorm.config import ACTION_NAME, NAME

_Pack = Annotated[str, StringConstraints(strip_whitespace=True, pattern=f"^{NAME}$")]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, pattern=f"^{ACTION_NAME}$")]


class ActionRun(ActionRequest):
    """Which action, and with what. A parameter that is given here is never overwritten; any of them may be secret."""

    SEALED: ClassVar[tuple[str, ...]] = ("action_parameters",)

    pack_name: _Pack
    action_name: _Name
    action_parameters: Details = Field(default_factory=dict)

    @property
    def ref(self) -> str:
        return f"{self.pack_name}.{self.action_name}"


class ExecuteAction(ActionRun):
    """Run an action for an incident."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "incident_id": "inc-123",
                    "incident_data": {
                        "title": "Service outage detected",
                        "severity": "critical",
                        "affected_services": ["api", "database"],
                    },
                    "pack_name": "incident_response",
                    "action_name": "create_incident",
                    "action_parameters": {
                        "escalation_level": "immediate",
                        "notification_channels": ["slack", "email"],
                    },
                }
            ]
        }
    )

    incident_id: Id
    incident_data: GivenData = Field(default_factory=IncidentData)


class SendAlertAction(ActionRun):
    """Run an action for an alert."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "alert_id": "alert-456",
                    "alert_data": {
                        "title": "High CPU usage detected",
                        "severity": "warning",
                        "affected_services": ["web-server"],
                    },
                    "pack_name": "monitoring",
                    "action_name": "handle_alert",
                    "action_parameters": {"threshold": 80, "notification_channels": ["slack"]},
                }
            ]
        }
    )

    alert_id: Id
    alert_data: GivenData = Field(default_factory=IncidentData)


class ListActions(ActionRequest):
    """Which actions to list."""

    pack: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class ShowExecution(ActionRequest):
    """One execution, by the id that `execute-action` gave."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"execution_id": "5f2b1c9d8e7a6b5c4d3e2f1a"}]})

    execution_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class ListedAction(BaseModel):
    """An action that can be run, with its parameters by name."""

    ref: str = Field(examples=["incident_response.create_incident"])
    pack: str = Field(examples=["incident_response"])
    name: str = Field(examples=["create_incident"])
    description: str = Field(examples=["Open an incident"])
    enabled: bool = Field(examples=[True])
    runner_type: str = Field(examples=["python-script"])
    parameters: dict[str, dict[str, Any]] = Field(examples=[{"threshold": {"type": "integer"}}])


class ShownExecution(BaseModel):
    """One run; `status` is StackStorm's own word."""

    id: str = Field(examples=["5f2b1c9d8e7a6b5c4d3e2f1a"])
    action: str = Field(examples=["incident_response.create_incident"])
    status: str = Field(examples=["succeeded"])
    ended: bool = Field(examples=[True])
    start_timestamp: str = Field(examples=["2026-01-14T22:03:11Z"])
    end_timestamp: str = Field(examples=["2026-01-14T22:03:14Z"])
    output: str = Field(description="The result as JSON text, without secrets.", examples=['{"ok": true}'])
    url: str = Field(examples=["https://stackstorm.your-company.com/#/history/5f2b/general"])


ACTIONS = (
    Action("execute-action", "Execute action", ExecuteAction),
    Action("send-alert", "Send alert", SendAlertAction, subject="alert_id"),
    Action(
        "actions",
        "List available actions",
        ListActions,
        method="GET",
        writes=False,
        query=True,
        subject="",
        answers=list[ListedAction],
    ),
    Action(
        "execution",
        "Show an execution",
        ShowExecution,
        method="GET",
        writes=False,
        query=True,
        subject="",
        answers=ShownExecution,
    ),
)


def fields_of_request(request: ExecuteAction | SendAlertAction, *, url: str = "") -> dict[str, Any]:
    """What may fill the action's parameters: the caller's data by its own names, the id, and the data as a whole.

    `url` is the incident's page, where it is one of ours.
    """
    link = {"incident_url": url} if url else {}
    if isinstance(request, ExecuteAction):
        data = request.incident_data.given
        return {**link, **data, "incident_id": request.incident_id, "incident_data": data}
    data = request.alert_data.given
    return {**link, **data, "alert_id": request.alert_id, "incident_id": request.alert_id, "alert_data": data}
