"""Teams of the roster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from soc.errors import NotFound
from soc.store.columns import moment


class TeamRow(SQLModel, table=True):
    __tablename__ = "teams"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    #: A team that is no more keeps its row: others point to it.
    active: bool = True
    created_at: datetime = Field(sa_column=moment(nullable=False))
    #: Who made it, and who changed it last ("": nobody did), as `str(Actor)`.
    made_by: str
    changed_by: str = ""


def list_teams(session: Session, *, active_only: bool = False) -> Sequence[TeamRow]:
    """By name."""
    query = select(TeamRow).order_by(col(TeamRow.name), col(TeamRow.id))
    return session.exec(query.where(col(TeamRow.active).is_(True)) if active_only else query).all()


def get_team(session: Session, team_id: str) -> TeamRow:
    """Raises NotFound."""
    row = session.get(TeamRow, team_id)
    if row is None:
        raise NotFound(
            f"There is no team {team_id}.",
            hint="`soc people teams` shows them; `soc people add-team NAME` adds one.",
        )
    return row


def find_team(session: Session, name: str) -> TeamRow | None:
    """By its name, in any case of letters."""
    wanted = name.strip().casefold()
    return next((row for row in list_teams(session) if row.name.casefold() == wanted), None)
