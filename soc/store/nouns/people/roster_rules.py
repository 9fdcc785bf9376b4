"""How tickets are given out: one row, which whoever gives one out locks, so that turns are taken in turn."""

from __future__ import annotations

from sqlmodel import Field, Session, SQLModel, select

from soc.domain.actor import Actor
from soc.store.db import insert_ignoring

_SELF = Actor.system("defaults")


class RosterRulesRow(SQLModel, table=True):
    """`security_team` is the name of the team whose lead gets what is critical."""

    __tablename__ = "roster_rules"

    id: int = Field(default=1, primary_key=True)
    automatic: bool = True
    security_team: str = "Security"
    #: Who wrote it last, as `str(Actor)`.
    changed_by: str


def read_rules(session: Session) -> RosterRulesRow:
    """As they are; the usual ones where nobody changed them."""
    return session.get(RosterRulesRow, 1) or RosterRulesRow(changed_by=str(_SELF))


def lock_rules(session: Session) -> RosterRulesRow:
    """The same, locked for this transaction."""
    insert_ignoring(session, RosterRulesRow, [RosterRulesRow(changed_by=str(_SELF)).model_dump()])
    query = select(RosterRulesRow).with_for_update().execution_options(populate_existing=True)
    return session.exec(query).one()
