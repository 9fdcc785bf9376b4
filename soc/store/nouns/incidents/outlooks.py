"""What is thought of an incident, as stored: each writing is a row of its own, so nothing that was typed is ever lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.actor import Actor
from soc.domain.roster.handover import Outlook
from soc.store.columns import key_of, moment
from soc.store.nouns.incidents.incidents import IncidentRow, lock_incident


class OutlookRow(SQLModel, table=True):
    """A version of an incident's outlook; the highest is in force. `based_on` is the version that its writer had seen."""

    __tablename__ = "outlooks"
    __table_args__ = (UniqueConstraint("incident_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key=key_of(IncidentRow))
    version: int
    based_on: int
    hypothesis: str = ""
    next_step: str = ""
    by_when: datetime | None = Field(default=None, sa_column=moment())
    blocker: str = ""
    created_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str


def to_outlook(row: OutlookRow | None) -> Outlook:
    return Outlook() if row is None else Outlook(row.hypothesis, row.next_step, row.by_when, row.blocker)


def add_outlook(
    session: Session, incident_id: str, outlook: Outlook, *, based_on: int, actor: Actor, now: datetime
) -> OutlookRow:
    """The next version. Raises NotFound."""
    lock_incident(session, incident_id)
    last = newest_outlook(session, incident_id)
    row = OutlookRow(
        incident_id=incident_id,
        version=last.version + 1 if last is not None else 1,
        based_on=based_on,
        hypothesis=outlook.hypothesis,
        next_step=outlook.next_step,
        by_when=outlook.by_when,
        blocker=outlook.blocker,
        created_at=now,
        made_by=str(actor),
    )
    session.add(row)
    session.flush()
    return row


def newest_outlook(session: Session, incident_id: str) -> OutlookRow | None:
    return next(iter(list_outlooks(session, incident_id, limit=1)), None)


def list_outlooks(session: Session, incident_id: str, *, limit: int = 50) -> Sequence[OutlookRow]:
    """Every version, the newest first."""
    row = OutlookRow
    return session.exec(
        select(row).where(row.incident_id == incident_id).order_by(col(row.version).desc()).limit(limit)
    ).all()


def in_force() -> sa.Subquery:
    """The newest version of every incident that has one."""
    row, newer = OutlookRow, sa.alias(sa.inspect(OutlookRow).local_table)
    later = sa.exists().where(newer.c.incident_id == col(row.incident_id), newer.c.version > col(row.version))
    return (
        sa.select(
            col(row.incident_id), col(row.version), col(row.hypothesis), col(row.next_step), col(row.by_when),
            col(row.blocker),
        )
        .where(~later)
        .subquery()
    )  # fmt: skip
