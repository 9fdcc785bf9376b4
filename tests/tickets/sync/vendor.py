"""A vendor that keeps tickets and says of each what a test put in its mouth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from soc.domain.message import FieldValue
from soc.integrations.kit.tickets import Absence, RemoteChange, RemoteComment, RemoteTicket, TicketState
from soc.integrations.vendors.jira import JiraConfig, JiraConnector
from tests.rows import NIGHT


def read_whole(
    key: str = "SOC-1",
    *,
    comments: tuple[RemoteComment, ...] = (),
    changes: tuple[RemoteChange, ...] = (),
    category: str = "new",
    updated_at: datetime | None = NIGHT,
    archived: bool = False,
    named: str = "",
    not_synced: tuple[str, ...] = (),
    **fields: FieldValue,
) -> TicketState:
    """The ticket with these fields, of which the status's name is one; `named` is what its assignee is called."""
    ticket = RemoteTicket.model_validate(
        {
            "id": key.removeprefix("SOC-"), "key": key, "url": f"https://jira.example.com/browse/{key}", "summary": "s",
            "status": fields.get("status", "Open"), "status_category": category, "assignee": named, "updated_at": updated_at,
        }
    )  # fmt: skip
    return TicketState(
        ticket=ticket,
        fields=fields,
        comments=comments,
        changes=changes,
        archived=archived,
        not_synced=not_synced,
    )


class Vendor(JiraConnector):
    """`says` is what it says of each ticket, by key; `asked` which it was asked for, in order."""

    def __init__(self) -> None:
        super().__init__(JiraConfig(base_url="https://jira.example.com", username="a@b.c", api_token="t"))
        self.says: dict[str, TicketState | Absence | Exception] = {}
        self.asked: list[str] = []

    def read_state(self, remote_id: str, *, key: str = "") -> TicketState | Absence:
        self.asked.append(key)
        said = self.says[key]
        if isinstance(said, Exception):
            raise said
        return said

    @contextmanager
    def borrow(self, _kind: str) -> Iterator[Vendor]:
        yield self
