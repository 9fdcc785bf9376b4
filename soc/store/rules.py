"""Rules as stored."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from soc.domain.rule import Rule
from soc.store.tables import RuleRow


def list_rules(session: Session) -> Sequence[Rule]:
    """In the order in which they are asked."""
    rows = session.exec(select(RuleRow).order_by(col(RuleRow.position), col(RuleRow.id))).all()
    return [Rule.model_validate(row.model_dump()) for row in rows]
