"""Versions as stored: every save of an integration's configuration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.errors import NotFound
from soc.store import vault
from soc.store.columns import json_value, moment
from soc.store.paging import Page, Sorts, read_page


class IntegrationVersionRow(SQLModel, table=True):
    """One save of a configuration. `changes` is the difference to the version before, secrets masked."""

    __tablename__ = "integration_versions"

    kind: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    public: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    sealed: str = ""
    practice: bool = False
    changes: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_value())
    #: Who saved it: as it is shown, and as `str(Actor)`.
    author: str = ""
    made_by: str
    note: str = ""
    created_at: datetime = Field(sa_column=moment(nullable=False))


def next_version(session: Session, kind: str) -> int:
    newest = session.exec(
        select(sa.func.max(IntegrationVersionRow.version)).where(IntegrationVersionRow.kind == kind)
    ).one()
    return (newest or 0) + 1


def list_versions(session: Session, kind: str) -> Sequence[IntegrationVersionRow]:
    """Newest first."""
    return session.exec(
        select(IntegrationVersionRow)
        .where(IntegrationVersionRow.kind == kind)
        .order_by(col(IntegrationVersionRow.version).desc())
    ).all()


VERSION_SORTS: Sorts = {"version": ("version",)}


def page_versions(
    session: Session, kind: str, *, sort: str = "-version", cursor: str = "", offset: int = 0, limit: int = 50
) -> Page[IntegrationVersionRow]:
    """Newest first unless told otherwise."""
    return read_page(
        session,
        IntegrationVersionRow,
        [col(IntegrationVersionRow.kind) == kind],
        sorts=VERSION_SORTS,
        sort=sort,
        cursor=cursor,
        offset=offset,
        limit=limit,
    )


def get_version(session: Session, kind: str, version: int) -> IntegrationVersionRow:
    """Raises NotFound."""
    row = session.get(IntegrationVersionRow, (kind, version))
    if row is None:
        raise NotFound(f"{kind} has no version {version}.", hint="List its versions first.")
    return row


def open_version(row: IntegrationVersionRow) -> dict[str, str]:
    """A version's secrets in plain text. Raises StoreError with a wrong key."""
    return vault.unseal(row.sealed, owner=f"integration:{row.kind}")
