"""The guide's thresholds: how long a ticket may wait for an answer, and for its end, by its priority."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from soc.domain.severity import Priority

#: The setup guide's "Automatic SLA Thresholds": the response target of each priority.
GUIDE_THRESHOLDS: Mapping[Priority, timedelta] = {
    Priority.HIGHEST: timedelta(hours=1),
    Priority.HIGH: timedelta(hours=4),
    Priority.MEDIUM: timedelta(hours=24),
    Priority.LOW: timedelta(hours=72),
    Priority.LOWEST: timedelta(weeks=1),
}

#: The guide names none: a target that is a multiple of the response, as long as a shift for the gravest.
RESOLUTION_DEFAULTS: Mapping[Priority, timedelta] = {
    Priority.HIGHEST: timedelta(hours=8),
    Priority.HIGH: timedelta(hours=24),
    Priority.MEDIUM: timedelta(hours=72),
    Priority.LOW: timedelta(weeks=1),
    Priority.LOWEST: timedelta(weeks=2),
}


def due_at(created: datetime, priority: Priority, thresholds: Mapping[Priority, timedelta]) -> datetime:
    """When the time to answer is up, where the clock runs day and night."""
    return created + thresholds[priority]
