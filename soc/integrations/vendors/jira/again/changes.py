"""A ticket that is asked for again: what of it changes. Never its words: an analyst may have written better ones by then."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from soc.clock import isoformat
from soc.domain.severity import PRIORITY_BY_SEVERITY
from soc.domain.sla import due_at
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.remote import RemoteTicket
from soc.integrations.vendors.jira.ticket import Draft
from soc.store.nouns.policies import thresholds_in_force

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

    ({}, "") where it has it. The due date counts from when the ticket was opened.
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
    if ticket.created_at is not None and (screen is None or "duedate" in screen):
        limit = due_at(ticket.created_at, PRIORITY_BY_SEVERITY[draft.severity], thresholds_in_force())
        if (day := limit.date()) != ticket.due:
            fields["duedate"] = day.isoformat()
            words.append(f"due date {ticket.due or 'none'} → {day}")
    return fields, ", ".join(words)


def said_of(ticket: RemoteTicket, changed: str) -> dict[str, str]:
    """For the receipt: that it was there, since when, and what was changed."""
    opened = {"opened": isoformat(ticket.created_at)} if ticket.created_at else {}
    return {"existing": "yes", **opened, **({"updated": changed} if changed else {})}
