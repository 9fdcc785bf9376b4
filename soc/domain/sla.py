"""SLA arithmetic: how long a ticket may wait by its priority, and where its clock stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from soc.domain.severity import Priority

#: The setup guide's "Automatic SLA Thresholds".
GUIDE_THRESHOLDS: Mapping[Priority, timedelta] = {
    Priority.HIGHEST: timedelta(hours=1),
    Priority.HIGH: timedelta(hours=4),
    Priority.MEDIUM: timedelta(hours=24),
    Priority.LOW: timedelta(hours=72),
    Priority.LOWEST: timedelta(weeks=1),
}

#: From this share of its time on a running clock counts as at risk (the guide notifies at 50 %).
AT_RISK_SHARE = 0.5


class SlaState(StrEnum):
    ON_TRACK = "on track"
    AT_RISK = "at risk"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"


def due_at(created: datetime, priority: Priority, thresholds: Mapping[Priority, timedelta]) -> datetime:
    """When the ticket's time is up."""
    return created + thresholds[priority]


def state_of(*, created: datetime, due: datetime, resolved: datetime | None, now: datetime) -> SlaState:
    """Where the clock stands. A resolved ticket's clock has stopped: it met or missed its time."""
    if resolved is not None:
        return SlaState.MET if resolved <= due else SlaState.MISSED
    if now > due:
        return SlaState.OVERDUE
    if now - created >= (due - created) * AT_RISK_SHARE:
        return SlaState.AT_RISK
    return SlaState.ON_TRACK
