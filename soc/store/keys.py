"""API keys: made once and shown once, kept as digests, scoped, revocable.

A key is 160 random bits, so a plain SHA-256 is enough: there is nothing to guess that a slow hash would slow down.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.errors import NotFound
from soc.ids import new_id
from soc.store.columns import moment


class ApiKeyRow(SQLModel, table=True):
    """A key of the API. Only the digest of the key is kept; `scope` is read, act or admin."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True)
    name: str
    digest: str = Field(unique=True)
    scope: str
    created_at: datetime = Field(sa_column=moment(nullable=False))
    last_used_at: datetime | None = Field(default=None, sa_column=moment())
    revoked_at: datetime | None = Field(default=None, sa_column=moment())


_PREFIX = "soc_"
#: "Last used" is a matter of minutes; it is not worth a write at every call.
_USE_PRECISION = timedelta(minutes=1)


class Scope(StrEnum):
    """What a key may do; each includes the ones before it."""

    READ = "read"
    ACT = "act"
    ADMIN = "admin"

    def covers(self, other: Scope) -> bool:
        order = list(Scope)
        return order.index(self) >= order.index(other)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def create_key(session: Session, name: str, scope: Scope, *, now: datetime) -> tuple[ApiKeyRow, str]:
    """A new key: its row, and the key itself, which cannot be shown again."""
    key = _PREFIX + secrets.token_urlsafe(20)
    row = ApiKeyRow(id=new_id("key"), name=name, digest=_digest(key), scope=scope.value, created_at=now)
    session.add(row)
    return row, key


def list_keys(session: Session) -> Sequence[ApiKeyRow]:
    """Newest first, revoked ones too."""
    return session.exec(select(ApiKeyRow).order_by(col(ApiKeyRow.created_at).desc())).all()


def any_active(session: Session) -> bool:
    """Whether keys are required: they are as soon as one is in force."""
    return (
        session.exec(select(ApiKeyRow.id).where(col(ApiKeyRow.revoked_at).is_(None)).limit(1)).first()
        is not None
    )


def find_key(session: Session, key: str) -> ApiKeyRow | None:
    """The row of a key that is in force."""
    return session.exec(
        select(ApiKeyRow).where(ApiKeyRow.digest == _digest(key), col(ApiKeyRow.revoked_at).is_(None))
    ).first()


def needs_touch(row: ApiKeyRow, *, now: datetime) -> bool:
    return row.last_used_at is None or now - row.last_used_at > _USE_PRECISION


def touch(session: Session, key_id: str, *, now: datetime) -> None:
    """Note that the key was used."""
    session.connection().execute(
        sa.update(ApiKeyRow).where(col(ApiKeyRow.id) == key_id).values(last_used_at=now)
    )


def revoke(session: Session, key_id: str, *, now: datetime) -> ApiKeyRow:
    """Put a key out of force, at once and for good. Raises NotFound."""
    row = session.get(ApiKeyRow, key_id)
    if row is None:
        raise NotFound(f"There is no API key {key_id}.", hint="`soc keys list` shows them.")
    row.revoked_at = row.revoked_at or now
    session.add(row)
    return row
