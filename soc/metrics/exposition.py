"""`/metrics` for Prometheus: read from the store at each scrape, so every process says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlmodel import select

from soc import clock
from soc.domain.sla import SlaState
from soc.integrations.registry import KINDS
from soc.metrics.health import IntegrationHealth, read_integration_health
from soc.sla.clocks import read_clocks
from soc.store.batches import BatchRow
from soc.store.db import read_session
from soc.store.deliveries import DeliveryRow

Reader = Callable[[IntegrationHealth], float | None]
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class StoreCollector(Collector):
    """Builds the metrics from what the store says now."""

    def collect(self) -> Iterable[Metric]:
        yield from _lines()
        yield _deliveries()
        yield from _integrations()
        yield _tickets()


def _lines() -> Iterable[Metric]:
    with read_session() as session:
        parsed, rejected, batches = session.exec(
            select(
                sa.func.coalesce(sa.func.sum(BatchRow.parsed), 0),
                sa.func.coalesce(sa.func.sum(BatchRow.rejected), 0),
                sa.func.count(),
            ).select_from(BatchRow)
        ).one()
    lines = CounterMetricFamily("soc_lines", "Lines taken in, by what became of them.", labels=["outcome"])
    lines.add_metric(["parsed"], parsed)
    lines.add_metric(["rejected"], rejected)
    yield lines
    yield CounterMetricFamily("soc_batches", "Batches taken in.", value=batches)


def _deliveries() -> Metric:
    family = GaugeMetricFamily(
        "soc_deliveries", "Deliveries by integration and state.", labels=["integration", "state"]
    )
    with read_session() as session:
        rows = session.exec(
            select(DeliveryRow.integration, DeliveryRow.state, sa.func.count()).group_by(
                DeliveryRow.integration, DeliveryRow.state
            )
        ).all()
    for integration, state, number in rows:
        family.add_metric([integration, state], number)
    return family


def _integrations() -> Iterable[Metric]:
    known = [read_integration_health(kind) for kind in KINDS]
    yield _gauge(
        "soc_integration_success_ratio",
        "Sends that were delivered, last 24 h.",
        known,
        lambda h: h.success_rate,
    )
    yield _gauge(
        "soc_integration_uptime_ratio",
        "5-minute slices with an answer, last 24 h.",
        known,
        lambda h: h.uptime,
    )
    yield _gauge(
        "soc_integration_paused", "1 while held because of its settings.", known, lambda h: float(h.paused)
    )
    yield _gauge(
        "soc_integration_breaker_open", "1 while the circuit breaker is not closed.", known,
        lambda h: float(h.breaker != "closed"),
    )  # fmt: skip
    yield _gauge(
        "soc_integration_last_success_timestamp_seconds", "When it last worked.", known,
        lambda h: h.last_success_at.timestamp() if h.last_success_at else None,
    )  # fmt: skip
    latency = GaugeMetricFamily(
        "soc_integration_latency_seconds",
        "Time of a delivered send, last 24 h.",
        labels=["integration", "quantile"],
    )
    failures = GaugeMetricFamily(
        "soc_integration_failures", "Failed attempts by reason, last 24 h.", labels=["integration", "reason"]
    )
    for health in known:
        for quantile, seconds in health.latency.items():
            latency.add_metric([health.kind, str(quantile)], seconds)
        for reason, number in health.errors.items():
            failures.add_metric([health.kind, reason], number)
    yield latency
    yield failures


def _gauge(name: str, text: str, known: list[IntegrationHealth], value: Reader) -> Metric:
    family = GaugeMetricFamily(name, text, labels=["integration"])
    for health in known:
        number = value(health)
        if number is not None:
            family.add_metric([health.kind], number)
    return family


def _tickets() -> Metric:
    family = GaugeMetricFamily("soc_tickets", "Tickets by the state of their SLA clock.", labels=["sla"])
    counts = dict.fromkeys(SlaState, 0)
    for one in read_clocks(now=clock.now(), limit=100_000):
        counts[one.state] += 1
    for state, number in counts.items():
        family.add_metric([state.value], number)
    return family


def render() -> bytes:
    """The whole page in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(StoreCollector())
    return generate_latest(registry)
