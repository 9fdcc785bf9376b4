"""Integrations as stored: configuration with sealed secrets, and what was found out about their health."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.clock import UtcDateTime
from soc.errors import NotFound
from soc.store import vault
from soc.store.db import insert_ignoring, upsert
from soc.store.tables import IntegrationHealthRow, IntegrationRow, IntegrationVersionRow

#: A breaker that lets everything through.
CLOSED: dict[str, Any] = {
    "breaker": "closed",
    "breaker_until": None,
    "probe": "",
    "failures_in_row": 0,
    "cool_downs": 0,
}

_ON_SUCCESS = (*CLOSED, "last_success_at")
_NOT_CLOSED = sa.or_(
    col(IntegrationHealthRow.breaker) != CLOSED["breaker"], col(IntegrationHealthRow.failures_in_row) > 0
)
_WORTH_WRITING = sa.or_(
    col(IntegrationHealthRow.last_success_at).is_(None),
    col(IntegrationHealthRow.last_success_at) < sa.bindparam("a_second_ago", type_=UtcDateTime()),
    _NOT_CLOSED,
)


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
            version=_next_version(session, kind),
            public=public,
            sealed=sealed,
            practice=practice,
            changes=list(changes),
            author=author,
            note=note,
            created_at=now,
        ),
    )


def restore_version(
    session: Session,
    kind: str,
    version: int,
    *,
    now: datetime,
    author: str,
    changes: Sequence[dict[str, Any]],
) -> IntegrationRow:
    """Make an earlier version the current one again, as a new version. Raises NotFound."""
    old = get_version(session, kind, version)
    copy = IntegrationVersionRow(
        kind=kind,
        version=_next_version(session, kind),
        public=old.public,
        sealed=old.sealed,
        practice=old.practice,
        changes=list(changes),
        author=author,
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
    clear_pause(session, version.kind)
    return row


def _next_version(session: Session, kind: str) -> int:
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


def get_version(session: Session, kind: str, version: int) -> IntegrationVersionRow:
    """Raises NotFound."""
    row = session.get(IntegrationVersionRow, (kind, version))
    if row is None:
        raise NotFound(f"{kind} has no version {version}.", hint="List its versions first.")
    return row


def open_version(row: IntegrationVersionRow) -> dict[str, str]:
    """A version's secrets in plain text. Raises StoreError with a wrong key."""
    return vault.unseal(row.sealed, owner=f"integration:{row.kind}")


def delete_integration(session: Session, kind: str) -> None:
    row = session.get(IntegrationRow, kind)
    if row is not None:
        session.delete(row)


def read_health(session: Session, kind: str) -> IntegrationHealthRow:
    """The integration's health; a fresh, healthy one where nothing is known yet (not added to the session)."""
    return session.get(IntegrationHealthRow, kind) or IntegrationHealthRow(kind=kind)


def health_to_change(session: Session, kind: str) -> IntegrationHealthRow:
    """The health row, made where there is none and locked for this transaction.

    Two processes that both find none would otherwise both insert it, and one would lose what it came to write.
    """
    row = session.get(IntegrationHealthRow, kind, with_for_update=True, populate_existing=True)
    if row is None:
        insert_ignoring(session, IntegrationHealthRow, [IntegrationHealthRow(kind=kind).model_dump()])
        row = session.get_one(IntegrationHealthRow, kind, with_for_update=True, populate_existing=True)
    return row


def record_success(session: Session, kind: str, *, now: datetime) -> None:
    """The vendor answered as it should: the breaker closes, and the moment is kept (to the second).

    One statement that changes nothing most of the time: every delivery of every process comes through here.
    """
    connection = session.connection()
    statement = upsert(connection.dialect.name, IntegrationHealthRow, ("kind",), _ON_SUCCESS, _WORTH_WRITING)
    row = IntegrationHealthRow(kind=kind, last_success_at=now).model_dump()
    connection.execute(statement, {**row, "a_second_ago": now - timedelta(seconds=1)})


def close_breaker(session: Session, kind: str) -> None:
    """The vendor answered, if not as hoped: it is not away."""
    health = IntegrationHealthRow
    session.connection().execute(
        sa.update(health).where(col(health.kind) == kind, _NOT_CLOSED).values(**CLOSED)
    )


def pause(session: Session, kind: str, *, reason: str, now: datetime) -> None:
    health = health_to_change(session, kind)
    if not health.paused:
        health.paused, health.paused_at = True, now
    health.paused_reason = reason
    session.add(health)


def clear_pause(session: Session, kind: str) -> None:
    health = session.get(IntegrationHealthRow, kind)
    if health is not None:
        # whoever mends the settings wants to see them tried at once
        health.paused, health.paused_at, health.paused_reason = False, None, ""
        health.throttled_until = None
        for name, value in CLOSED.items():
            setattr(health, name, value)
        session.add(health)


def record_check(session: Session, kind: str, report: dict[str, Any], *, now: datetime) -> None:
    """Keep the last connection report; a passed check ends a pause."""
    health = health_to_change(session, kind)
    health.last_check, health.last_check_at = report, now
    session.add(health)
    session.flush()
    if report.get("ok"):
        clear_pause(session, kind)
