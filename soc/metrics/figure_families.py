"""The guide's figures of all tickets there ever were, for `/metrics`. People's names are no labels: those stand on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from soc.domain.severity import Priority
from soc.integrations.registry import takers
from soc.metrics.figures import Figures, Times, kept_figures
from soc.metrics.forecast import read_expected, read_memory

#: What each state of a cycle is called there, by the field of `Kept`.
CYCLE_STATES = ("met", "missed", "violated", "running", "paused", "intake", "cancelled")


def figure_families() -> Iterable[Metric]:
    found = kept_figures()
    yield from _tickets(found)
    yield from _clocks(found)
    yield _summary(
        "soc_ticket_acknowledge_seconds",
        "From the start of the response clock to the first act of a person.",
        found.acknowledge,
    )
    yield _summary(
        "soc_ticket_resolve_seconds", "From the start of the clock to the first resolving.", found.resolve
    )
    yield _summary(
        "soc_ticket_resolve_in_all_seconds",
        "From the opening of a ticket to its last resolving.",
        found.resolve_in_all,
    )
    told = CounterMetricFamily("soc_escalations", "Steps of escalations that were told.", labels=["step"])
    for one in found.escalations:
        told.add_metric([one.title], one.steps)
    yield told
    yield GaugeMetricFamily(
        "soc_tickets_escalated", "Tickets of which any step was told.", value=found.escalated
    )
    yield _paused(found)
    yield from _forecast()


def _paused(found: Figures) -> Metric:
    family = GaugeMetricFamily(
        "soc_sla_paused_ratio",
        "Share of the clocks' time that was paused: of all, of the person in the middle, of the one with the most.",
        labels=["of"],
    )
    shares = sorted(found.paused.values())
    if found.paused_in_all is not None and shares:
        family.add_metric(["all"], found.paused_in_all)
        family.add_metric(["median"], shares[(len(shares) - 1) // 2])
        family.add_metric(["highest"], shares[-1])
    return family


def _forecast() -> Iterable[Metric]:
    """Samples appear once enough tickets were closed to forecast anything."""
    expected = GaugeMetricFamily(
        "soc_sla_expected_breaches",
        "How many of the clocks that have not run out yet are expected to, by how long like tickets took.",
        labels=["clock"],
    )
    brier = GaugeMetricFamily(
        "soc_sla_forecast_brier",
        "Mean squared error of past forecasts by what was known then, and of always saying the base rate.",
        labels=["clock", "of"],
    )
    every, memory = read_expected(), read_memory()
    for kind, learnt in memory.learnt.items():
        breaches = every[kind].breaches
        if breaches is not None:
            expected.add_metric([kind.value], breaches)
        if learnt.score is not None:
            brier.add_metric([kind.value, "forecast"], learnt.score.brier)
            brier.add_metric([kind.value, "base rate"], learnt.score.base_brier)
    yield expected
    yield brier


def _tickets(found: Figures) -> Iterable[Metric]:
    opened = CounterMetricFamily("soc_tickets_opened", "Tickets that were opened.", labels=["priority"])
    for priority in Priority:
        opened.add_metric([priority.value], sum(day.get(priority.value, 0) for day in found.per_day.values()))
    yield opened
    creations = CounterMetricFamily(
        "soc_ticket_creations", "Tickets that were to be opened, by how that ended.", labels=["integration", "outcome"]
    )  # fmt: skip
    # also before the first: a series that begins with what is counted shows no rise
    of_each = dict.fromkeys(takers("open_ticket"), (0, 0)) | dict(found.creations)
    for integration, (delivered, dead) in of_each.items():
        creations.add_metric([integration, "delivered"], delivered)
        creations.add_metric([integration, "dead"], dead)
    yield creations
    took = SummaryMetricFamily(
        "soc_log_to_ticket_seconds", "From handing logs in to the ticket's opening.", labels=[]
    )
    _add(took, "soc_log_to_ticket_seconds", {}, found.log_to_ticket)
    yield took


def _clocks(found: Figures) -> Iterable[Metric]:
    cycles = GaugeMetricFamily(
        "soc_sla_cycles",
        "Cycles of the tickets' clocks by how they stand.",
        labels=["clock", "priority", "state"],
    )
    within = GaugeMetricFamily(
        "soc_sla_within_ratio", "Met / (met + missed + violated).", labels=["clock", "priority"]
    )
    for clock, by_priority in found.kept.items():
        for priority, kept in by_priority.items():
            for state in CYCLE_STATES:
                cycles.add_metric([clock.value, priority, state], getattr(kept, state))
            if kept.within is not None:
                within.add_metric([clock.value, priority], kept.within)
    yield cycles
    yield within


def _summary(name: str, text: str, by_priority: Mapping[str, Times]) -> Metric:
    family = SummaryMetricFamily(name, text, labels=["priority"])
    for priority, times in by_priority.items():
        _add(family, name, {"priority": priority}, times)
    return family


def _add(family: Metric, name: str, labels: dict[str, str], times: Times) -> None:
    if times.mean is None or times.median is None or times.p95 is None:
        return
    family.add_sample(f"{name}_count", labels, times.number)
    family.add_sample(f"{name}_sum", labels, times.mean.total_seconds() * times.number)
    for quantile, length in (("0.5", times.median), ("0.95", times.p95)):
        family.add_sample(name, {**labels, "quantile": quantile}, length.total_seconds())
