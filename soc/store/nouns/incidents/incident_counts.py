"""Incidents counted by kind, severity and hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.store.columns import Microseconds
from soc.store.nouns.incidents.incidents import IncidentRow


class IncidentCount(NamedTuple):
    """So many incidents have this severity, this class, and did or did not meet a rule."""

    severity: str
    classification: str
    eligible: bool
    incidents: int


def count_by_kind(session: Session, *, since: datetime) -> Sequence[IncidentCount]:
    """The incidents found since then; combinations without any are left out."""
    row = IncidentRow
    kinds = (col(row.severity), col(row.classification), col(row.eligible))
    rows = session.connection().execute(
        sa.select(*kinds, sa.func.count()).where(col(row.created_at) >= since).group_by(*kinds)
    )
    return [IncidentCount(*one) for one in rows]


def count_by_severity(session: Session, *, batch_id: str) -> Mapping[str, int]:
    """How many incidents of a batch have each severity; severities without any are left out."""
    row = IncidentRow
    rows = session.connection().execute(
        sa.select(col(row.severity), sa.func.count())
        .where(col(row.batch_id) == batch_id)
        .group_by(col(row.severity))
    )
    return {severity: number for severity, number in rows}  # noqa: C416 - rows are pairs of columns


def count_by_hour(session: Session, *, since: datetime) -> Sequence[tuple[datetime, str, int]]:
    """(the hour's begin, severity, incidents found in it), in the order of time; hours without any are left out."""
    row = IncidentRow
    hours = Microseconds(col(row.created_at)) // _HOUR
    one = sa.select(hours.label("hour"), col(row.severity)).where(col(row.created_at) >= since).subquery()
    rows = session.connection().execute(
        sa.select(one.c.hour, one.c.severity, sa.func.count())
        .group_by(one.c.hour, one.c.severity)
        .order_by(one.c.hour, one.c.severity)
    )
    return [(datetime.fromtimestamp(hour * 3600, UTC), severity, number) for hour, severity, number in rows]


_HOUR = 3_600_000_000
