"""Reads bytes as a user's upload is read, through the documented entry only: what every test of the log path stands on."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from soc.analysis import Analysis, analyse_files, read_events
from soc.domain.incident import Incident
from soc.logs import ReadOptions, SourceFile
from soc.settings import Settings

#: Compiled patterns are kept here for all tests of this process.
_DATA = tempfile.TemporaryDirectory(prefix="soc-tests-")

#: When every upload is handed in: no test depends on the year in which it runs.
AS_OF = datetime(2026, 7, 1, 12, tzinfo=UTC)

Upload = tuple[str, bytes]


@dataclass(frozen=True)
class Reading:
    """`events` are all lines in file order, EVENT_COLUMNS and `raw`."""

    analysis: Analysis
    events: pl.DataFrame

    @property
    def incidents(self) -> tuple[Incident, ...]:
        return self.analysis.incidents

    def only(self, rule_id: str) -> Incident:
        """The one incident of a rule."""
        (found,) = self.of(rule_id)
        return found

    def of(self, rule_id: str) -> list[Incident]:
        return [incident for incident in self.incidents if incident.rule_id == rule_id]

    def steps(self, rule_id: str) -> list[tuple[str, int, int]]:
        """(who acts, score, lines) of each step that a rule found, over all incidents."""
        return [
            (incident.entity, step.score, step.count)
            for incident in self.incidents
            for step in incident.steps
            if step.rule == rule_id
        ]

    def cells(self, *names: str) -> list[tuple[Any, ...]]:
        return self.events.select(names).rows()


def read_uploads(*uploads: Upload, source: str = "", **change: int) -> Reading:
    """Several files as one batch. `change`: settings (`block_bytes=300`, `incident_min_score=1`)."""
    with tempfile.TemporaryDirectory(prefix="soc-reading-") as folder:
        files = []
        for number, (name, data) in enumerate(uploads):
            path = Path(folder) / f"upload-{number}"
            path.write_bytes(data)
            files.append(SourceFile(name, path, ReadOptions(default_source=source)))
        chosen = Settings(data_dir=Path(_DATA.name)).model_copy(update=change)
        done = analyse_files(
            files, batch_id="bat-t", out_dir=Path(folder) / "out", settings=chosen, as_of=AS_OF
        )
        return Reading(done, read_events(done.events_dir, limit=1_000_000))


def read(data: bytes | str, name: str = "a.log", **change: int) -> Reading:
    """One file."""
    return read_uploads((name, data if isinstance(data, bytes) else data.encode()), **change)
