"""Incidents that were split off another: which of its lines they have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.event import Moved, Selection
from soc.store.columns import json_value, key_of, moment
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.incidents.search_terms import change_terms


class PartRow(SQLModel, table=True):
    """`id` is the incident that was split off `incident_id`; `samples` are what that one had as samples before, and
    `had` what else of it (who takes part, by the column's name).

    The lines themselves stay where they lie: whoever reads them applies these rows in their order.
    """

    __tablename__ = "incident_parts"

    id: str = Field(primary_key=True, foreign_key=key_of(IncidentRow))
    incident_id: str = Field(foreign_key=key_of(IncidentRow), index=True)
    batch_id: str = Field(foreign_key=key_of(BatchRow), index=True)
    which: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    samples: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_value())
    had: dict[str, Any] = Field(default_factory=dict, sa_column=json_value(server_default="{}"))
    created_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str
    undone_at: datetime | None = Field(default=None, sa_column=moment())


def find_part(session: Session, incident_id: str) -> PartRow | None:
    """How this incident was split off; None where it was found as it is, or the split was taken back."""
    row = session.get(PartRow, incident_id)
    return row if row is not None and row.undone_at is None else None


def list_parts(session: Session, incident_id: str) -> Sequence[PartRow]:
    """What was split off this incident, the first first."""
    row = PartRow
    query = select(row).where(row.incident_id == incident_id, col(row.undone_at).is_(None))
    return session.exec(query.order_by(col(row.created_at), col(row.id))).all()


def last_part_at(session: Session, batch_id: str) -> datetime | None:
    """When one of the batch's incidents was split last, also where that was taken back."""
    row = PartRow
    query = select(row.created_at).where(row.batch_id == batch_id).order_by(col(row.created_at).desc())
    return session.exec(query.limit(1)).first()


def list_moved(session: Session, batch_id: str) -> Sequence[Moved]:
    """Every split of the batch's incidents, in the order in which they were made."""
    row = PartRow
    query = select(row).where(row.batch_id == batch_id, col(row.undone_at).is_(None))
    rows = session.exec(query.order_by(col(row.created_at), col(row.id))).all()
    return [Moved(one.incident_id, one.id, Selection.read(one.which)) for one in rows]


def take_part_back(session: Session, incident_id: str, *, now: datetime) -> None:
    """The split by which this incident came about never was. Nothing where it came about otherwise."""
    part = find_part(session, incident_id)
    if part is None:
        return
    part.undone_at = now
    whole = session.get_one(IncidentRow, part.incident_id)
    before = whole.model_dump()
    whole.samples = part.samples
    for name, value in part.had.items():
        setattr(whole, name, value)
    session.add_all([part, whole])
    session.flush()
    change_terms(session, before, whole.model_dump())
