"""A ticket that is asked for again: what of it changes. Never its words: an analyst may have written better ones by then."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from soc.clock import isoformat
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.remote import RemoteTicket
from soc.integrations.vendors.jira.ticket import Draft

_SEVERITY = "severity-"


def changes_of(
    ticket: RemoteTicket,
    draft: Draft,
    config: JiraConfig,
    *,
    screen: Collection[str] | None,
    priorities: Collection[str] | None,
) -> tuple[dict[str, Any], str]:
    """The fields to set so that the ticket has the severity that is asked for now, and what that changes in words.

    ({}, "") where it has it. The due date is that of its clock with the new priority.
    """
    wanted = config.priority_mapping[draft.severity]
    takes = screen is None or "priority" in screen
    if not takes or ticket.priority == wanted or (priorities is not None and wanted not in priorities):
        return {}, ""
    fields: dict[str, Any] = {"priority": {"name": wanted}}
    words = [f"priority {ticket.priority or 'none'} → {wanted}"]
    mark = next((one for one in draft.labels if one.startswith(_SEVERITY)), "")
    if mark and ticket.labels and (screen is None or "labels" in screen):
        fields["labels"] = [*(one for one in ticket.labels if not one.startswith(_SEVERITY)), mark]
    before = ticket.due.isoformat() if ticket.due is not None else ""
    if draft.due and draft.due != before and (screen is None or "duedate" in screen):
        fields["duedate"] = draft.due
        words.append(f"due date {before or 'none'} → {draft.due}")
    return fields, ", ".join(words)


def said_of(ticket: RemoteTicket, changed: str) -> dict[str, str]:
    """For the receipt: that it was there, since when, and what was changed."""
    opened = {"opened": isoformat(ticket.created_at)} if ticket.created_at else {}
    return {"existing": "yes", **opened, **({"updated": changed} if changed else {})}
