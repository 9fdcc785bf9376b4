"""An integration's health, counted by the database, is what somebody would count who read every attempt."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from soc.errors import FailureReason
from soc.metrics.health import (
    QUANTILES,
    SLICE,
    IntegrationHealth,
    rank_of,
    read_every_health,
    read_integration_health,
)
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.attempts import AttemptRow
from tests.rows import NIGHT, add_delivery

NOW = NIGHT + timedelta(hours=24)
_OUTCOMES = (
    ("delivered", ""), ("found", ""), ("not found", ""), ("refused", "client"), ("failed", "timeout"),
    ("failed", "network"), ("failed", "throttled"), ("failed", "server"), ("interrupted", ""), ("unknown", "bad_response"), ("given back", "local"),
)  # fmt: skip
_ANSWERS = {"delivered", "found", "not found", "refused"}
_SILENCE = {"network", "timeout", "server", "tls", "bad_response"}


@pytest.fixture(autouse=True)
def _schema() -> None:
    migrate()


def _add(attempts: list[dict[str, Any]]) -> list[AttemptRow]:
    rows = []
    with write_session() as session:
        for number, one in enumerate(attempts):
            integration = one.pop("integration", "jira")
            add_delivery(session, f"dlv-{number}", integration=integration)
            row = AttemptRow(delivery_id=f"dlv-{number}", number=1, **{"kind": "send", **one})
            session.add(row)
            rows.append(row)
    return rows


def _drawn(seed: int, integration: str) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    attempts = []
    for _ in range(60):
        begun = NIGHT + timedelta(microseconds=rng.randrange(86_400_000_000))
        outcome, reason = rng.choice(_OUTCOMES)
        took = timedelta(microseconds=rng.randrange(3_000_000))
        attempts.append({
            "integration": integration, "kind": rng.choice(("send", "send", "reconcile")), "started_at": begun,
            "finished_at": rng.choice((begun + took,) * 9 + (None,)), "outcome": outcome, "reason": reason,
        })  # fmt: skip
    return attempts


def _counted_by_hand(rows: list[AttemptRow]) -> dict[str, Any]:
    ended = [row for row in rows if row.finished_at is not None]
    away = [row for row in ended if row.reason != "local"]  # what failed here spoke to nobody
    sends = [row for row in away if row.kind == "send"]
    done = sorted(
        (row.finished_at - row.started_at).total_seconds()
        for row in sends
        if row.outcome == "delivered" and row.finished_at
    )
    slices: dict[int, bool] = {}
    for row in away:
        at = int(row.started_at.timestamp() // SLICE.total_seconds())
        answered = row.outcome in _ANSWERS or (row.reason != "" and row.reason not in _SILENCE)
        slices[at] = slices.get(at, False) or answered
    return {
        "attempts": len(ended),
        "success_rate": len(done) / len(sends),
        "latency": {
            q: next(one for one in done if sum(other <= one for other in done) >= q * len(done) - 1e-9)
            for q in (0.5, 0.95, 0.99)
        },
        "errors": Counter(row.reason for row in ended if row.reason),
        "uptime": sum(slices.values()) / len(slices),
    }


def _told(health: IntegrationHealth) -> dict[str, Any]:
    return {
        name: getattr(health, name) for name in ("attempts", "success_rate", "latency", "errors", "uptime")
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_numbers_are_those_of_the_attempts_read_one_by_one(seed: int) -> None:
    jira = _drawn(seed, "jira")
    rows = _add(jira + _drawn(seed + 100, "slack"))
    health = read_every_health(("jira", "slack", "webhook"), now=NOW)
    assert _told(health["jira"]) == _counted_by_hand(rows[: len(jira)])
    assert _told(health["slack"]) == _counted_by_hand(rows[len(jira) :])
    assert (health["webhook"].attempts, health["webhook"].success_rate, health["webhook"].uptime) == (
        0,
        None,
        None,
    )
    assert health["webhook"].latency == {}


@pytest.mark.parametrize("reason", [*FailureReason])
def test_a_vendor_that_refuses_was_there_and_one_that_is_silent_was_not(reason: FailureReason) -> None:
    _add([{"started_at": NIGHT, "finished_at": NIGHT, "outcome": "failed", "reason": reason.value}])
    assert read_integration_health("jira", now=NOW).uptime == (
        None if reason is FailureReason.LOCAL else float(reason.value not in _SILENCE)
    )


def test_the_span_begins_a_day_ago_to_the_microsecond() -> None:
    tick = timedelta(microseconds=1)
    _add([{"started_at": NIGHT - tick, "finished_at": NOW}, {"started_at": NIGHT, "finished_at": NOW}])
    assert read_integration_health("jira", now=NOW).attempts == 1
    assert read_integration_health("jira", now=NOW - tick).attempts == 2
    assert read_integration_health("jira", now=NOW, window=timedelta(hours=1)).attempts == 0


def test_attempts_of_one_slice_count_as_one() -> None:
    edge = NIGHT + SLICE
    _add([
        {"started_at": NIGHT, "finished_at": NOW, "outcome": "failed", "reason": "timeout"},
        {"started_at": edge - timedelta(microseconds=1), "finished_at": NOW, "outcome": "delivered"},
        {"started_at": edge, "finished_at": NOW, "outcome": "failed", "reason": "timeout"},
    ])  # fmt: skip
    assert read_integration_health("jira", now=NOW).uptime == 0.5


@pytest.mark.parametrize(
    ("number", "ranks"),
    [(1, [0, 0, 0]), (2, [0, 1, 1]), (3, [1, 2, 2]), (20, [9, 18, 19]), (200, [99, 189, 197])],
)
def test_a_quantile_is_the_nearest_rank(number: int, ranks: list[int]) -> None:
    assert [rank_of(q, number) for q in QUANTILES] == ranks
