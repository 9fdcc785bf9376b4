"""What a vendor that keeps tickets can be asked about them, in words that are no vendor's own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from soc.integrations.kit.base import Connector

StatusCategory = Literal["new", "indeterminate", "done", "undefined"]


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
