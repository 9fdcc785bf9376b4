"""Tickets with their clocks as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from soc import clock
from soc.domain.spreadsheet import write_csv
from soc.links import incident_url
from soc.sla.clocks import read_clock
from soc.store.db import read_session
from soc.store.nouns.tickets.ticket_lists import walk_tickets
from soc.store.nouns.tickets.tickets import TicketFilter

COLUMNS = (
    "key", "integration", "summary", "incident", "host_or_address", "source", "severity", "status", "priority", "assignee",
    "sla", "due_at", "created_at", "resolved_at", "reopened", "url", "incident_id", "practice", "incident_url",
)  # fmt: skip


def export_tickets(chosen: TicketFilter) -> Iterator[bytes]:
    """Every ticket that the filter matches as CSV (see `write_csv`), oldest first; its clock as it is now."""
    now = clock.now()
    with read_session() as session:
        yield from write_csv(
            COLUMNS,
            (
                [
                    one.key, one.integration, one.summary, incident.title, incident.entity, incident.source, incident.severity,
                    one.status, one.priority, one.assignee, read_clock(one, now=now).state.value, one.due_at, one.created_at,
                    one.resolved_at, one.reopened, one.url, incident.id, one.practice, incident_url(incident.id),
                ]
                for one, incident in walk_tickets(session, chosen, now=now)
            ),
        )  # fmt: skip
