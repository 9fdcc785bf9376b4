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

#: A running clock counts as at risk from one half of its time on (the guide notifies at 50 %).
AT_RISK_PARTS = 2


class SlaState(StrEnum):
    """The first three are of a running clock, the others of one that a resolution has stopped."""

    ON_TRACK = "on track"
    AT_RISK = "at risk"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"


#: A clock in one of these is running.
RUNNING = (SlaState.ON_TRACK, SlaState.AT_RISK, SlaState.OVERDUE)


def due_at(created: datetime, priority: Priority, thresholds: Mapping[Priority, timedelta]) -> datetime:
    """When the ticket's time is up."""
    return created + thresholds[priority]


def state_of(*, created: datetime, due: datetime, resolved: datetime | None, now: datetime) -> SlaState:
    """Where the clock stands. A resolved ticket's clock has stopped: it met or missed its time."""
    if resolved is not None:
        return SlaState.MET if resolved <= due else SlaState.MISSED
    if now > due:
        return SlaState.OVERDUE
    if (now - created) * AT_RISK_PARTS >= due - created:
        return SlaState.AT_RISK
    return SlaState.ON_TRACK
