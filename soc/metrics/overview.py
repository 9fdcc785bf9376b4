"""Today's numbers. "Today" begins when the caller says so: the analyst's midnight, not the server's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from soc import clock
from soc.domain.delivery import DeliveryState
from soc.domain.severity import Severity
from soc.domain.sla import SlaState
from soc.errors import ConfigurationError
from soc.integrations.registry import KINDS, config_from_env
from soc.store.db import read_session
from soc.store.nouns.batches.batches import ACTIVE, BatchRow, count_batches, sum_batches
from soc.store.nouns.combined.practice import has_practice
from soc.store.nouns.deliveries.deliveries import DeliveryRow, count_trouble, count_unfinished
from soc.store.nouns.incidents.incident_counts import count_by_hour, count_by_kind
from soc.store.nouns.incidents.incidents import IncidentRow, list_latest
from soc.store.nouns.tickets.ticket_counts import count_clocks
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, count_tickets
from soc.store.nouns.vendors.integrations import list_integrations
from soc.store.unchanged import while_unchanged


@dataclass(frozen=True)
class Overview:
    """Lines, batches, incidents and tickets since `since`; clocks and deliveries in trouble as they are now.

    `lines_in == parsed + rejected`. `trouble` counts deliveries that are dead, unknown or waiting for a retry,
    `dead` those given up, `held` those that wait for a person to mend their integration.
    """

    since: datetime
    batches: int
    lines_in: int
    parsed: int
    rejected: int
    incidents: int
    eligible: int
    tickets: int
    open_tickets: int
    sla_at_risk: int
    sla_overdue: int
    trouble: int
    dead: int
    held: int
    by_severity: Mapping[str, int]
    by_class: Mapping[str, int]


@while_unchanged
def read_overview(since: datetime, *, now: datetime | None = None) -> Overview:
    """Every count that the first page shows, in one consistent view."""
    with read_session() as session:
        totals = sum_batches(session, since=since)
        kinds = count_by_kind(session, since=since)
        tickets = count_tickets(session, TicketFilter(since=since))
        clocks = count_clocks(session, TicketFilter(is_open=True), now=now or clock.now())
        troubled = count_trouble(session)
        held = sum(one.held for one in count_unfinished(session))
    by_severity = Counter(dict.fromkeys((band.value for band in Severity), 0))
    by_class: Counter[str] = Counter()
    running: Counter[SlaState] = Counter()
    for one in kinds:
        by_severity[one.severity] += one.incidents
        by_class[one.classification] += one.incidents
    for group in clocks:
        running[group.state] += group.tickets
    return Overview(
        since=since,
        batches=totals.batches,
        lines_in=totals.lines_in,
        parsed=totals.parsed,
        rejected=totals.rejected,
        incidents=sum(by_severity.values()),
        eligible=sum(one.incidents for one in kinds if one.eligible),
        tickets=tickets,
        open_tickets=running.total(),
        sla_at_risk=running[SlaState.AT_RISK],
        sla_overdue=running[SlaState.VIOLATED],
        trouble=sum(troubled.values()),
        dead=troubled.get(DeliveryState.DEAD, 0),
        held=held,
        by_severity=by_severity,
        by_class=by_class,
    )


@while_unchanged
def incidents_per_hour(since: datetime) -> Mapping[str, Sequence[tuple[datetime, int]]]:
    """By severity: (the hour's begin in UTC, incidents found in it), hours without any left out."""
    series: dict[str, list[tuple[datetime, int]]] = {}
    with read_session() as session:
        for hour, severity, number in count_by_hour(session, since=since):
            series.setdefault(severity, []).append((hour, number))
    return series


@while_unchanged
def latest_critical(*, since: datetime | None = None, limit: int = 8) -> Sequence[IncidentRow]:
    """The newest incidents of severity critical."""
    with read_session() as session:
        return list_latest(session, severity=Severity.CRITICAL, since=since, limit=limit)


@dataclass(frozen=True)
class Installation:
    """What is set up, and whether what the pages show is practice."""

    configured: tuple[str, ...]
    practice_configured: bool
    practice_rows: bool
    batches: int
    running: int

    @property
    def practice(self) -> bool:
        return self.practice_configured or self.practice_rows

    @property
    def fresh(self) -> bool:
        """Nothing was ever set up or processed here."""
        return not self.configured and not self.batches


def _is_in_environment(kind: str) -> bool:
    """Also where it is wrong there: the Integrations page says what is."""
    try:
        return config_from_env(kind) is not None
    except ConfigurationError:
        return True


@while_unchanged
def read_installation() -> Installation:
    """A few look-ups that cost the same however many rows there are; every page asks for them.

    Configuration counts wherever it comes from.
    """
    in_environment = {kind for kind in KINDS if _is_in_environment(kind)}
    with read_session() as session:
        stored = {row.kind: row.practice for row in list_integrations(session)}
        return Installation(
            configured=tuple(kind for kind in KINDS if kind in stored or kind in in_environment),
            practice_configured=any(stored.values()),
            practice_rows=any(has_practice(session, table) for table in (TicketRow, BatchRow, DeliveryRow)),
            batches=count_batches(session),
            running=count_batches(session, states=ACTIVE),
        )
