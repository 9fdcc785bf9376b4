"""What a ticket is about, as lists of tickets say it: the incident's own title and address, not the ticket's summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from soc.metrics.lists import incidents_by_id
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.ui.kit import quoted


def read_incidents(ids: Sequence[str]) -> Mapping[str, IncidentRow]:
    """These incidents by their id; those that are gone are left out."""
    return incidents_by_id(tuple(ids))


def incident_cells(incident: IncidentRow | None, summary: str) -> dict[str, Any]:
    """`summary` is what the ticket itself says, where the incident is gone."""
    if incident is None:
        return {"incident": quoted.cell(summary), "entity": "", "severity": ""}
    return {
        "incident": quoted.cell(incident.title),
        "entity": quoted.cell(incident.entity or incident.source),
        "severity": incident.severity,
    }
