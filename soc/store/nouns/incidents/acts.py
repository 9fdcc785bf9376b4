"""Acts on incidents as stored: what was asked under which key, what came of it, and what it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.acts import Ending
from soc.store.columns import json_value, key_of, moment
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.paging import count_rows


class ActRow(SQLModel, table=True):
    """`id` is derived from the caller's key, the act and the incident: the same is asked, and done, once.

    `before` and `after` hold the columns that it changed, by `incident` and by each ticket's number.
    """

    __tablename__ = "acts"
    __table_args__ = (Index("ix_acts_of_incident", "incident_id", "created_at"),)

    id: str = Field(primary_key=True)
    incident_id: str = Field(foreign_key=key_of(IncidentRow))
    act: str
    ending: str
    #: In words, as whoever asked was told.
    said: str
    #: Who was first, where somebody else was.
    by: str = ""
    #: Acts that were done together have one group.
    group: str = Field(default="", index=True)
    #: The integration that told of it ("": it was done here), and its own id of what happened.
    via: str = ""
    source: str = ""
    before: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    after: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    created_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str
    undone_at: datetime | None = Field(default=None, sa_column=moment())
    #: Who took it back ("": nobody did).
    changed_by: str = ""


#: In `after`: the ids of the deliveries that wait until the act can no longer be taken back, and the numbers of the rows of
#: the clocks' ledger that it brought about.
TOLD, CLOCKED = "told", "clocked"


def note_told(session: Session, act_id: str, delivery_ids: Sequence[str]) -> None:
    """Keep which messages the act brought about."""
    row = session.get_one(ActRow, act_id)
    row.after = {**row.after, TOLD: list(delivery_ids)}
    session.add(row)
    session.flush()


def columns_of(side: Mapping[str, Any]) -> dict[str, Any]:
    """Of `before` or `after`: the columns alone."""
    return {name: one for name, one in side.items() if name not in (TOLD, CLOCKED)}


def list_done_since(
    session: Session, incident_id: str, *, since: datetime, acts: Sequence[str]
) -> Sequence[ActRow]:
    """These acts that were done to the incident from then on and not taken back, the oldest first."""
    row = ActRow
    query = (
        select(row)
        .where(row.incident_id == incident_id, col(row.act).in_(acts), col(row.created_at) >= since)
        .where(row.ending == Ending.DONE.value, col(row.undone_at).is_(None))
    )
    return session.exec(query.order_by(col(row.created_at), col(row.id))).all()


def find_act(session: Session, act_id: str) -> ActRow | None:
    return session.get(ActRow, act_id)


def find_last(session: Session, incident_id: str, acts: Sequence[str]) -> ActRow | None:
    """The last of these acts that was done to the incident and not taken back."""
    row = ActRow
    query = (
        select(row)
        .where(row.incident_id == incident_id, col(row.act).in_(acts))
        .where(row.ending == Ending.DONE.value, col(row.undone_at).is_(None))
        .order_by(col(row.created_at).desc(), col(row.id).desc())
    )
    return session.exec(query.limit(1)).first()


def list_group(session: Session, group: str) -> Sequence[ActRow]:
    """The acts that were done together, in the order of their incidents."""
    query = select(ActRow).where(ActRow.group == group).order_by(col(ActRow.incident_id), col(ActRow.id))
    return session.exec(query).all()


def list_acts(session: Session, incident_id: str, *, limit: int = 200) -> Sequence[ActRow]:
    """What was done to the incident, newest first."""
    newest = (col(ActRow.created_at).desc(), col(ActRow.id).desc())
    return session.exec(
        select(ActRow).where(ActRow.incident_id == incident_id).order_by(*newest).limit(limit)
    ).all()


def count_done(session: Session, incident_id: str, acts: Sequence[str]) -> int:
    """How often one of these was done to the incident, also where it was taken back."""
    row = ActRow
    done = [
        col(row.incident_id) == incident_id,
        col(row.act).in_(acts),
        col(row.ending) == Ending.DONE.value,
    ]
    return count_rows(session, row, done)
