"""Rules as stored."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.actor import Actor
from soc.domain.rule import Rule
from soc.errors import NotFound
from soc.store.columns import json_value
from soc.store.paging import Page, Sorts, read_page


class RuleRow(SQLModel, table=True):
    __tablename__ = "rules"

    id: str = Field(primary_key=True)
    name: str
    position: int
    enabled: bool = True
    min_score: int
    class_contains: str = ""
    actions: list[str] = Field(default_factory=list, sa_column=json_value())
    #: Who wrote it last, as `str(Actor)`.
    changed_by: str


def list_rules(session: Session) -> Sequence[Rule]:
    """In the order in which they are asked."""
    rows = session.exec(select(RuleRow).order_by(col(RuleRow.position), col(RuleRow.id))).all()
    return [Rule.model_validate(row.model_dump()) for row in rows]


RULE_SORTS: Sorts = {"position": ("position", "id")}


def page_rules(
    session: Session, *, sort: str = "position", cursor: str = "", offset: int = 0, limit: int = 50
) -> Page[RuleRow]:
    """In the order in which they are asked, unless told otherwise."""
    return read_page(
        session, RuleRow, [], sorts=RULE_SORTS, sort=sort, cursor=cursor, offset=offset, limit=limit
    )


def get_rule(session: Session, rule_id: str) -> Rule:
    """Raises NotFound."""
    return Rule.model_validate(get_row(session, rule_id).model_dump())


def save_rule(session: Session, rule: Rule, *, actor: Actor) -> None:
    """Add the rule, or replace the one of this id."""
    session.merge(RuleRow(**rule.model_dump(mode="json"), changed_by=str(actor)))


def delete_rule(session: Session, rule_id: str) -> None:
    """Its earlier decisions stay. Raises NotFound."""
    session.delete(get_row(session, rule_id))


def get_row(session: Session, rule_id: str) -> RuleRow:
    """Raises NotFound."""
    row = session.get(RuleRow, rule_id)
    if row is None:
        raise NotFound(f"There is no rule {rule_id}.", hint="List the rules for their ids.")
    return row
