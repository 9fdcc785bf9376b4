"""What this installation changes of the ruleset that comes with the product: one row a signature or detector."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.actor import Actor
from soc.store.columns import json_value, moment


class RulesetChangeRow(SQLModel, table=True):
    """`subject` is "signature" or "detector"; `change` holds the settings that differ, as their names and values."""

    __tablename__ = "ruleset_changes"

    subject: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    change: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    changed_at: datetime = Field(sa_column=moment(nullable=False))
    #: Who changed it, as `str(Actor)`.
    changed_by: str


def list_ruleset_changes(session: Session) -> dict[str, dict[str, dict[str, Any]]]:
    """By subject and name: what differs."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    rows = session.exec(select(RulesetChangeRow).order_by(col(RulesetChangeRow.name))).all()
    for row in rows:
        found.setdefault(row.subject, {})[row.name] = row.change
    return found


def save_ruleset_change(
    session: Session, subject: str, name: str, change: dict[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Put the change in the place of an earlier one; an empty change takes it back. The caller has checked it."""
    row = session.get(RulesetChangeRow, (subject, name))
    if not change:
        session.connection().execute(
            sa.delete(RulesetChangeRow).where(
                col(RulesetChangeRow.subject) == subject, col(RulesetChangeRow.name) == name
            )
        )
    elif row is None:
        session.add(
            RulesetChangeRow(subject=subject, name=name, change=change, changed_at=now, changed_by=str(actor))
        )
    else:
        row.change, row.changed_at, row.changed_by = change, now, str(actor)
        session.add(row)
