"""A ticket as Jira has it now."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from soc import clock
from soc.integrations.kit.tickets import RemoteTicket, StatusCategory

__all__ = ["FIELDS", "RemoteTicket", "remote_ticket"]

#: What is asked of Jira for a `RemoteTicket`. `statuscategorychangedate` is Cloud's; Data Center ignores it.
FIELDS = (
    "summary",
    "status",
    "priority",
    "assignee",
    "labels",
    "created",
    "updated",
    "resolutiondate",
    "duedate",
    "statuscategorychangedate",
)
_LABEL = "soc-incident-"


def web_address(base_url: str, key: str) -> str:
    """A ticket's page, "" where nobody knows the site."""
    return f"{base_url}/browse/{key}" if base_url else ""


def moment_of(value: Any) -> datetime | None:
    try:
        return clock.parse(value) if isinstance(value, str) and value else None
    except ValueError:
        return None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and value else None
    except ValueError:
        return None


def _part(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return str(found) if found is not None else ""


def remote_ticket(issue: Any, *, base_url: str) -> RemoteTicket | None:
    """One issue of an answer; None for something that is no issue.

    A workflow that sets no resolution leaves the time of the change of category, or else of the last change.
    """
    if not isinstance(issue, dict) or not isinstance(issue.get("key"), str):
        return None
    raw = issue.get("fields")
    fields: dict[str, Any] = raw if isinstance(raw, dict) else {}
    status = fields.get("status") if isinstance(fields.get("status"), dict) else {}
    name = _part(status.get("statusCategory"), "key") if isinstance(status, dict) else ""
    category: StatusCategory = name if name in ("new", "indeterminate", "done") else "undefined"  # type: ignore[assignment]
    listed = fields.get("labels")
    labels = tuple(str(label) for label in listed) if isinstance(listed, list) else ()
    updated = moment_of(fields.get("updated"))
    resolved = None
    if category == "done":
        times = ("resolutiondate", "statuscategorychangedate")
        resolved = next((m for t in times if (m := moment_of(fields.get(t)))), updated)
    assignee = fields.get("assignee")
    return RemoteTicket(
        id=str(issue.get("id", "")),
        key=issue["key"],
        url=web_address(base_url, issue["key"]),
        summary=str(fields.get("summary") or ""),
        status=_part(status, "name"),
        status_category=category,
        priority=_part(fields.get("priority"), "name"),
        assignee=_part(assignee, "displayName"),
        assignee_id=_part(assignee, "accountId") or _part(assignee, "name"),
        labels=labels,
        incident_id=next((label[len(_LABEL) :] for label in labels if label.startswith(_LABEL)), ""),
        created_at=moment_of(fields.get("created")),
        updated_at=updated,
        resolved_at=resolved,
        due=_day(fields.get("duedate")),
    )
