"""Incidents as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from soc.domain.spreadsheet import write_csv
from soc.links import incident_url
from soc.store.db import read_session
from soc.store.nouns.incidents import IncidentFilter, IncidentRow, walk_incidents

COLUMNS = (
    "id", "severity", "score", "title", "classification", "confidence", "source", "host_or_address", "lines", "first_seen",
    "last_seen", "found_at", "status", "met_a_rule", "signature", "first_line", "batch_id", "incident_url",
)  # fmt: skip


def export_incidents(chosen: IncidentFilter) -> Iterator[bytes]:
    """Every incident that the filter matches as CSV (see `write_csv`), most severe first."""
    with read_session() as session:
        yield from write_csv(COLUMNS, map(_cells, walk_incidents(session, chosen)))


def _cells(row: IncidentRow) -> list[object]:
    return [
        row.id, row.severity, row.score, row.title, row.classification, row.confidence, row.source, row.entity, row.count,
        row.first_seen, row.last_seen, row.created_at, row.status, row.eligible, row.rule_id, row.message, row.batch_id,
        incident_url(row.id),
    ]  # fmt: skip
