"""Accounts of programs. `soc.access.service_accounts` adds, changes and disables them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from soc.errors import NotFound
from soc.store.columns import key_of, moment
from soc.store.nouns.people.teams import TeamRow

PREFIX = "svc"


class ServiceAccountRow(SQLModel, table=True):
    """What is no person and owns keys: it cannot sign in. `role` is an `AccessRole`: no key of it may do more."""

    __tablename__ = "service_accounts"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    role: str
    #: Who answers for it.
    team_id: str | None = Field(default=None, foreign_key=key_of(TeamRow), index=True)
    disabled_at: datetime | None = Field(default=None, sa_column=moment())
    created_at: datetime = Field(sa_column=moment(nullable=False))
    #: Who added it, and who changed it last ("": nobody did), as `str(Actor)`.
    made_by: str
    changed_by: str = ""


def is_service_account(identity: str) -> bool:
    """Whether this is the id of one, and not a person's."""
    return identity.startswith(f"{PREFIX}-")


def list_service_accounts(session: Session, *, in_force_only: bool = False) -> Sequence[ServiceAccountRow]:
    """By name."""
    query = select(ServiceAccountRow).order_by(col(ServiceAccountRow.name), col(ServiceAccountRow.id))
    return session.exec(
        query.where(col(ServiceAccountRow.disabled_at).is_(None)) if in_force_only else query
    ).all()


def find_service_account(session: Session, given: str) -> ServiceAccountRow | None:
    """By its id, or by its name in any case of letters."""
    if is_service_account(given) and (row := session.get(ServiceAccountRow, given)) is not None:
        return row
    wanted = given.strip().casefold()
    return next((row for row in list_service_accounts(session) if row.name.casefold() == wanted), None)


def get_service_account(session: Session, account_id: str) -> ServiceAccountRow:
    """Raises NotFound."""
    row = session.get(ServiceAccountRow, account_id)
    if row is None:
        raise NotFound(f"There is no service account {account_id}.", hint="`soc users list` shows them.")
    return row
