"""Incidents as a file: for a spreadsheet, or a batch's for other tools (JSON, one a line)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from soc.analysis import whole_file
from soc.domain.spreadsheet import write_csv
from soc.links import incident_url
from soc.store.db import read_session
from soc.store.nouns.incidents.incidents import IncidentFilter, IncidentRow, walk_incidents

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


def export_stories(batch_id: str, target: Path) -> int:
    """Write the incidents of a batch, gravest first, one JSON object a line; returns how many.

    The file appears whole or not at all. Raises OSError.
    """
    number = 0
    with whole_file(target) as place, place.open("wb") as out:
        for line in _lines(batch_id):
            out.write(orjson.dumps(line, option=orjson.OPT_UTC_Z) + b"\n")
            number += 1
    return number


def _lines(batch_id: str) -> Iterator[dict[str, Any]]:
    with read_session() as session:
        for row in walk_incidents(session, IncidentFilter(batch_id=batch_id)):
            yield story_document(row)


def story_document(row: IncidentRow) -> dict[str, Any]:
    """`ticket`: a rule is met. `joined`: the id of the incident of an earlier batch that it goes on from, else null."""
    return {
        "id": row.id,
        "title": row.title,
        "class": row.classification,
        "score": row.score,
        "entities": row.entities,
        "first": row.first_seen,
        "last": row.last_seen,
        "count": row.count,
        "steps": [_step(step) for step in row.steps],
        "ticket": row.eligible,
        "joined": row.joined_to or None,
        "awaiting_release": row.awaiting_release,
    }


def _step(step: dict[str, Any]) -> dict[str, Any]:
    return {("class" if name == "classification" else name): value for name, value in step.items()}
