"""Stories that go on: what an earlier batch left of the same actor, and which of the lines it has not seen yet.

A story is known by its fingerprint (who acts, or what goes wrong where), whatever file it came in. It goes on while no more
than a day lies between the two. An event counts once: a line that both have is the same event.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from sqlmodel import Session

from soc.analysis import read_marks
from soc.batches.reading.folders import events_of
from soc.domain.incident import Incident
from soc.errors import NotFound
from soc.store.db import read_session
from soc.store.nouns.combined.repeats import list_joined_to, list_of_fingerprints
from soc.store.nouns.incidents.incidents import IncidentRow

#: An actor that was quiet for longer begins anew.
GAP = timedelta(hours=24)
#: So many of the latest batches of one story are looked into for lines that it has already.
BATCHES = 20


@dataclass(frozen=True)
class Fresh:
    """What a batch adds to the story `known`: so many lines that no earlier batch had. `whole`: it has all that was known."""

    known: str
    lines: int
    whole: bool = False


def find_stories(
    session: Session, batch_id: str, incidents: Sequence[Incident], *, now: datetime
) -> dict[str, str]:
    """The story of an earlier batch that each of these goes on from: id by id. Of several the latest."""
    by_print: dict[str, list[IncidentRow]] = {}
    wanted = {one.fingerprint for one in incidents if one.fingerprint}
    for row in list_of_fingerprints(session, wanted, beside=batch_id):
        by_print.setdefault(row.fingerprint, []).append(row)
    return {
        one.id: known.id
        for one in incidents
        if (
            known := next((row for row in by_print.get(one.fingerprint, ()) if _goes_on(row, one, now)), None)
        )
    }


def _goes_on(row: IncidentRow, one: Incident, now: datetime) -> bool:
    if row.first_seen is None or row.last_seen is None or one.first_seen is None or one.last_seen is None:
        return row.first_seen is None and one.first_seen is None and now - row.created_at <= GAP
    return one.first_seen - row.last_seen <= GAP and row.first_seen - one.last_seen <= GAP


def count_fresh(batch_id: str, incidents: Sequence[Incident], *, now: datetime) -> dict[str, Fresh]:
    """What each incident of the batch adds to the story that it goes on from, by its id. Reads files, writes nothing."""
    with read_session() as session:
        known = find_stories(session, batch_id, incidents, now=now)
        if not known:
            return {}
        places = list_joined_to(session, set(known.values()))
    mine = read_marks(events_of(batch_id), set(known))
    seen = _seen(places)
    return {one: _fresh(mine, one, seen, story) for one, story in known.items()}


def _seen(places: Mapping[str, Sequence[tuple[str, str]]]) -> Mapping[str, pl.DataFrame]:
    """Marks by story: those of its own lines and of what was joined to it, in each batch."""
    story_of = {incident: story for story, some in places.items() for incident, _ in some[:BATCHES]}
    by_batch: dict[str, set[str]] = {}
    for some in places.values():
        for incident, batch in some[:BATCHES]:
            by_batch.setdefault(batch, set()).add(incident)
    frames: dict[str, list[pl.DataFrame]] = {}
    for batch, wanted in by_batch.items():
        for (incident,), rows in _marks(batch, wanted).group_by("incident_id"):
            frames.setdefault(story_of[str(incident)], []).append(rows.select("mark", "nth"))
    return {story: pl.concat(some).unique() for story, some in frames.items()}


def _marks(batch_id: str, incident_ids: Collection[str]) -> pl.DataFrame:
    """Those of a batch whose lines are gone are unknown: what comes again of them counts once more."""
    try:
        return read_marks(events_of(batch_id), incident_ids)
    except NotFound:
        return pl.DataFrame(schema={"incident_id": pl.String, "mark": pl.UInt64, "nth": pl.UInt32})


def _fresh(mine: pl.DataFrame, one: str, seen: Mapping[str, pl.DataFrame], story: str) -> Fresh:
    lines = mine.filter(pl.col("incident_id") == one)
    if story not in seen:
        return Fresh(story, len(lines))
    left = lines.join(seen[story], on=["mark", "nth"], how="anti")
    return Fresh(story, len(left), whole=len(lines) - len(left) >= len(seen[story]))
