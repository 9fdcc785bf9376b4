"""What tells people that tickets run out of time."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from soc.domain.message.base import Message

#: So many keys stand in an escalation's one line about the rest.
MOST_NAMED = 30


class EscalatedTicket(BaseModel):
    """A ticket as an escalation tells of it. `step` is the step's title, `why` its threshold and what else is to be known."""

    model_config = ConfigDict(frozen=True)

    ticket_id: int
    incident_id: str
    key: str
    remote_id: str
    url: str
    title: str
    priority: str
    score: int
    step: str
    why: str


class Escalation(Message):
    """Tell somebody, or a channel, that tickets run out of time or have. The highest step of each is told, all at once.

    `recipient` is a person's name ("": the channel as a whole), `address` their own at the vendor. `folded` are keys of
    further tickets, told in one line; `skipped` says which steps became moot; `note` who was not reached, and why.
    `subject` is the notice's own id. What was called off since (acknowledged, resolved) is taken out before it is sent.
    """

    TITLE = "escalation"
    FOLLOWED_BY = ("end_escalation",)
    VERSIONS = "each notice is another one"

    action: Literal["escalation"] = "escalation"
    subject: str
    way: str = ""
    recipient: str = ""
    address: str = ""
    tickets: tuple[EscalatedTicket, ...]
    folded: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    note: str = ""

    def about(self) -> str:
        return self.subject

    @property
    def score(self) -> int:
        """Of the gravest ticket."""
        return max((one.score for one in self.tickets), default=1)

    @property
    def headline(self) -> str:
        """`Escalation: SOC-12 · SLA violation`, `Escalation: 14 tickets`."""
        number = len(self.tickets) + len(self.folded)
        if number == 1 and self.tickets:
            return f"Escalation: {self.tickets[0].key} · {self.tickets[0].step}"
        return f"Escalation: {number} tickets"

    @property
    def fold(self) -> str:
        """The one line about the rest, "" where there is none."""
        if not self.folded:
            return ""
        named = ", ".join(self.folded[:MOST_NAMED])
        more = f" and {len(self.folded) - MOST_NAMED:,} more" if len(self.folded) > MOST_NAMED else ""
        return f"And {len(self.folded):,} more: {named}{more}."


class EndEscalation(Message):
    """End at the vendor what an escalation began there: somebody looks into its tickets, or all of them are done.

    `subject` is the notice's id, `incident_id` the one that it told of ("": of several), `by` names who did it, `keys` are the tickets. What has not arrived there is not ended: it is called off.
    """

    TITLE = "end escalation"
    VERSIONS = "acknowledged, and done after that; each anew after it was taken back"

    action: Literal["end_escalation"] = "end_escalation"
    subject: str
    outcome: Literal["acknowledged", "resolved"]
    incident_id: str = ""
    by: str = ""
    keys: tuple[str, ...] = ()

    def about(self) -> str:
        return f"{self.subject}:{self.outcome}"

    @property
    def said(self) -> str:
        """`SOC-12 acknowledged by Mia Berg`, `14 tickets resolved`."""
        what = self.keys[0] if len(self.keys) == 1 else f"{len(self.keys):,} tickets"
        return f"{what} {self.outcome}{f' by {self.by}' if self.by else ''}"
