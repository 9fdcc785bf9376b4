"""The SLA policy as stored: how long a ticket may wait, by its priority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.severity import Priority
from soc.domain.sla import GUIDE_THRESHOLDS
from soc.store.db import read_session


class SlaPolicyRow(SQLModel, table=True):
    __tablename__ = "sla_policies"

    priority: str = Field(primary_key=True)
    position: int
    minutes: int
    description: str
    #: Who wrote it last, as `str(Actor)`.
    changed_by: str


def list_policies(session: Session) -> Sequence[SlaPolicyRow]:
    """Most urgent first."""
    return session.exec(select(SlaPolicyRow).order_by(col(SlaPolicyRow.position))).all()


def read_thresholds(session: Session) -> Mapping[Priority, timedelta]:
    """The time each priority has."""
    return {Priority(row.priority): timedelta(minutes=row.minutes) for row in list_policies(session)}


def thresholds_in_force() -> Mapping[Priority, timedelta]:
    """The time each priority has, for whoever is called from outside: the guide's where the store was never made."""
    with read_session() as session:
        made = sa.inspect(session.connection()).has_table(SlaPolicyRow.__tablename__)
        return {**GUIDE_THRESHOLDS, **(read_thresholds(session) if made else {})}
