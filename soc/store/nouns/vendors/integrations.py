"""Integrations as stored: their configuration, with sealed secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, select

from soc.domain.actor import Actor
from soc.store import vault
from soc.store.columns import json_value, moment
from soc.store.nouns.vendors.health import clear_pause, health_to_change
from soc.store.nouns.vendors.versions import IntegrationVersionRow, get_version, next_version


class IntegrationRow(SQLModel, table=True):
    """A configured connector. `sealed` holds the secrets, encrypted and bound to `kind`."""

    __tablename__ = "integrations"

    kind: str = Field(primary_key=True)
    version: int = 1
    public: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    sealed: str = ""
    practice: bool = False
    updated_at: datetime = Field(sa_column=moment(nullable=False))


def read_integration(session: Session, kind: str) -> IntegrationRow | None:
    return session.get(IntegrationRow, kind)


def list_integrations(session: Session) -> Sequence[IntegrationRow]:
    return session.exec(select(IntegrationRow).order_by(IntegrationRow.kind)).all()


def open_secrets(row: IntegrationRow) -> dict[str, str]:
    """The row's secrets in plain text, by field name. Raises StoreError with a wrong key."""
    return vault.unseal(row.sealed, owner=f"integration:{row.kind}")


def save_integration(
    session: Session,
    kind: str,
    public: dict[str, Any],
    secrets: dict[str, str],
    *,
    practice: bool,
    actor: Actor,
    now: datetime,
    author: str = "",
    note: str = "",
    changes: Sequence[dict[str, Any]] = (),
) -> IntegrationRow:
    """Replace the stored configuration and keep it as a version; a pause ends here.

    `changes` is the difference to what was saved before, for people: it may hold no secret.
    """
    sealed = vault.seal(secrets, owner=f"integration:{kind}")
    return _put(
        session,
        IntegrationVersionRow(
            kind=kind,
            version=next_version(session, kind),
            public=public,
            sealed=sealed,
            practice=practice,
            changes=list(changes),
            author=author or actor.id,
            made_by=str(actor),
            note=note,
            created_at=now,
        ),
    )


def restore_version(
    session: Session,
    kind: str,
    version: int,
    *,
    actor: Actor,
    now: datetime,
    author: str,
    changes: Sequence[dict[str, Any]],
) -> IntegrationRow:
    """Make an earlier version the current one again, as a new version. Raises NotFound."""
    old = get_version(session, kind, version)
    copy = IntegrationVersionRow(
        kind=kind,
        version=next_version(session, kind),
        public=old.public,
        sealed=old.sealed,
        practice=old.practice,
        changes=list(changes),
        author=author or actor.id,
        made_by=str(actor),
        note=f"rolled back to version {version}",
        created_at=now,
    )
    return _put(session, copy)


def _put(session: Session, version: IntegrationVersionRow) -> IntegrationRow:
    session.add(version)
    row = session.get(IntegrationRow, version.kind) or IntegrationRow(
        kind=version.kind, updated_at=version.created_at
    )
    row.public, row.sealed, row.practice = version.public, version.sealed, version.practice
    row.version, row.updated_at = version.version, version.created_at
    session.add(row)
    clear_pause(session, version.kind, actor=Actor.parse(version.made_by))
    return row


def delete_integration(session: Session, kind: str, *, actor: Actor) -> None:
    """Forget it; its versions stay, and its health says who took it away."""
    row = session.get(IntegrationRow, kind)
    if row is not None:
        session.delete(row)
        health = health_to_change(session, kind)
        health.changed_by = str(actor)
        session.add(health)
