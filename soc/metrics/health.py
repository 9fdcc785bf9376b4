"""How an integration has been: success rate, latency, error types, uptime, last success, breaker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from soc import clock
from soc.errors import FailureReason
from soc.store.attempts import AttemptRow
from soc.store.db import read_session
from soc.store.deliveries import DeliveryRow
from soc.store.health import read_health

DAY = timedelta(hours=24)
#: Uptime is told in slices of this length; a slice without any attempt says nothing and does not count.
SLICE = timedelta(minutes=5)
#: At most so many of the newest attempts are looked at.
MOST_ATTEMPTS = 50_000
_REACHED = frozenset({"delivered", "found", "not found", "refused"})
_AWAY = frozenset(
    {
        FailureReason.NETWORK,
        FailureReason.TIMEOUT,
        FailureReason.SERVER,
        FailureReason.TLS,
        FailureReason.BAD_RESPONSE,
    }
)


@dataclass(frozen=True)
class IntegrationHealth:
    """`success_rate`, `uptime` are 0–1 and None where nothing was tried; latencies in seconds, by quantile."""

    kind: str
    attempts: int
    success_rate: float | None
    latency: Mapping[float, float]
    errors: Mapping[str, int]
    uptime: float | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_error: str
    breaker: str
    paused: bool
    paused_reason: str
    throttled_until: datetime | None


def read_integration_health(
    kind: str, *, window: timedelta = DAY, now: datetime | None = None
) -> IntegrationHealth:
    """The last `window` of an integration."""
    moment = now or clock.now()
    with read_session() as session:
        rows = session.exec(
            select(AttemptRow)
            .join(DeliveryRow, col(DeliveryRow.id) == col(AttemptRow.delivery_id))
            .where(
                DeliveryRow.integration == kind,
                col(AttemptRow.finished_at).is_not(None),
                col(AttemptRow.started_at) >= moment - window,
            )
            .order_by(col(AttemptRow.id).desc())
            .limit(MOST_ATTEMPTS)
        ).all()
        health = read_health(session, kind)
    sends = [row for row in rows if row.kind == "send"]
    done = [row for row in sends if row.outcome == "delivered"]
    return IntegrationHealth(
        kind=kind,
        attempts=len(rows),
        success_rate=len(done) / len(sends) if sends else None,
        latency=quantiles([_seconds(row) for row in done]),
        errors=Counter(row.reason for row in rows if row.reason),
        uptime=_uptime(rows),
        last_success_at=health.last_success_at,
        last_failure_at=health.last_failure_at,
        last_error=health.last_error,
        breaker=health.breaker,
        paused=health.paused,
        paused_reason=health.paused_reason,
        throttled_until=health.throttled_until,
    )


def _seconds(row: AttemptRow) -> float:
    return (row.finished_at - row.started_at).total_seconds() if row.finished_at else 0.0


def quantiles(values: Sequence[float], at: Sequence[float] = (0.5, 0.95, 0.99)) -> dict[float, float]:
    """Nearest-rank quantiles; empty where there are no values."""
    ordered = sorted(values)
    return {q: ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in at} if ordered else {}


def _uptime(rows: Sequence[AttemptRow]) -> float | None:
    """The share of slices in which the vendor answered at least once, of those in which it was spoken to."""
    slices: dict[int, bool] = {}
    for row in rows:
        at = int(row.started_at.timestamp() // SLICE.total_seconds())
        answered = row.outcome in _REACHED or (bool(row.reason) and row.reason not in _AWAY)
        slices[at] = slices.get(at, False) or answered
    return sum(slices.values()) / len(slices) if slices else None
