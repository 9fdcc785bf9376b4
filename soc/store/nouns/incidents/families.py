"""Incidents that are one: merged into another."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.paging import portions

#: Said as words: the partial indexes serve who says the same.
_NONE = sa.text("''")


def survivor_of(session: Session, incident_id: str) -> str:
    """The incident that this one is one with by now: itself, where it was not merged."""
    return survivors_of(session, [incident_id]).get(incident_id, incident_id)


def survivors_of(session: Session, incident_ids: Collection[str]) -> dict[str, str]:
    """The same of many; those that were not merged are left out."""
    found: dict[str, str] = {}
    wanted = {one: one for one in incident_ids}
    while wanted:
        into = _merged(session, set(wanted.values()))
        wanted = {one: into[at] for one, at in wanted.items() if at in into}
        found |= wanted
    return found


def _merged(session: Session, ids: Collection[str]) -> dict[str, str]:
    row, found = IncidentRow, dict[str, str]()
    for some in portions(sorted(ids)):
        query = sa.select(col(row.id), col(row.merged_into)).where(
            col(row.id).in_(some), col(row.merged_into) != _NONE
        )
        found |= {str(one): str(into) for one, into in session.connection().execute(query)}
    return found


def list_merged(session: Session, incident_id: str) -> Sequence[IncidentRow]:
    """Every incident that is one with this one, also by way of another; the first merged first within each."""
    found: list[IncidentRow] = []
    level = [incident_id]
    while level:
        row = IncidentRow
        query = select(row).where(col(row.merged_into).in_(level), col(row.merged_into) != _NONE)
        rows = session.exec(query.order_by(col(row.closed_at), col(row.id))).all()
        found += rows
        level = [one.id for one in rows]
    return found
