"""What was found out about each integration's health: its pause, its breaker, its last check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.clock import UtcDateTime
from soc.domain.actor import Actor
from soc.store.columns import json_value, moment
from soc.store.db import insert_ignoring, upsert


class IntegrationHealthRow(SQLModel, table=True):
    """What deliveries and checks found out about an integration, wherever its configuration comes from."""

    __tablename__ = "integration_health"

    kind: str = Field(primary_key=True)
    paused: bool = False
    paused_at: datetime | None = Field(default=None, sa_column=moment())
    paused_reason: str = ""
    throttled_until: datetime | None = Field(default=None, sa_column=moment())
    breaker: str = "closed"
    breaker_until: datetime | None = Field(default=None, sa_column=moment())
    failures_in_row: int = 0
    cool_downs: int = 0
    probe: str = ""
    last_success_at: datetime | None = Field(default=None, sa_column=moment())
    last_failure_at: datetime | None = Field(default=None, sa_column=moment())
    last_error: str = ""
    last_check_at: datetime | None = Field(default=None, sa_column=moment())
    last_check: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    #: How often a pause was looked into since the last delivery, and when that is next (None: only a person ends it).
    probes: int = 0
    next_probe_at: datetime | None = Field(default=None, sa_column=moment())
    #: Who paused it, checked it or let it go on last ("": nobody yet), as `str(Actor)`.
    changed_by: str = ""


#: A breaker that lets everything through.
CLOSED: dict[str, Any] = {
    "breaker": "closed",
    "breaker_until": None,
    "probe": "",
    "failures_in_row": 0,
    "cool_downs": 0,
}

#: When a paused integration is asked by itself whether it works again: so long after the pause, then after each look.
PROBE_WAITS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))

_ON_SUCCESS = (*CLOSED, "probes", "last_success_at")
_NOT_CLOSED = sa.or_(
    col(IntegrationHealthRow.breaker) != CLOSED["breaker"],
    col(IntegrationHealthRow.failures_in_row) > 0,
    col(IntegrationHealthRow.probes) > 0,
)
_WORTH_WRITING = sa.or_(
    col(IntegrationHealthRow.last_success_at).is_(None),
    col(IntegrationHealthRow.last_success_at) < sa.bindparam("a_second_ago", type_=UtcDateTime()),
    _NOT_CLOSED,
)


def read_health(session: Session, kind: str) -> IntegrationHealthRow:
    """The integration's health; a fresh, healthy one where nothing is known yet (not added to the session)."""
    return session.get(IntegrationHealthRow, kind) or IntegrationHealthRow(kind=kind)


def list_health(session: Session) -> Sequence[IntegrationHealthRow]:
    """Of every integration of which anything is known."""
    return session.exec(select(IntegrationHealthRow)).all()


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


def pause(
    session: Session, kind: str, *, reason: str, actor: Actor, now: datetime, probed: bool = True
) -> None:
    """`probed`: it is looked into by itself; otherwise only a person ends it."""
    health = health_to_change(session, kind)
    if not health.paused:
        health.paused, health.paused_at = True, now
        health.next_probe_at = now + probe_wait(health.probes) if probed else None
    health.paused_reason, health.changed_by = reason, str(actor)
    session.add(health)


def probe_wait(probes: int) -> timedelta:
    """How long until the next look after so many of them."""
    return PROBE_WAITS[min(probes, len(PROBE_WAITS) - 1)]


def claim_probe(session: Session, kind: str, *, now: datetime) -> bool:
    """Whether this caller is to look into the pause now; the next look is booked at once."""
    health = health_to_change(session, kind)
    if not health.paused or health.next_probe_at is None or health.next_probe_at > now:
        return False
    health.probes += 1
    health.next_probe_at = now + probe_wait(health.probes)
    session.add(health)
    return True


def list_paused(session: Session) -> list[str]:
    """The kinds that are paused."""
    return list(session.exec(select(IntegrationHealthRow.kind).where(col(IntegrationHealthRow.paused))))


def clear_pause(session: Session, kind: str, *, actor: Actor, probing: bool = False) -> None:
    """`probing`: nobody mended anything knowingly; if the next delivery is refused again, the looks go on getting rarer."""
    health = session.get(IntegrationHealthRow, kind)
    if health is not None:
        # whoever mends the settings wants to see them tried at once
        health.paused, health.paused_at, health.paused_reason = False, None, ""
        health.throttled_until, health.changed_by, health.next_probe_at = None, str(actor), None
        health.probes = health.probes if probing else 0
        for name, value in CLOSED.items():
            setattr(health, name, value)
        session.add(health)


def record_check(
    session: Session, kind: str, report: dict[str, Any], *, actor: Actor, now: datetime, probing: bool = False
) -> None:
    """Keep the last connection report; a passed check ends a pause."""
    health = health_to_change(session, kind)
    health.last_check, health.last_check_at, health.changed_by = report, now, str(actor)
    session.add(health)
    session.flush()
    if report.get("ok"):
        clear_pause(session, kind, actor=actor, probing=probing)
