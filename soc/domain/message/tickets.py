"""Messages about tickets that exist, and how a ticket is addressed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from soc.domain.message.base import Message


class TicketLink(BaseModel):
    model_config = ConfigDict(frozen=True)

    key: str
    url: str


class TicketAddress(TicketLink):
    """`remote_id` is the vendor's own number of the ticket: it survives a move, the key does not."""

    remote_id: str


#: A field's value as it is compared and kept: a name or an id, a date (`YYYY-MM-DD`), or the members of a set.
FieldValue = str | tuple[str, ...]


class FieldChange(BaseModel):
    """`before` is what both sides had when they last agreed (None: nobody knows), `after` what it shall be.

    `seen` is the id of the vendor's last entry about the field that `before` knows of ("": of none).
    """

    model_config = ConfigDict(frozen=True)

    before: FieldValue | None = None
    after: FieldValue
    seen: str = ""


class TicketMessage(Message):
    """A message that changes a ticket that exists. `change` is the id of the one change that it tells of.

    `said_by` names who did it, for people who read it there.
    """

    WAITS = True

    ticket: TicketAddress
    change: str
    said_by: str = ""

    def about(self) -> str:
        return self.change


class ChangeTicket(TicketMessage):
    """Set fields of a ticket, where they are there as they were here (members of sets are added and taken out).

    Names are `priority`, `assignee` (the account's id), `labels`, `components`, `due`, `summary`. With a `due`, `ends` is
    the moment (ISO-8601, UTC) of that day at which the response target ends ("": the day is somebody's own).
    """

    TITLE = "change ticket"
    VERSIONS = "each change"

    action: Literal["change_ticket"] = "change_ticket"
    fields: dict[str, FieldChange]
    ends: str = ""


class MoveTicket(TicketMessage):
    """Move a ticket to another status: by its name, or to any of a category (`new`, `indeterminate`, `done`).

    `before` and `seen` are as in `FieldChange` ("": nobody knows). `resolution` is what a way to done is given.
    """

    TITLE = "move ticket"
    VERSIONS = "each change"

    action: Literal["move_ticket"] = "move_ticket"
    category: Literal["new", "indeterminate", "done"]
    status: str = ""
    before: str = ""
    seen: str = ""
    resolution: str = ""


class CommentTicket(TicketMessage):
    """Add a note to a ticket; an internal one is not shown to customers. `duplicates` is the key of the ticket that this one is a
    duplicate of, to be linked with it ("": none).
    """

    TITLE = "comment ticket"
    VERSIONS = "each note"

    action: Literal["comment_ticket"] = "comment_ticket"
    text: str
    internal: bool = True
    duplicates: str = ""


class RewordComment(TicketMessage):
    """Word a comment that this product wrote anew, unless somebody changed it there since.

    `comment` is the vendor's id of it ("": it is the one that the delivery `told_by` wrote), `before` what it said there
    when both sides last agreed ("": nobody has read it).
    """

    TITLE = "reword comment"
    VERSIONS = "each wording"

    action: Literal["reword_comment"] = "reword_comment"
    text: str
    internal: bool = True
    comment: str = ""
    told_by: str = ""
    before: str = ""

    @property
    def note_id(self) -> str:
        """`change` is the note, and which of its wordings."""
        return self.change.partition(":")[0]
