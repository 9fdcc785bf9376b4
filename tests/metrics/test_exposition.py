"""`/metrics` is what Prometheus can read, and its figures are the store's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import sqlalchemy as sa
import time_machine
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import select
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from soc.delivery import breaker
from soc.domain.actor import AT_A_PAGE
from soc.errors import FailureReason, TransientDeliveryError
from soc.integrations.registry import KINDS
from soc.metrics.exposition import CONTENT_TYPE, render
from soc.metrics.health import read_integration_health
from soc.serving import metrics
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.nouns.vendors.health import pause, read_health
from tests.pages.night import HOSTILE_TEXT, add_night

NOW = datetime(2026, 1, 15, 22, 30, tzinfo=UTC)
Sample = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    migrate()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def night() -> None:
    add_night(now=NOW)


def _scrape() -> dict[Sample, float]:
    found: dict[Sample, float] = {}
    for family in text_string_to_metric_families(render().decode()):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, f"{key} is there twice"
            found[key] = sample.value
    return found


def _value(name: str, **labels: str) -> float | None:
    return _scrape().get((name, frozenset(labels.items())))


_numbers = count()


def _attempts(
    integration: str, *outcomes: tuple[str, str, float], at: datetime = NOW - timedelta(minutes=10)
) -> None:
    """One delivery with a try for each (outcome, reason, seconds)."""
    name = f"dlv-{next(_numbers)}"
    with write_session() as session:
        session.add(
            DeliveryRow(
                id=name, key=name, integration=integration, action="send_alert", state="delivered",
                created_at=at, updated_at=at, made_by=str(AT_A_PAGE),
            )
        )  # fmt: skip
        session.flush()
        for number, (outcome, reason, seconds) in enumerate(outcomes, start=1):
            session.add(
                AttemptRow(
                    delivery_id=name, number=number, kind="send", started_at=at,
                    finished_at=at + timedelta(seconds=seconds), outcome=outcome, reason=reason,
                )
            )  # fmt: skip


def test_a_fresh_installation_has_every_family_and_no_trouble() -> None:
    families = {family.name: family for family in text_string_to_metric_families(render().decode())}
    assert {
        "soc_lines", "soc_batches", "soc_deliveries", "soc_integration_success_ratio", "soc_integration_uptime_ratio",
        "soc_integration_paused", "soc_integration_breaker_open", "soc_integration_last_success_timestamp_seconds",
        "soc_integration_latency_seconds", "soc_integration_failures", "soc_tickets",
        "soc_workers_live", "soc_workers_gone", "soc_oldest_due_message_seconds", "soc_batches_active",
        "soc_engine_rows", "soc_kept_files", "soc_disk_free_bytes", "soc_disk_size_bytes", "soc_escalation_oldest_due_seconds", "soc_tickets_opened",
        "soc_ticket_creations", "soc_log_to_ticket_seconds", "soc_sla_cycles", "soc_sla_within_ratio",
        "soc_ticket_acknowledge_seconds", "soc_ticket_resolve_seconds", "soc_ticket_resolve_in_all_seconds",
        "soc_escalations", "soc_tickets_escalated", "soc_sla_expected_breaches", "soc_sla_paused_ratio", "soc_sla_forecast_brier",
    } == set(families)  # fmt: skip
    for family in families.values():
        assert family.documentation
        # only what takes time is a summary
        assert family.type in ("gauge", "counter") or (family.type, family.name[-8:]) == (
            "summary",
            "_seconds",
        )
    for name in ("soc_integration_paused", "soc_integration_breaker_open"):
        assert {s.labels["integration"]: s.value for s in families[name].samples} == dict.fromkeys(KINDS, 0)
    assert families["soc_integration_success_ratio"].samples == []
    given_up = {
        s.labels["integration"]: (s.labels["state"], s.value) for s in families["soc_deliveries"].samples
    }
    assert given_up == dict.fromkeys(KINDS, ("dead", 0))  # the first is seen as a rise
    opened = {
        (s.labels["integration"], s.labels["outcome"]) for s in families["soc_ticket_creations"].samples
    }
    assert opened == {("jira", "delivered"), ("jira", "dead")}


@pytest.mark.usefixtures("night")
def test_lines_and_batches_are_those_of_the_store() -> None:
    with read_session() as session:
        rows = session.exec(select(BatchRow)).all()
    assert _value("soc_lines_total", outcome="parsed") == sum(row.parsed for row in rows) > 0
    assert _value("soc_lines_total", outcome="rejected") == sum(row.rejected for row in rows)
    assert _value("soc_batches_total") == len(rows)


@pytest.mark.usefixtures("night")
def test_every_delivery_is_counted_once_by_integration_and_state() -> None:
    with read_session() as session:
        rows = session.exec(select(DeliveryRow)).all()
    wanted = {(kind, "dead"): 0 for kind in KINDS} | Counter((row.integration, row.state) for row in rows)
    found = {
        (dict(labels)["integration"], dict(labels)["state"]): value
        for (name, labels), value in _scrape().items()
        if name == "soc_deliveries"
    }
    assert found == wanted


@pytest.mark.usefixtures("night")
def test_every_ticket_is_counted_once_by_its_clock() -> None:
    with read_session() as session:
        tickets = session.exec(select(sa.func.count()).select_from(TicketRow)).one()
    found = {dict(labels)["sla"]: v for (name, labels), v in _scrape().items() if name == "soc_tickets"}
    assert sum(found.values()) == tickets > 0
    assert found["at risk"] == 1


def test_success_latency_and_errors_are_those_of_the_attempts() -> None:
    quick = [("delivered", "", 0.1)] * 18
    _attempts("slack", *quick, ("delivered", "", 2.0), ("not sent", "network", 0.5))
    _attempts("slack", ("unknown", "timeout", 30.0), ("not sent", "network", 0.5))
    assert _value("soc_integration_success_ratio", integration="slack") == pytest.approx(19 / 22)
    assert _value("soc_integration_latency_seconds", integration="slack", quantile="0.5") == 0.1
    assert _value("soc_integration_latency_seconds", integration="slack", quantile="0.99") == 2.0
    assert _value("soc_integration_failures", integration="slack", reason="network") == 2
    assert _value("soc_integration_failures", integration="slack", reason="timeout") == 1
    assert _value("soc_integration_success_ratio", integration="jira") is None
    health = read_integration_health("slack")
    assert health.attempts == 22
    assert health.success_rate == pytest.approx(19 / 22)


def test_uptime_counts_slices_in_which_the_vendor_answered() -> None:
    away, refused = ("not sent", "network", 1.0), ("refused", "client", 1.0)
    _attempts("jira", away, ("delivered", "", 1.0), at=NOW - timedelta(minutes=30))
    _attempts("jira", refused, at=NOW - timedelta(minutes=20))
    _attempts("jira", away, away, at=NOW - timedelta(minutes=10))
    assert _value("soc_integration_uptime_ratio", integration="jira") == pytest.approx(2 / 3)


def test_what_is_older_than_a_day_does_not_count() -> None:
    _attempts("jira", ("not sent", "network", 1.0), at=NOW - timedelta(hours=25))
    assert _value("soc_integration_success_ratio", integration="jira") is None
    assert _value("soc_integration_failures", integration="jira", reason="network") is None


def test_pause_breaker_and_last_success_are_told() -> None:
    seen = NOW - timedelta(minutes=3)
    with write_session() as session:
        pause(session, "jira", reason="401", now=NOW, actor=AT_A_PAGE)
        health = read_health(session, "slack")
        health.last_success_at = seen
        session.add(health)
        for _ in range(breaker.FAILURES_TO_OPEN):
            error = TransientDeliveryError("away", reason=FailureReason.NETWORK)
            breaker.record_failure(session, "slack", error, now=NOW)
    assert _value("soc_integration_paused", integration="jira") == 1
    assert _value("soc_integration_paused", integration="slack") == 0
    assert _value("soc_integration_breaker_open", integration="slack") == 1
    assert _value("soc_integration_breaker_open", integration="jira") == 0
    stamp = _value("soc_integration_last_success_timestamp_seconds", integration="slack")
    assert stamp == seen.timestamp()


@pytest.mark.usefixtures("night")
def test_no_log_text_address_or_name_is_in_it() -> None:
    text = render().decode()
    for told in (HOSTILE_TEXT[:12], "203.0.113", "127.0.0.1", "auth.log", "SecuritySystem", "SOC-1"):
        assert told not in text


@pytest.mark.usefixtures("night")
def test_it_is_served_as_prometheus_asks_for_it_and_says_the_same_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("soc.metrics.exposition.shutil.disk_usage", lambda _folder: (100, 60, 40))
    app = Starlette(routes=[Route("/metrics", metrics)])
    with TestClient(app) as client:
        first, second = client.get("/metrics"), client.get("/metrics")
    assert first.status_code == 200
    assert first.headers["content-type"] == CONTENT_TYPE
    assert first.content == second.content == render()
    assert b"\nsoc_disk_free_bytes 40.0\n" in first.content
