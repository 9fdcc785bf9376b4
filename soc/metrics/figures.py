"""The figures that the setup guide names, of the tickets of a span: one reading for page, API, CLI and `/metrics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from soc import clock
from soc.domain.delivery import DeliveryState
from soc.domain.severity import PRIORITY_BY_SEVERITY, Priority
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.integrations.registry import KINDS, takers
from soc.metrics.health import IntegrationHealth, read_every_health
from soc.store.db import read_session
from soc.store.nouns.combined import figures as store
from soc.store.nouns.combined.figures import FigureFilter, Told
from soc.store.nouns.people.people import list_people
from soc.store.unchanged import kept_for, while_unchanged

OPENS = "open_ticket"
#: How old the figures of everything may be that programs read.
STALE = timedelta(seconds=60)


@dataclass(frozen=True)
class Times:
    """How long something took: `number` of them, the mean, and nearest-rank percentiles; None where there is none."""

    number: int
    mean: timedelta | None
    median: timedelta | None
    p95: timedelta | None


@dataclass(frozen=True)
class Kept:
    """How the cycles of a clock stand. `within` is met ÷ (met + missed + violated), None while none is decided.

    `intake` ran out before anybody here could have known: counted apart.
    """

    met: int
    missed: int
    violated: int
    running: int
    paused: int
    intake: int
    cancelled: int

    @property
    def within(self) -> float | None:
        decided = self.met + self.missed + self.violated
        return self.met / decided if decided else None


@dataclass(frozen=True)
class Figures:
    """Of the tickets that were opened in the span; by priority means every priority, most urgent first."""

    tickets: int
    per_day: Mapping[date, Mapping[str, int]]
    log_to_ticket: Times
    #: By integration: opened, and given up.
    creations: Mapping[str, tuple[int, int]]
    kept: Mapping[ClockKind, Mapping[str, Kept]]
    acknowledge: Mapping[str, Times]
    #: To the first resolving; and to the last, of tickets that were opened again.
    resolve: Mapping[str, Times]
    resolve_in_all: Mapping[str, Times]
    escalations: Sequence[Told]
    escalated: int
    #: By person's name ("" for nobody's): the share of the clocks' time (wall clock) that was paused.
    paused: Mapping[str, float]
    paused_in_all: float | None

    @property
    def creation_success(self) -> float | None:
        opened = sum(one for one, _ in self.creations.values())
        tried = opened + sum(dead for _, dead in self.creations.values())
        return opened / tried if tried else None

    def kept_in_all(self, clock: ClockKind) -> Kept:
        every = self.kept[clock].values()
        names = ("met", "missed", "violated", "running", "paused", "intake", "cancelled")
        return Kept(**{name: sum(getattr(one, name) for one in every) for name in names})


def times_of(found: store.Lengths | None) -> Times:
    if found is None:
        return Times(0, None, None, None)
    mean = round(found.total / found.number)
    lengths = (timedelta(microseconds=one) for one in (mean, found.median, found.p95))
    return Times(found.number, *lengths)


def _by_priority(found: Sequence[store.Lengths]) -> Mapping[str, Times]:
    by_name = {one.priority: one for one in found}
    return {one.value: times_of(by_name.get(one.value)) for one in Priority}


def _kept(cycles: Sequence[store.Cycles]) -> Kept:
    by_state: Counter[str] = Counter()
    for one in cycles:
        by_state[one.state] += one.cycles
    return Kept(
        met=by_state[SlaState.MET],
        missed=by_state[SlaState.MISSED],
        violated=by_state[store.VIOLATED_CYCLE],
        running=by_state[store.RUNNING_CYCLE],
        paused=by_state[SlaState.PAUSED],
        intake=by_state[SlaState.INTAKE],
        cancelled=by_state[SlaState.CANCELLED],
    )


def _per_day(opened: Sequence[store.Opened], zone: tzinfo) -> Mapping[date, Mapping[str, int]]:
    days: dict[date, Counter[str]] = {}
    for one in sorted(opened):
        day = datetime.fromtimestamp(one.quarter * 900, UTC).astimezone(zone).date()
        days.setdefault(day, Counter())[one.priority] += one.tickets
    return days


def _creations(rows: Sequence[tuple[str, str, int]]) -> Mapping[str, tuple[int, int]]:
    found: dict[str, Counter[str]] = {}
    for integration, state, number in rows:
        found.setdefault(integration, Counter())[state] += number
    return {
        integration: (states[DeliveryState.DELIVERED], states[DeliveryState.DEAD])
        for integration, states in found.items()
    }


def _paused(waited: Sequence[store.Waited], names: Mapping[str, str]) -> Mapping[str, float]:
    """Namesakes are told apart by their ids."""
    shared = Counter(names.get(one.owner, one.owner) for one in waited)
    found = {}
    for one in waited:
        name = names.get(one.owner, one.owner)
        if one.lasted:
            found[name if shared[name] == 1 else f"{name} ({one.owner})"] = one.paused / one.lasted
    return found


@while_unchanged
def read_figures(chosen: FigureFilter, *, zone: tzinfo = UTC) -> Figures:
    """`zone`: where a day begins. The filter's severities are set from its priorities."""
    severities = tuple(
        severity.value
        for severity, priority in PRIORITY_BY_SEVERITY.items()
        if priority.value in chosen.priorities
    )
    chosen = FigureFilter(
        chosen.since, chosen.until, chosen.priorities, severities, chosen.source, chosen.owners
    )
    with read_session() as session:
        opened = store.count_opened(session, chosen)
        cycles = store.count_cycles(session, chosen)
        names = {one.id: one.name for one in list_people(session, active_only=False)}
        waited = store.sum_waited(session, chosen, now=clock.now())
        lasted = sum(one.lasted for one in waited)
        return Figures(
            tickets=sum(one.tickets for one in opened),
            per_day=_per_day(opened, zone),
            log_to_ticket=times_of(store.log_to_ticket(session, chosen)),
            creations=_creations(store.count_creations(session, chosen, actions=(OPENS,))),
            kept={
                clock: {
                    one.value: _kept([c for c in cycles if (c.clock, c.priority) == (clock, one.value)])
                    for one in Priority
                }
                for clock in ClockKind
            },
            acknowledge=_by_priority(store.first_times(session, chosen, clock=ClockKind.RESPONSE)),
            resolve=_by_priority(store.first_times(session, chosen, clock=ClockKind.RESOLUTION)),
            resolve_in_all=_by_priority(store.total_times(session, chosen)),
            escalations=store.count_told(session, chosen),
            escalated=store.count_escalated(session, chosen),
            paused=_paused(waited, names),
            paused_in_all=sum(one.paused for one in waited) / lasted if lasted else None,
        )


@while_unchanged
def read_sources() -> Sequence[str]:
    """Where the logs of ticketed incidents came from."""
    with read_session() as session:
        return store.list_sources(session)


@while_unchanged
def read_apis() -> Mapping[str, IntegrationHealth]:
    """Every integration that something was sent to in the last 24 h: response times, errors, uptime."""
    every = read_every_health(tuple(KINDS))
    return {kind: one for kind, one in every.items() if one.attempts}


def opens_tickets() -> Sequence[str]:
    return takers(OPENS)


@dataclass(frozen=True)
class Look:
    """What the Metrics page shows: of the tickets and of the vendors' APIs, as both were at a moment."""

    at: datetime
    figures: Figures
    apis: Mapping[str, IntegrationHealth]


@kept_for(timedelta(seconds=15))
def look_at_figures(chosen: FigureFilter, *, zone: tzinfo = UTC) -> Look:
    """For many who look at the same span again and again: counted every 15 s at most, and it says when."""
    return Look(clock.now(), read_figures(chosen, zone=zone), read_apis())


@kept_for(STALE)
def kept_figures() -> Figures:
    """Of all tickets there ever were, for a program that asks again and again; at most STALE old."""
    return read_figures(FigureFilter())
