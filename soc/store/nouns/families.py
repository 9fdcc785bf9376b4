"""Incidents that belong together: merged into another, or split off one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import json_value, key_of, moment
from soc.store.nouns.incidents import IncidentRow

#: Said as words: the partial indexes serve who says the same.
_NONE = sa.text("''")


class SplitRow(SQLModel, table=True):
    """The lines of `source_id` (the incident that the run found) that are `incident_id`'s since it was split off `from_id`.

    `lines` holds, by the file's name, first and last number of each stretch of lines.
    """

    __tablename__ = "incident_splits"

    incident_id: str = Field(foreign_key=key_of(IncidentRow), primary_key=True)
    from_id: str = Field(foreign_key=key_of(IncidentRow), index=True)
    source_id: str = Field(foreign_key=key_of(IncidentRow))
    lines: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    created_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str
    #: Taken back: the lines are where they were.
    undone_at: datetime | None = Field(default=None, sa_column=moment())
    changed_by: str = ""


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
    row, found, every = IncidentRow, dict[str, str](), sorted(ids)
    for start in range(0, len(every), 500):
        query = sa.select(col(row.id), col(row.merged_into)).where(
            col(row.id).in_(every[start : start + 500]), col(row.merged_into) != _NONE
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


def list_split_off(session: Session, incident_id: str) -> Sequence[IncidentRow]:
    """The incidents whose lines were taken out of this one, the first first; not those that were taken back."""
    row = IncidentRow
    query = (
        select(row)
        .join(SplitRow, col(SplitRow.incident_id) == col(row.id))
        .where(SplitRow.from_id == incident_id, col(SplitRow.undone_at).is_(None))
    )
    return session.exec(query.order_by(col(row.created_at), col(row.id))).all()


def find_split(session: Session, incident_id: str) -> SplitRow | None:
    """How this incident came to its lines; None where a run, or a call, found it so."""
    return session.get(SplitRow, incident_id)


def list_splits(session: Session, incident_id: str) -> Sequence[SplitRow]:
    """What was taken out of this incident, the first first."""
    row = SplitRow
    query = select(row).where(row.from_id == incident_id, col(row.undone_at).is_(None))
    return session.exec(query.order_by(col(row.created_at), col(row.incident_id))).all()
