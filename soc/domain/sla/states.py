"""Where a clock stands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

#: A running clock counts as at risk from one half of its time on (the guide notifies at 50 %).
AT_RISK_PARTS = 2


class SlaState(StrEnum):
    """The first three are of a running clock; `paused` is of one that waits and has not run out."""

    ON_TRACK = "on track"
    AT_RISK = "at risk"
    VIOLATED = "violated"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    #: It had run out before anybody here could have known: old logs. Counted apart, never escalated.
    INTAKE = "breached at intake"
    #: It ended without being answered or resolved (the ticket was deleted), in time.
    CANCELLED = "cancelled"

    @classmethod
    def _missing_(cls, value: object) -> SlaState | None:
        # links and scripts of before say `overdue`
        return cls.VIOLATED if value == "overdue" else None


#: A clock in one of these is running.
RUNNING = (SlaState.ON_TRACK, SlaState.AT_RISK, SlaState.VIOLATED)


def state_of(
    *,
    created: datetime,
    due: datetime,
    resolved: datetime | None,
    now: datetime,
    at_risk: datetime | None = None,
) -> SlaState:
    """Where a clock stands that was never paused. One that was resolved has stopped: it met or missed its time.

    `at_risk` is when half of the time is used; without it, half way between `created` and `due`.
    """
    if resolved is not None:
        return SlaState.MET if resolved <= due else SlaState.MISSED
    if now > due:
        return SlaState.VIOLATED
    half = now >= at_risk if at_risk is not None else (now - created) * AT_RISK_PARTS >= due - created
    return SlaState.AT_RISK if half else SlaState.ON_TRACK
