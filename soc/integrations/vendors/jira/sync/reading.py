"""One issue as it is now: its fields, who changed what (by Jira's own history), its comments; or why it cannot be read."""

from __future__ import annotations

from typing import Any

from soc.domain.message import FieldValue
from soc.errors import PermanentDeliveryError
from soc.integrations.kit.http import VendorSession
from soc.integrations.kit.tickets import Absence, RemoteChange, RemoteComment, TicketState
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.remote import FIELDS, moment_of, remote_ticket
from soc.integrations.vendors.jira.sync.origin import (
    DESK_COMMENT,
    ORIGIN,
    are_own_words,
    origin_of_entry,
    property_of,
)
from soc.integrations.vendors.jira.sync.prose import text_of
from soc.integrations.vendors.jira.sync.values import MORE_FIELDS, account_of, our_name, values_of
from soc.integrations.vendors.jira.sync.watching import read_watchers
from soc.integrations.vendors.jira.vendor import bad_answer

_PAGE = 100
#: Of one issue, at most so many entries of history and comments are read.
MOST_ENTRIES = 2000


class IssueReader:
    """Reads issues by their ids: an id survives a move to another project, a key does not."""

    def __init__(self, session: VendorSession, project: ProjectReader, config: JiraConfig) -> None:
        self._session = session
        self._project = project
        self._config = config

    def read(self, remote_id: str, *, key: str = "") -> TicketState | Absence:
        """`key` is the last one that was known, for its project. Raises DeliveryError where Jira cannot be asked."""
        try:
            data = self._issue(remote_id)
        except PermanentDeliveryError as error:
            if error.status not in (403, 404):
                raise
            return self._absence(error.status, key.rpartition("-")[0] or self._config.project_key)
        ticket = remote_ticket(data, base_url=self._project.web_url())
        if ticket is None:
            raise bad_answer("an issue")
        fields = _fields(data)
        return TicketState(
            ticket=ticket,
            fields=self._values(remote_id, fields, watchers=True),
            changes=self._history(ticket.id, data.get("changelog")),
            comments=self.comments(ticket.id),
            archived=bool(fields.get("archiveddate") or data.get("archived")),
            not_synced=tuple(f"attachment {_file(one)}" for one in _rows(fields.get("attachment"))),
        )

    def state_before(self, remote_id: str, *, watchers: bool = False) -> TicketState:
        """For a write: fields and history alone, with who watches where that is written. Raises PermanentDeliveryError where
        there is no such issue.
        """
        data = self._issue(remote_id)
        ticket = remote_ticket(data, base_url=self._project.web_url())
        if ticket is None:
            raise bad_answer("an issue")
        fields = _fields(data)
        changes = self._history(ticket.id, data.get("changelog"))
        values = self._values(remote_id, fields, watchers=watchers)
        return TicketState(ticket=ticket, fields=values, changes=changes)

    def _values(self, remote_id: str, fields: dict[str, Any], *, watchers: bool) -> dict[str, FieldValue]:
        values = values_of(fields, self._config)
        if watchers and (found := read_watchers(self._session, remote_id, fields)) is not None:
            values["watchers"] = found
        return values

    def _issue(self, remote_id: str) -> dict[str, Any]:
        params = {"fields": ",".join((*FIELDS, *MORE_FIELDS)), "expand": "changelog"}
        data = self._session.read("GET", f"/issue/{remote_id}", params=params).data
        if not isinstance(data, dict):
            raise bad_answer("an issue")
        return data

    def _absence(self, status: int, project: str) -> Absence:
        """Jira says the same of an issue that is deleted and of one that this account may not see; the project tells.

        An issue's own security level hides it too: that looks like a deletion, which is why a person is asked.
        Raises DeliveryError where the account is refused everywhere: that is no word about one issue.
        """
        params = {"projectKey": project, "permissions": "BROWSE_PROJECTS"}
        try:
            data = self._session.read("GET", "/mypermissions", params=params).data
        except PermanentDeliveryError as error:
            if error.status != 404:
                raise
            return Absence.HIDDEN
        granted = data.get("permissions") if isinstance(data, dict) else None
        browse = granted.get("BROWSE_PROJECTS") if isinstance(granted, dict) else None
        may = isinstance(browse, dict) and browse.get("havePermission") is True
        return Absence.DELETED if may and status == 404 else Absence.HIDDEN

    def _history(self, remote_id: str, listed: Any) -> tuple[RemoteChange, ...]:
        known = listed if isinstance(listed, dict) else {}
        entries = _rows(known.get("histories"))
        total = known.get("total")
        if self._config.cloud and isinstance(total, int) and total > len(entries):
            entries = self._pages(f"/issue/{remote_id}/changelog", "values", {})
        changes = [_change(entry) for entry in entries if entry.get("id")]
        return tuple(sorted(changes, key=lambda one: (len(one.id), one.id)))

    def comments(self, remote_id: str) -> tuple[RemoteComment, ...]:
        """All of them, the oldest first."""
        rows = self._pages(f"/issue/{remote_id}/comment", "comments", {"expand": "properties"})
        found = [_comment(row) for row in rows if row.get("id")]
        return tuple(sorted(found, key=lambda one: (len(one.id), one.id)))

    def _pages(self, path: str, key: str, more: dict[str, str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while len(rows) < MOST_ENTRIES:
            params = {"startAt": str(len(rows)), "maxResults": str(_PAGE), **more}
            data = self._session.read("GET", path, params=params).data
            if not isinstance(data, dict) or not isinstance(data.get(key), list):
                raise bad_answer("an issue's history")
            page = _rows(data[key])
            rows += page
            total = data.get("total")
            if not page or data.get("isLast") is True or not isinstance(total, int) or len(rows) >= total:
                break
        return rows


def _fields(data: dict[str, Any]) -> dict[str, Any]:
    fields = data.get("fields")
    return fields if isinstance(fields, dict) else {}


def _file(attachment: dict[str, Any]) -> str:
    return str(attachment.get("filename") or "without a name")


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _change(entry: dict[str, Any]) -> RemoteChange:
    author = entry.get("author")
    items = {
        our_name(item): (str(item.get("fromString") or ""), str(item.get("toString") or ""))
        for item in _rows(entry.get("items"))
    }
    return RemoteChange(
        id=str(entry["id"]),
        at=moment_of(entry.get("created")),
        author=str(author.get("displayName") or "") if isinstance(author, dict) else "",
        author_id=account_of(author),
        by_bot=isinstance(author, dict) and author.get("accountType") == "app",
        origin=origin_of_entry(entry),
        items=items,
    )


def _comment(row: dict[str, Any]) -> RemoteComment:
    author = row.get("author")
    text, unsaid = text_of(row.get("body"))
    internal = property_of(row, DESK_COMMENT).get("internal") is True or row.get("jsdPublic") is False
    return RemoteComment(
        id=str(row["id"]),
        text=text,
        author=str(author.get("displayName") or "") if isinstance(author, dict) else "",
        author_id=account_of(author),
        by_bot=isinstance(author, dict) and author.get("accountType") == "app",
        internal=internal or isinstance(row.get("visibility"), dict),
        origin=str(property_of(row, ORIGIN).get("delivery") or ""),
        own_words=are_own_words(row, text),
        created_at=moment_of(row.get("created")),
        updated_at=moment_of(row.get("updated")),
        not_synced=unsaid,
    )
