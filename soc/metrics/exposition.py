"""`/metrics` for Prometheus: read from the store at each scrape, so every process says the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from soc import clock
from soc.domain.delivery import DeliveryState
from soc.domain.sla import SlaState
from soc.escalation.heartbeat import oldest_due
from soc.integrations.registry import KINDS
from soc.metrics.figure_families import figure_families
from soc.metrics.health import IntegrationHealth, read_every_health
from soc.metrics.rows import read_engine_rows, read_kept_files
from soc.metrics.workers import read_workers
from soc.settings import get_settings
from soc.store.db import read_session
from soc.store.nouns.batches.batches import sum_batches
from soc.store.nouns.deliveries.deliveries import count_by_integration
from soc.store.nouns.tickets.ticket_counts import count_clocks

Reader = Callable[[IntegrationHealth], float | None]
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class StoreCollector(Collector):
    """Builds the metrics from what the store says now."""

    def collect(self) -> Iterable[Metric]:
        yield from _lines()
        yield _deliveries()
        yield from _integrations()
        yield _tickets()
        yield from _workers()
        yield from figure_families()
        yield GaugeMetricFamily(
            "soc_escalation_oldest_due_seconds",
            "How long the step of an escalation that waits longest has been due.",
            value=oldest_due().total_seconds(),
        )


def _lines() -> Iterable[Metric]:
    with read_session() as session:
        totals = sum_batches(session)
    lines = CounterMetricFamily("soc_lines", "Lines taken in, by what became of them.", labels=["outcome"])
    lines.add_metric(["parsed"], totals.parsed)
    lines.add_metric(["rejected"], totals.rejected)
    yield lines
    yield CounterMetricFamily("soc_batches", "Batches taken in.", value=totals.batches)


def _deliveries() -> Metric:
    family = GaugeMetricFamily(
        "soc_deliveries", "Deliveries by integration and state.", labels=["integration", "state"]
    )
    # the first message that is given up has to be seen as a rise: a series that only begins then has none
    counts = {(kind, DeliveryState.DEAD.value): 0 for kind in KINDS}
    with read_session() as session:
        counts |= {(one.integration, one.state): one.deliveries for one in count_by_integration(session)}
    for labels, number in counts.items():
        family.add_metric(labels, number)
    return family


def _integrations() -> Iterable[Metric]:
    known = list(read_every_health(tuple(KINDS)).values())
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
    with read_session() as session:
        for one in count_clocks(session, now=clock.now()):
            counts[one.state] += one.tickets
    for state, number in counts.items():
        family.add_metric([state.value], number)
    return family


def _workers() -> Iterable[Metric]:
    workers = read_workers()
    yield GaugeMetricFamily(
        "soc_workers_live", "Processes with an engine that live.", value=len(workers.live)
    )
    yield GaugeMetricFamily(
        "soc_workers_gone", "Processes that fell silent in the last 24 h.", value=len(workers.gone)
    )
    yield GaugeMetricFamily(
        "soc_oldest_due_message_seconds",
        "How long the message that waits longest has been due.",
        value=workers.waits(clock.now()).total_seconds(),
    )
    batches = GaugeMetricFamily("soc_batches_active", "Batches that have not ended.", labels=["state"])
    batches.add_metric(["running"], workers.running_batches)
    batches.add_metric(["queued"], workers.queued_batches)
    yield batches
    rows = GaugeMetricFamily(
        "soc_engine_rows", "Rows of the engine: workflows by status, and steps.", labels=["status"]
    )
    for status, number in read_engine_rows().items():
        rows.add_metric([status], number)
    yield rows
    yield GaugeMetricFamily("soc_kept_files", "Files of batches that are kept.", value=read_kept_files())
    try:
        total, _, free = shutil.disk_usage(get_settings().data_dir)
    except OSError:  # it is not there, or cannot be asked: the store says so
        return
    yield GaugeMetricFamily(
        "soc_disk_free_bytes", "Free on the disk of this process's data folder.", value=free
    )
    yield GaugeMetricFamily(
        "soc_disk_size_bytes", "Size of the disk of this process's data folder.", value=total
    )


def render() -> bytes:
    """The whole page in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(StoreCollector())
    return generate_latest(registry)
