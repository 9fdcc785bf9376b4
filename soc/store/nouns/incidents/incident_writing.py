"""How incidents come into the store, grow, and are joined to what was known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.domain.actor import Actor
from soc.domain.acts import Verdict
from soc.domain.incident import Incident, IncidentStatus, Origin
from soc.store.db import insert_ignoring
from soc.store.nouns.batches.batches import api_batch
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.incidents.search_terms import add_terms

#: Steps and entities that are kept of a story that grows.
_STEPS, _ENTITIES = 60, 1000


def join_incidents(session: Session, joined: Mapping[str, str], *, now: datetime) -> None:
    """These are others again (id by id): over as soon as they are there, and judged as duplicates."""
    made_by = str(Actor.system("joining"))
    for incident_id, known in joined.items():
        session.connection().execute(
            sa.update(IncidentRow)
            .where(col(IncidentRow.id) == incident_id)
            .values(
                joined_to=known, status=IncidentStatus.CLOSED.value, verdict=Verdict.DUPLICATE.value, duplicate_of=known,
                closed_at=now, changed_by=made_by,
            )
        )  # fmt: skip


def grow_incident(session: Session, known: str, more: Incident, *, lines: int, whole: bool) -> None:
    """The story `known` has so many more lines, until then, with these steps. `whole`: `more` tells all of it anew.

    Where it has become graver it is judged, and named, as what makes it so.
    """
    row = session.get_one(IncidentRow, known, with_for_update=True, populate_existing=True)
    row.count += lines
    if more.last_seen is not None and (row.last_seen is None or more.last_seen > row.last_seen):
        row.last_seen = more.last_seen
    if more.first_seen is not None and (row.first_seen is None or more.first_seen < row.first_seen):
        row.first_seen = more.first_seen
    steps = [step.model_dump(mode="json") for step in more.steps]
    entities = [entity.model_dump() for entity in more.entities]
    if more.score > row.score:
        row.score, row.severity, row.confidence = more.score, more.severity.value, more.confidence
        row.classification, row.rule_id, row.title, row.message = (
            more.classification.value, more.rule_id, more.title, more.message,
        )  # fmt: skip
        row.reasons = [reason.model_dump() for reason in more.reasons]
        row.samples = [sample.model_dump() for sample in more.samples]
    if whole:
        row.title, row.steps = more.title, steps
    else:
        row.steps = [*row.steps, *(step for step in steps if step not in row.steps)][:_STEPS]
    row.entities = [*row.entities, *(one for one in entities if one not in row.entities)][:_ENTITIES]
    session.add(row)
    session.flush()
    add_terms(session, [row.model_dump()])


def add_incidents(
    session: Session, incidents: Iterable[Incident], *, eligible: set[str], now: datetime
) -> int:
    """Insert those that are not there yet, to be found by the search; returns how many were new."""
    rows = [
        {
            **incident.model_dump(mode="python", exclude={"classification"}),
            "classification": incident.classification.value,
            "severity": incident.severity.value,
            "reasons": [reason.model_dump() for reason in incident.reasons],
            "samples": [sample.model_dump() for sample in incident.samples],
            "entities": [entity.model_dump() for entity in incident.entities],
            "steps": [step.model_dump(mode="json") for step in incident.steps],
            "status": IncidentStatus.OPEN.value,
            "eligible": incident.id in eligible,
            "origin": incident.origin.value,
            "created_at": now,
        }
        for incident in incidents
    ]
    new = insert_ignoring(session, IncidentRow, rows)
    add_terms(session, rows)
    return new


def keep_asked(
    session: Session, incident: Incident, *, practice: bool, actor: Actor, now: datetime
) -> IncidentRow:
    """The row of an incident that a call told of. One that is there already takes what the call says of it anew,
    unless a log brought it: then it stays as it was found.
    """
    row = session.get(IncidentRow, incident.id)
    if row is None:
        batch_id = api_batch(session, practice=practice, actor=actor, now=now)
        known = incident.model_copy(update={"batch_id": batch_id})
        add_incidents(session, [known], eligible=set(), now=now)
        return session.get_one(IncidentRow, incident.id)
    if row.origin == Origin.API:
        said = {"title": incident.title, "source": incident.source, "message": incident.message,
                "score": incident.score, "severity": incident.severity.value}  # fmt: skip
        if any(getattr(row, name) != value for name, value in said.items()):
            row.sqlmodel_update({**said, "changed_by": str(actor)})
            session.add(row)
            add_terms(session, [row.model_dump()])
    return row
