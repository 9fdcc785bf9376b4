"""What is told to a vendor: six messages, fixed when they are planned, so that every try says the same."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from soc.domain.incident import Incident


class TicketLink(BaseModel):
    model_config = ConfigDict(frozen=True)

    key: str
    url: str


class OpenTicket(BaseModel):
    """Open the incident's ticket. `due` is the date (UTC, `YYYY-MM-DD`) on which its SLA ends."""

    model_config = ConfigDict(frozen=True)

    action: Literal["open_ticket"] = "open_ticket"
    incident: Incident
    due: str


class SendAlert(BaseModel):
    """Tell the channel of a new incident."""

    model_config = ConfigDict(frozen=True)

    action: Literal["send_alert"] = "send_alert"
    incident: Incident


class UpdateAlert(BaseModel):
    """Put the ticket's link into an alert that was sent. `channel` and `ts` are the alert's own."""

    model_config = ConfigDict(frozen=True)

    action: Literal["update_alert"] = "update_alert"
    incident: Incident
    ticket: TicketLink
    channel: str
    ts: str


class SendSummary(BaseModel):
    """Tell the channel how a batch ended. Counts are in lines, except `incidents`, `alerts` and `tickets`."""

    model_config = ConfigDict(frozen=True)

    action: Literal["send_summary"] = "send_summary"
    batch_id: str
    name: str
    lines: int
    parsed: int
    rejected: int
    incidents: int
    eligible: int
    by_severity: dict[str, int]
    top: tuple[str, ...] = ()


class ResolveAlert(BaseModel):
    """The incident is over (its ticket was closed): end what its alert began."""

    model_config = ConfigDict(frozen=True)

    action: Literal["resolve_alert"] = "resolve_alert"
    incident: Incident


class CallAction(BaseModel):
    """One of a vendor's declared actions, as somebody asked for it. `request` is the validated request's dump, with
    a mask for each value that is `sealed` (`soc.delivery.sealing`).

    `subject` is the caller's own incident or alert id, which need not be one of ours.
    """

    model_config = ConfigDict(frozen=True)

    action: Literal["call_action"] = "call_action"
    name: str
    subject: str = ""
    request: dict[str, Any] = Field(default_factory=dict)
    sealed: str = ""


Message = Annotated[
    OpenTicket | SendAlert | UpdateAlert | ResolveAlert | SendSummary | CallAction,
    Field(discriminator="action"),
]
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


class Receipt(BaseModel):
    """The vendor's own id and address for what was done there.

    Jira: `remote_id` is the issue id, `key` the issue key. Slack: `remote_id` is `ts`, `key` the channel id.
    """

    model_config = ConfigDict(frozen=True)

    remote_id: str
    key: str = ""
    url: str = ""
    extra: dict[str, str] = Field(default_factory=dict)
    #: The vendor is still at work on it (a StackStorm run): ask again what became of it.
    open: bool = False
