"""The lines of a batch as people have them by now: each in its incident, also where that was split since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from soc.analysis.events_file import count_events, read_events, walk_incident
from soc.analysis.parting import count_values, cut_lines
from soc.batches.reading.folders import events_of
from soc.domain.event import FIELDS, Moved, Selection
from soc.domain.incident import Origin
from soc.errors import ConfigurationError
from soc.store.db import read_session
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident
from soc.store.nouns.incidents.parts import list_moved, list_parts
from soc.tickets.acts.splitting import Cut


def read_lines(batch_id: str, **chosen: Any) -> pl.DataFrame:
    """As `read_events`. Raises NotFound when the batch's lines are gone."""
    return read_events(events_of(batch_id), **chosen, moved=_moved(batch_id))


def count_lines(batch_id: str, **chosen: Any) -> int:
    """As `count_events`. Raises NotFound."""
    return count_events(events_of(batch_id), **chosen, moved=_moved(batch_id))


def read_cut(incident_id: str, which: Selection) -> Cut:
    """What choosing these of the incident's lines comes to; one that a call told of has none. Raises NotFound."""
    with read_session() as session:
        row = get_incident(session, incident_id)
        parts = tuple(one.id for one in list_parts(session, incident_id))
        moved = list_moved(session, row.batch_id)
    chosen, left = cut_lines(_walk(row, moved), which)
    return Cut(incident_id, which, chosen, left, parts)


def read_values(incident_id: str, field: str) -> list[tuple[str, int]]:
    """By what the incident's lines can be told apart: each value of the field with its number of lines, the most frequent first.

    Raises NotFound, ConfigurationError (no such field).
    """
    if field not in FIELDS:
        raise ConfigurationError(
            f"Lines cannot be chosen by {field}.", hint=f"By one of: {', '.join(FIELDS)}."
        )
    with read_session() as session:
        row = get_incident(session, incident_id)
        moved = list_moved(session, row.batch_id)
    return count_values(_walk(row, moved), field)


def _walk(row: IncidentRow, moved: Sequence[Moved]) -> Iterator[pl.DataFrame]:
    if row.origin == Origin.API:
        return iter(())
    return walk_incident(events_of(row.batch_id), row.id, moved=moved)


def _moved(batch_id: str) -> Sequence[Moved]:
    with read_session() as session:
        return list_moved(session, batch_id)
