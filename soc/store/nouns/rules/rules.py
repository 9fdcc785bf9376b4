"""Rules as stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.actor import Actor
from soc.domain.rule import Rule
from soc.errors import NotFound
from soc.store.columns import json_value, moment
from soc.store.nouns.incidents.incidents import IncidentRow
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


class RuleChangeRow(SQLModel, table=True):
    """One change of one rule: what it was and what it is then, each empty where it was not there."""

    __tablename__ = "rule_changes"

    id: int | None = Field(default=None, primary_key=True)
    rule_id: str = Field(index=True)
    act: str
    before: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    after: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    created_at: datetime = Field(sa_column=moment(nullable=False))
    #: Who did it, as `str(Actor)`.
    made_by: str


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


def add_change(
    session: Session,
    rule_id: str,
    act: str,
    *,
    before: Rule | None,
    after: Rule | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep that somebody did this to a rule."""
    row = RuleChangeRow(rule_id=rule_id, act=act, created_at=now, made_by=str(actor))
    row.before = before.model_dump(mode="json") if before is not None else {}
    row.after = after.model_dump(mode="json") if after is not None else {}
    session.add(row)


def list_changes(session: Session, *, rule_id: str = "", limit: int = 50) -> Sequence[RuleChangeRow]:
    """Of one rule or of all, newest first; those of a rule that is gone too."""
    query = select(RuleChangeRow).order_by(col(RuleChangeRow.id).desc()).limit(limit)
    return session.exec(query.where(RuleChangeRow.rule_id == rule_id) if rule_id else query).all()


class ScoreCount(NamedTuple):
    """So many incidents have this score and class."""

    score: int
    classification: str
    incidents: int


def _newest(last: int) -> sa.Subquery:
    """Ids, scores and classes of the newest incidents; the index of the newest serves it alone."""
    row = IncidentRow
    columns = (col(row.created_at), col(row.id), col(row.score), col(row.classification))
    return sa.select(*columns).order_by(col(row.created_at).desc()).limit(last).subquery()


def count_newest(session: Session, *, last: int) -> Sequence[ScoreCount]:
    """The newest incidents, so many, by score and class."""
    one = _newest(last).c
    query = sa.select(one.score, one.classification, sa.func.count()).group_by(one.score, one.classification)
    return [ScoreCount(*found) for found in session.connection().execute(query)]


def list_newest(
    session: Session, kinds: Sequence[tuple[int, str]], *, last: int, limit: int
) -> Sequence[tuple[str, str]]:
    """(id, title) of the newest incidents with one of these scores and classes, among the newest of all."""
    newest, row = _newest(last), IncidentRow
    one = newest.c
    query = (
        sa.select(col(row.id), col(row.title))
        .join(newest, one.id == col(row.id))
        .where(sa.or_(*(sa.and_(one.score == score, one.classification == name) for score, name in kinds)))
        .order_by(one.created_at.desc(), one.id)
        .limit(limit)
    )
    return [(found[0], found[1]) for found in session.connection().execute(query)]
