"""API keys as stored. `soc.access.keys` makes, checks and revokes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.errors import NotFound
from soc.store.columns import moment
from soc.store.nouns.people.accounts import accounts_of
from soc.store.nouns.people.people import PersonRow
from soc.store.nouns.people.service_accounts import ServiceAccountRow, is_service_account
from soc.store.paging import Page, Sorts, read_page


class ApiKeyRow(SQLModel, table=True):
    """A key of the API. Only the digest of the key is kept; `scope` is read, act or admin."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True)
    name: str
    digest: str = Field(unique=True)
    scope: str
    #: The person or the service account whose key it is; "" for nobody's. Whoever may not come in any more has no key either.
    owner: str = ""
    #: How the key begins, to know it again by.
    hint: str = ""
    expires_at: datetime | None = Field(default=None, sa_column=moment())
    #: The key that this one takes the place of; "" for none.
    follows: str = ""
    created_at: datetime = Field(sa_column=moment(nullable=False))
    last_used_at: datetime | None = Field(default=None, sa_column=moment())
    revoked_at: datetime | None = Field(default=None, sa_column=moment())
    #: Who made it, and who revoked it ("": nobody did), as `str(Actor)`.
    made_by: str
    revoked_by: str = ""


def list_keys(session: Session) -> Sequence[ApiKeyRow]:
    """Newest first, revoked ones too."""
    return session.exec(
        select(ApiKeyRow).order_by(col(ApiKeyRow.created_at).desc(), col(ApiKeyRow.id).desc())
    ).all()


KEY_SORTS: Sorts = {"created_at": ("created_at", "id")}


def page_keys(
    session: Session, *, sort: str = "-created_at", cursor: str = "", offset: int = 0, limit: int = 50
) -> Page[ApiKeyRow]:
    """Newest first unless told otherwise, revoked ones too."""
    return read_page(
        session, ApiKeyRow, [], sorts=KEY_SORTS, sort=sort, cursor=cursor, offset=offset, limit=limit
    )


def any_active(session: Session) -> bool:
    """Whether keys are required: they are as soon as one is in force."""
    return (
        session.exec(select(ApiKeyRow.id).where(col(ApiKeyRow.revoked_at).is_(None)).limit(1)).first()
        is not None
    )


def get_key(session: Session, key_id: str) -> ApiKeyRow:
    """Raises NotFound."""
    row = session.get(ApiKeyRow, key_id)
    if row is None:
        raise NotFound(f"There is no API key {key_id}.", hint="`soc keys list` shows them.")
    return row


def find_by_digest(session: Session, digest: str) -> ApiKeyRow | None:
    """The row of a key that is in force."""
    return session.exec(
        select(ApiKeyRow).where(ApiKeyRow.digest == digest, col(ApiKeyRow.revoked_at).is_(None))
    ).first()


def roles_of_owner(session: Session, owner: str) -> set[str] | None:
    """What a person's accounts that are in force, or the service account, may do now: none for who may not come in.

    None for a person of the roster who never had an account.
    """
    if is_service_account(owner):
        program = session.get(ServiceAccountRow, owner)
        return set() if program is None or program.disabled_at is not None else {program.role}
    person = session.get(PersonRow, owner)
    if person is not None and not person.active:
        return set()
    accounts = accounts_of(session, owner)
    return {one.role for one in accounts if one.disabled_at is None and one.role} if accounts else None


def team_of_owner(session: Session, owner: str) -> str:
    """The id of the owner's team; "" for none."""
    row: ServiceAccountRow | PersonRow | None
    row = (
        session.get(ServiceAccountRow, owner) if is_service_account(owner) else session.get(PersonRow, owner)
    )
    return (row.team_id if row is not None else None) or ""


def touch(session: Session, key_id: str, *, now: datetime) -> None:
    """Note that the key was used."""
    session.connection().execute(
        sa.update(ApiKeyRow).where(col(ApiKeyRow.id) == key_id).values(last_used_at=now)
    )
