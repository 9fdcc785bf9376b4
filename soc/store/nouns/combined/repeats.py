"""Reads about what comes again: who processed a content before, what was found where in it, and who was told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.domain.delivery import DeliveryState
from soc.store.nouns.batches.batches import BatchFileRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.paging import portions

#: Nobody was told by these.
_UNTOLD = (DeliveryState.SUPPRESSED.value, DeliveryState.CANCELLED.value)


def list_batches_of_content(session: Session, contents: Collection[str], *, beside: str) -> list[str]:
    """The batches with a file of one of these hashes but for one, oldest first."""
    query = (
        select(BatchFileRow.batch_id)
        .where(col(BatchFileRow.sha256).in_(contents), BatchFileRow.batch_id != beside)
        .group_by(BatchFileRow.batch_id)
        .order_by(sa.func.min(col(BatchFileRow.id)))
    )
    return list(session.exec(query))


def list_places(session: Session, batch_id: str) -> Iterator[tuple[str, Sequence[dict[str, Any]]]]:
    """Id and kept lines of each incident of the batch that was not joined to another."""
    row = IncidentRow
    query = sa.select(col(row.id), col(row.samples)).where(
        col(row.batch_id) == batch_id, col(row.joined_to) == ""
    )
    for incident_id, samples in session.connection().execute(query):
        yield str(incident_id), samples or []


def list_of_fingerprints(
    session: Session, fingerprints: Collection[str], *, beside: str
) -> Sequence[IncidentRow]:
    """The incidents of these fingerprints that were not joined to others, but for those of a batch; newest first."""
    row = IncidentRow
    found: list[IncidentRow] = []
    for some in portions(sorted(fingerprints)):
        query = (
            select(row)
            .where(
                col(row.fingerprint) != sa.text("''"),
                col(row.fingerprint).in_(some),
                row.batch_id != beside,
                row.joined_to == "",
            )
            .order_by(col(row.created_at).desc(), col(row.id))
        )
        found += session.exec(query).all()
    return found


def list_joined_to(session: Session, ids: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Of each of these incidents (id, batch): its own, then those that were joined to it, newest first."""
    row, found = IncidentRow, dict[str, list[tuple[str, str]]]()
    for some in portions(sorted(ids)):
        for one in list_of_ids(session, some):
            found.setdefault(one.id, []).append((one.id, one.batch_id))
        query = (
            sa.select(col(row.joined_to), col(row.id), col(row.batch_id))
            .where(col(row.joined_to).in_(some))
            .order_by(col(row.created_at).desc())
        )
        for story, incident, batch in session.connection().execute(query):
            found[str(story)].append((str(incident), str(batch)))
    return found


def list_of_ids(session: Session, ids: Collection[str]) -> Sequence[IncidentRow]:
    return session.exec(select(IncidentRow).where(col(IncidentRow.id).in_(ids))).all()


def tickets_of(session: Session, ids: Collection[str]) -> dict[str, TicketRow]:
    """Of each incident one ticket, rather one that is open."""
    query = select(TicketRow).where(col(TicketRow.incident_id).in_(ids)).order_by(
        col(TicketRow.resolved_at).is_not(None), col(TicketRow.id)
    )  # fmt: skip
    found: dict[str, TicketRow] = {}
    for row in session.exec(query):
        found.setdefault(row.incident_id, row)
    return found


def told_of(session: Session, ids: Collection[str]) -> dict[str, set[str]]:
    """The channels that tell, or will tell, of each incident."""
    row = DeliveryRow
    query = (
        sa.select(col(row.incident_id), col(row.integration))
        .where(col(row.incident_id).in_(ids), col(row.state).not_in(_UNTOLD))
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for incident_id, integration in session.connection().execute(query):
        found.setdefault(str(incident_id), set()).add(str(integration))
    return found


def find_latest_note(
    session: Session, incident_id: str, *, made_by: str, beginning: str, since: datetime
) -> InvestigationNoteRow | None:
    """The newest note of this author that begins so."""
    row = InvestigationNoteRow
    return session.exec(
        select(row)
        .where(
            row.incident_id == incident_id,
            row.made_by == made_by,
            col(row.created_at) > since,
            col(row.text).startswith(beginning),
        )
        .order_by(col(row.created_at).desc())
        .limit(1)
    ).first()
