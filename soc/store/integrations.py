"""Integrations as stored: configuration with sealed secrets, and what was found out about their health."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from soc.store import vault
from soc.store.tables import IntegrationHealthRow, IntegrationRow


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
) -> IntegrationRow:
    """Replace the stored configuration; a pause because of bad credentials ends here."""
    sealed = vault.seal(secrets, owner=f"integration:{kind}")
    row = session.get(IntegrationRow, kind)
    if row is None:
        row = IntegrationRow(kind=kind, public=public, sealed=sealed, practice=practice, updated_at=now)
    else:
        row.public, row.sealed, row.practice, row.updated_at = public, sealed, practice, now
        row.version += 1
    session.add(row)
    clear_pause(session, kind)
    return row


def delete_integration(session: Session, kind: str) -> None:
    row = session.get(IntegrationRow, kind)
    if row is not None:
        session.delete(row)


def read_health(session: Session, kind: str) -> IntegrationHealthRow:
    """The integration's health; a fresh, healthy one where nothing is known yet (not added to the session)."""
    return session.get(IntegrationHealthRow, kind) or IntegrationHealthRow(kind=kind)


def pause(session: Session, kind: str, *, reason: str, now: datetime) -> None:
    health = read_health(session, kind)
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
        health.breaker, health.breaker_until, health.probe = "closed", None, ""
        health.failures_in_row = health.cool_downs = 0
        session.add(health)


def record_check(session: Session, kind: str, report: dict[str, Any], *, now: datetime) -> None:
    """Keep the last connection report; a passed check ends a pause."""
    health = read_health(session, kind)
    health.last_check, health.last_check_at = report, now
    session.add(health)
    session.flush()
    if report.get("ok"):
        clear_pause(session, kind)
