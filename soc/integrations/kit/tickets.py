"""What a vendor that keeps tickets can be asked about them, in words that are no vendor's own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from soc.domain.message import FieldValue
from soc.integrations.kit.base import Connector

StatusCategory = Literal["new", "indeterminate", "done", "undefined"]

#: The synced fields that are sets: two changes of different members never contradict each other.
SETS = frozenset({"labels", "components", "watchers"})
#: Every synced field, in the order in which people read them.
SYNCED = (
    "status",
    "resolution",
    "assignee",
    "priority",
    "labels",
    "components",
    "watchers",
    "due",
    "summary",
)


class RemoteTicket(BaseModel):
    """A ticket as its vendor has it now. `status_category` tells open from done (names of statuses are free);
    `priority` is the vendor's name for it.

    `resolved_at` is None while the ticket is open. `incident_id` is ours, "" where the ticket does not say.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    key: str
    url: str
    summary: str
    status: str
    status_category: StatusCategory
    priority: str = ""
    assignee: str = ""
    assignee_id: str = ""
    labels: tuple[str, ...] = ()
    incident_id: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    resolved_at: datetime | None = None
    due: date | None = None


class RemoteChange(BaseModel):
    """One entry of a ticket's history at its vendor. `origin` is the delivery that made it, "" where we did not.

    `items` are the fields (of SYNCED) that it changed, with the vendor's words for the values before and after.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    at: datetime | None = None
    author: str = ""
    author_id: str = ""
    by_bot: bool = False
    origin: str = ""
    items: dict[str, tuple[str, str]] = Field(default_factory=dict)


class RemoteComment(BaseModel):
    """A comment as its vendor has it. `origin` is the delivery that wrote it, "" where we did not.

    `not_synced` names what of it cannot be said in plain text and stays there alone (an image, a table). `own_words`: it
    says what we wrote, and nobody has changed it since.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    author: str = ""
    author_id: str = ""
    by_bot: bool = False
    internal: bool = False
    origin: str = ""
    own_words: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    not_synced: tuple[str, ...] = ()


class TicketState(BaseModel):
    """A ticket, read whole: `fields` by their names of SYNCED in the product's words, its history with the oldest
    entry first (`whole` where none was left out), its comments.
    """

    model_config = ConfigDict(frozen=True)

    ticket: RemoteTicket
    fields: dict[str, FieldValue]
    changes: tuple[RemoteChange, ...] = ()
    comments: tuple[RemoteComment, ...] = ()
    #: Nobody can change it there any more, though it can be read.
    archived: bool = False
    #: What of the ticket stays there alone, for people.
    not_synced: tuple[str, ...] = ()


class Absence(StrEnum):
    """Why a ticket cannot be read. Its row keeps the value."""

    DELETED = "deleted"
    ARCHIVED = "archived"
    HIDDEN = "hidden"


class Touched(NamedTuple):
    """A ticket that was changed a short time ago, as a search shows it."""

    id: str
    updated_at: datetime | None


class TicketConnector(Connector):
    """A connector whose vendor keeps tickets: what the kind declares with `open_ticket` is kept in step through this."""

    @abstractmethod
    def fetch_tickets(self, keys: Iterable[str]) -> list[RemoteTicket]:
        """The tickets that still exist, in no order; a key that is missing from the answer is gone or out of sight.

        Raises TransientDeliveryError or PermanentDeliveryError.
        """

    @abstractmethod
    def search_open(self, *, most: int = 1000) -> list[RemoteTicket]:
        """Our tickets that are not done, newest first. Raises as `fetch_tickets` does."""

    @abstractmethod
    def list_touched(self, *, minutes: int) -> list[Touched]:
        """What was changed in the last `minutes`, counted by the vendor's own clock. Raises as `fetch_tickets` does."""

    @abstractmethod
    def read_state(self, remote_id: str, *, key: str = "") -> TicketState | Absence:
        """The ticket as it is now (a search may lag, this does not), or why it cannot be read. `key` is the last known.

        Raises as `fetch_tickets` does.
        """
