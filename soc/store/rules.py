"""Rules as stored."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.rule import Rule
from soc.store.columns import json_value


class RuleRow(SQLModel, table=True):
    __tablename__ = "rules"

    id: str = Field(primary_key=True)
    name: str
    position: int
    enabled: bool = True
    min_score: int
    class_contains: str = ""
    actions: list[str] = Field(default_factory=list, sa_column=json_value())


def list_rules(session: Session) -> Sequence[Rule]:
    """In the order in which they are asked."""
    rows = session.exec(select(RuleRow).order_by(col(RuleRow.position), col(RuleRow.id))).all()
    return [Rule.model_validate(row.model_dump()) for row in rows]
