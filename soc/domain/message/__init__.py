"""What is told to a vendor, declared once: each message is a class here, fixed when it is planned, so that every try
says the same.

A message says its title, what it is about, what may follow it and what makes a later one another message. Which kinds
take it, each kind says (`Kind.takes`). Keys, pages, `docs/messages.md` and the ledger's reading follow from the class.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from soc.domain.incident import Incident
from soc.domain.message.base import MESSAGES, Message, message_title, read_message
from soc.domain.message.escalation import EndEscalation, EscalatedTicket, Escalation
from soc.domain.message.tickets import (
    ChangeTicket,
    CommentTicket,
    FieldChange,
    FieldValue,
    MoveTicket,
    RewordComment,
    TicketAddress,
    TicketLink,
    TicketMessage,
)

__all__ = [
    "MESSAGES",
    "Announcement",
    "CallAction",
    "ChangeTicket",
    "CommentTicket",
    "EndEscalation",
    "EscalatedTicket",
    "Escalation",
    "FieldChange",
    "FieldValue",
    "Message",
    "MoveTicket",
    "OpenTicket",
    "Receipt",
    "ResolveAlert",
    "RewordComment",
    "SendAlert",
    "SendSummary",
    "Standing",
    "TellHandover",
    "TellPerson",
    "TellThread",
    "TicketAddress",
    "TicketLink",
    "TicketMessage",
    "UpdateAlert",
    "announce",
    "announcements",
    "message_title",
    "read_message",
]


def announcements() -> tuple[str, ...]:
    """The names of those that tell of a new incident."""
    return tuple(name for name, message in MESSAGES.items() if issubclass(message, Announcement))


class _OfIncident(Message):
    """A message about one of our incidents."""

    incident: Incident

    def about(self) -> str:
        return self.incident.id


class Announcement(_OfIncident):
    """A message that tells of a new incident: planned for each eligible one, it begins what is said about it."""

    @classmethod
    def of(cls, incident: Incident, *, due: str, url: str = "", ends: str = "") -> Self:
        """The message about this incident; most need no `due`."""
        return cls(incident=incident, url=url)  # type: ignore[call-arg]  # `action` has a default in each message


def announce(
    name: str,
    incident: Incident,
    *,
    due: str,
    url: str = "",
    ends: str = "",
    follows: str = "",
    parted_from: str = "",
) -> Announcement:
    """The announcement of that name. `due` is the date (`YYYY-MM-DD`, in the project's zone) on which the incident's response
    target ends, `ends` the exact moment (ISO-8601, UTC), `url` the incident's page, `follows` and `parted_from` as in OpenTicket."""
    message = MESSAGES[name]
    if not issubclass(message, Announcement):
        raise ValueError(f"“{message.TITLE}” tells of no new incident.")
    told = message.of(incident, due=due, url=url, ends=ends)
    beside = {"follows": follows, "parted_from": parted_from}
    return told.model_copy(update=beside) if isinstance(told, OpenTicket) else told


class OpenTicket(Announcement):
    """Open the incident's ticket. `due` is the date (`YYYY-MM-DD`, in the project's zone) on which its response target ends."""

    TITLE = "open ticket"
    FOLLOWED_BY = ("update_alert",)

    action: Literal["open_ticket"] = "open_ticket"
    due: str
    #: That moment (ISO-8601, UTC); "" in messages of before it was told.
    ends: str = ""
    follows: str = ""  # the key of a ticket that was done about the same thing
    parted_from: str = ""  # the key of the ticket whose incident this one was split off

    @classmethod
    def of(cls, incident: Incident, *, due: str, url: str = "", ends: str = "") -> Self:
        return cls(incident=incident, due=due, url=url, ends=ends)


class SendAlert(Announcement):
    """Tell the channel of a new incident."""

    TITLE = "send alert"
    FOLLOWED_BY = ("update_alert", "resolve_alert")

    action: Literal["send_alert"] = "send_alert"


class Standing(BaseModel):
    """How an incident stands, in words for people; "" where there is nothing to say. `owner_id` is the roster's."""

    model_config = ConfigDict(frozen=True)

    status: str = ""
    owner: str = ""
    owner_id: str = ""
    acknowledged: str = ""
    verdict: str = ""
    over: bool = False


class UpdateAlert(_OfIncident):
    """Change an alert that was sent, to show the ticket's link and how the incident stands. `channel` and `ts` are the alert's own."""

    TITLE = "update alert"
    VERSIONS = "another link or standing than the last one told"
    LAST_WINS = True

    action: Literal["update_alert"] = "update_alert"
    ticket: TicketLink | None = None
    standing: Standing = Standing()
    channel: str
    ts: str


class TellThread(_OfIncident):
    """Say what happened below an alert that was sent. `event` names what happened: it is said once."""

    TITLE = "tell thread"
    VERSIONS = "something else happened"

    action: Literal["tell_thread"] = "tell_thread"
    text: str
    event: str
    channel: str
    ts: str

    def about(self) -> str:
        return f"{self.incident.id}:{self.event}"


class TellPerson(Message):
    """Answer a person who pressed a button or sent a form, where nobody else reads it."""

    TITLE = "tell person"

    action: Literal["tell_person"] = "tell_person"
    interaction_id: str
    who: str
    text: str
    place: dict[str, str] = Field(default_factory=dict)

    def about(self) -> str:
        return self.interaction_id


class SendSummary(Message):
    """Tell the channel how a batch ended. Counts are in lines, except `incidents`, `alerts` and `tickets`."""

    TITLE = "send summary"

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
    #: Tickets that will be late before anybody here could know: one line, and nobody is woken for them.
    intake: int = 0
    #: Incidents that nobody is told of until somebody releases them.
    awaiting: int = 0

    def about(self) -> str:
        return self.batch_id


class TellHandover(Message):
    """Tell the channel what one shift hands over to the next."""

    TITLE = "tell handover"

    action: Literal["tell_handover"] = "tell_handover"
    handover_id: str
    text: str

    def about(self) -> str:
        return self.handover_id


class TellTrouble(Message):
    """Tell the channel what is wrong with the product itself (another integration, a worker, a disk, the database), or that it is over"""

    TITLE = "tell trouble"
    WAITS = True
    VERSIONS = "it is over; it comes back"

    action: Literal["tell_trouble"] = "tell_trouble"
    #: One episode of one cause; its end has the same.
    subject: str
    title: str
    #: ISO-8601, UTC.
    since: str
    over: bool = False

    def about(self) -> str:
        return self.subject

    @property
    def said(self) -> str:
        """In one line, for whoever reads it somewhere else."""
        return f"{'Over' if self.over else 'SOC dashboard'}: {self.title} (since {self.since})"


class ResolveAlert(_OfIncident):
    """The incident is over (its ticket was closed): end what its alert began."""

    TITLE = "resolve alert"
    VERSIONS = "the ticket was reopened and has ended again"

    action: Literal["resolve_alert"] = "resolve_alert"


class CallAction(Message):
    """One of a vendor's declared actions, as somebody asked for it. `request` is the validated request's dump, with
    a mask for each value that is `sealed` (`soc.delivery.sealing`). `subject` is the caller's own incident or alert id, which need not be one of ours.
    """

    TITLE = "call action"
    VERSIONS = "each call, unless it has an Idempotency-Key or the action is done once"

    action: Literal["call_action"] = "call_action"
    name: str
    subject: str = ""
    request: dict[str, Any] = Field(default_factory=dict)
    #: As in OpenTicket; "": nobody knows.
    follows: str = ""
    due: str = ""
    ends: str = ""
    sealed: str = ""

    def about(self) -> str:
        return self.subject


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
