"""The circuit breaker of an integration's endpoint, kept in the store so that all processes share it.

*closed* lets everything through. A run of failures that mean "the vendor is away" opens it. After a cool-down
it is *half-open*: one probe at a time is let through, whoever claims it first; its outcome closes the breaker
or opens it for longer. A throttled answer, a refusal of the message or of the credentials is no such failure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from soc.errors import DeliveryError, FailureReason
from soc.store.nouns.vendors.health import IntegrationHealthRow, close_breaker, health_to_change


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


#: So many failures in a row open it.
FAILURES_TO_OPEN = 5
#: The first cool-down; each failed probe doubles it, up to the longest.
FIRST_COOL_DOWN = timedelta(seconds=30)
LONGEST_COOL_DOWN = timedelta(minutes=10)
#: A probe whose outcome is not known after this long is taken for lost (its process died).
LONGEST_PROBE = timedelta(minutes=2)

_AWAY = frozenset(
    {
        FailureReason.NETWORK,
        FailureReason.TIMEOUT,
        FailureReason.SERVER,
        FailureReason.TLS,
        FailureReason.BAD_RESPONSE,
    }
)


def pass_or_wait(session: Session, kind: str, *, claimant: str, now: datetime) -> datetime | None:
    """None: go ahead (where the breaker is half-open, as its only probe). Otherwise: not before this moment."""
    row = session.get(IntegrationHealthRow, kind)
    if row is None or row.breaker == BreakerState.CLOSED:
        return None
    row = health_to_change(session, kind)
    if row.breaker == BreakerState.CLOSED:
        return None
    if row.breaker == BreakerState.OPEN and row.breaker_until is not None and now < row.breaker_until:
        return row.breaker_until
    if row.breaker == BreakerState.HALF_OPEN and row.breaker_until is not None and now < row.breaker_until:
        return None if row.probe == claimant else min(row.breaker_until, now + timedelta(seconds=5))
    row.breaker, row.probe, row.breaker_until = BreakerState.HALF_OPEN.value, claimant, now + LONGEST_PROBE
    return None


def record_failure(session: Session, kind: str, error: DeliveryError, *, now: datetime) -> None:
    """Count a failure; open the breaker when they are many, or when it was the probe's."""
    if error.reason not in _AWAY:
        if error.status is not None:
            close_breaker(session, kind)
        return
    row = health_to_change(session, kind)
    row.failures_in_row += 1
    if row.breaker == BreakerState.HALF_OPEN or row.failures_in_row >= FAILURES_TO_OPEN:
        cool_down = min(FIRST_COOL_DOWN * 2**row.cool_downs, LONGEST_COOL_DOWN)
        if row.breaker != BreakerState.OPEN:
            row.cool_downs = min(row.cool_downs + 1, 10)
            row.breaker_until = now + cool_down
        row.breaker, row.probe = BreakerState.OPEN.value, ""
