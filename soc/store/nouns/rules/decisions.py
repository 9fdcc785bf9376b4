"""Decisions as stored: what each rule said of an incident."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import json_value, key_of, moment
from soc.store.nouns.incidents.incidents import IncidentRow


class DecisionRow(SQLModel, table=True):
    """What a rule said of an incident, and why. One row for each rule that was asked."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("incident_id", "rule_id"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key=key_of(IncidentRow), index=True)
    rule_id: str
    rule_name: str
    matched: bool
    explanation: str
    actions: list[str] = Field(default_factory=list, sa_column=json_value())
    #: The rule, as `str(Actor)`.
    made_by: str
    created_at: datetime = Field(sa_column=moment(nullable=False))


def list_decisions(session: Session, incident_id: str) -> Sequence[DecisionRow]:
    return session.exec(
        select(DecisionRow).where(DecisionRow.incident_id == incident_id).order_by(col(DecisionRow.id))
    ).all()
