"""Escalations on the ticket itself: an internal comment, or the person as a watcher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from soc.domain.message import EscalatedTicket, Escalation, Receipt
from soc.errors import FailureReason, UnknownOutcome
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.fields.document import Block, Bullets, Link, Paragraph, adf, wiki
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.sync.commenting import shown_to
from soc.integrations.vendors.jira.sync.watching import add_watcher

COMMENT, WATCHER = "comment", "watcher"
#: By it our own comments are known again, whatever account wrote them.
ORIGIN = "soc.origin"
_INTERNAL = {"key": "sd.public.comment", "value": {"internal": True}}
_PAGE = 50


class Escalator:
    """Speaks on tickets of one Jira."""

    def __init__(self, session: VendorSession, project: ProjectReader, config: JiraConfig) -> None:
        self._session = session
        self._project = project
        self._config = config

    def deliver(self, message: Escalation, *, delivery_id: str, practice: bool) -> Receipt:
        """Raises TransientDeliveryError, UnknownOutcome or PermanentDeliveryError."""
        ticket = message.tickets[0]
        if message.way == WATCHER:
            add_watcher(self._session, ticket.remote_id, message.address)
            return Receipt(remote_id=ticket.remote_id, key=ticket.key, url=ticket.url)
        blocks = list(_blocks(message, ticket, practice=practice))
        body: dict[str, Any] = {"body": adf(blocks) if self._config.cloud else wiki(blocks)}
        origin = {"key": ORIGIN, "value": {"delivery": delivery_id, "by": "escalation"}}
        body["properties"] = [origin, _INTERNAL]
        body |= shown_to(self._config, desk=self._project.is_service_desk())
        data = self._session.write("POST", f"/issue/{ticket.remote_id}/comment", body=body).data
        number = data.get("id") if isinstance(data, dict) else None
        if not isinstance(number, str | int) or not str(number):
            raise UnknownOutcome(
                "Jira accepted the comment, but its answer names none.", reason=FailureReason.BAD_RESPONSE
            )
        return Receipt(remote_id=str(number), key=ticket.key, url=ticket.url)

    def find(self, message: Escalation, *, since: datetime) -> Receipt | None:
        """The comment that names this notice. Who watches already is not looked for: to be added again changes nothing."""
        if message.way == WATCHER:
            return None
        ticket = message.tickets[0]
        data = self._session.read(
            "GET",
            f"/issue/{ticket.remote_id}/comment",
            params={"orderBy": "-created", "maxResults": str(_PAGE)},
        ).data
        rows = data.get("comments") if isinstance(data, dict) else None
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and message.subject in str(row.get("body")) and row.get("id"):
                return Receipt(remote_id=str(row["id"]), key=ticket.key, url=ticket.url)
        return None


def _blocks(message: Escalation, ticket: EscalatedTicket, *, practice: bool) -> Iterator[Block]:
    yield Paragraph(f"{'PRACTICE · ' if practice else ''}{ticket.step}: {ticket.why}")
    if message.skipped:
        yield Bullets(tuple(f"Not told any more: {one}" for one in message.skipped))
    if message.note:
        yield Paragraph(message.note)
    yield Link("Open the incident", message.url)
    yield Paragraph(f"Notice {message.subject} of the SOC operations dashboard")
