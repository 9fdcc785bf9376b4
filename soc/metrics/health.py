"""How an integration has been: success rate, latency, error types, uptime, last success, breaker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from soc import clock
from soc.errors import FailureReason
from soc.store.db import read_session
from soc.store.nouns.deliveries.attempts import AttemptCount, count_attempts, count_slices, read_durations
from soc.store.nouns.vendors.health import IntegrationHealthRow, read_health

DAY = timedelta(hours=24)
#: Uptime is told in slices of this length; a slice without any attempt says nothing and does not count.
SLICE = timedelta(minutes=5)
QUANTILES = (0.5, 0.95, 0.99)
#: The kind and the outcome of an attempt that did what it was for.
_DONE = ("send", "delivered")
_REACHED = frozenset({"delivered", "found", "not found", "refused"})
#: What failed here and spoke to nobody: it says nothing of the vendor, but is shown among the errors.
_OURS = frozenset({FailureReason.LOCAL})
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
    #: When it is looked into by itself; None: only a person ends the pause.
    next_probe_at: datetime | None
    throttled_until: datetime | None


def read_integration_health(
    kind: str, *, window: timedelta = DAY, now: datetime | None = None
) -> IntegrationHealth:
    """The last `window` of an integration."""
    return read_every_health((kind,), window=window, now=now)[kind]


def read_every_health(
    kinds: Sequence[str], *, window: timedelta = DAY, now: datetime | None = None
) -> Mapping[str, IntegrationHealth]:
    """The last `window` of each of these integrations: what was tried in it is counted by the database, once for all."""
    since = (now or clock.now()) - window
    with read_session() as session:
        counts = count_attempts(session, since=since)
        done = {kind: sum(one.attempts for one in counts if one[:3] == (kind, *_DONE)) for kind in kinds}
        ranks = {kind: [rank_of(q, number) for q in QUANTILES] for kind, number in done.items() if number}
        durations = read_durations(session, since=since, ranks=ranks) if ranks else {}
        slices = count_slices(session, since=since, length=SLICE, reached=_REACHED, away=_AWAY, ours=_OURS)
        states = {kind: read_health(session, kind) for kind in kinds}
    return {
        kind: _health(
            states[kind],
            [one for one in counts if one.integration == kind],
            {q: durations[kind][rank_of(q, done[kind])].total_seconds() for q in QUANTILES if done[kind]},
            slices.get(kind, (0, 0)),
        )
        for kind in kinds
    }


def _health(
    state: IntegrationHealthRow,
    counts: Sequence[AttemptCount],
    latency: Mapping[float, float],
    slices: tuple[int, int],
) -> IntegrationHealth:
    sends = sum(one.attempts for one in counts if one.kind == "send" and one.reason not in _OURS)
    done = sum(one.attempts for one in counts if (one.kind, one.outcome) == _DONE)
    errors: Counter[str] = Counter()
    for one in counts:
        if one.reason:
            errors[one.reason] += one.attempts
    spoken, heard = slices
    return IntegrationHealth(
        kind=state.kind,
        attempts=sum(one.attempts for one in counts),
        success_rate=done / sends if sends else None,
        latency=latency,
        errors=errors,
        uptime=heard / spoken if spoken else None,
        last_success_at=state.last_success_at,
        last_failure_at=state.last_failure_at,
        last_error=state.last_error,
        breaker=state.breaker,
        paused=state.paused,
        paused_reason=state.paused_reason,
        next_probe_at=state.next_probe_at if state.paused else None,
        throttled_until=state.throttled_until,
    )


def rank_of(quantile: float, number: int) -> int:
    """The place of the nearest-rank quantile among so many sorted values, from 0: the first that so large a part does not exceed."""
    return max(0, ceil(round(quantile * number, 6)) - 1)
