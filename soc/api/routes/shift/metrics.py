"""The figures that the setup guide names, as the Metrics page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Query
from pydantic import Field

from soc.access.scopes import Scope
from soc.api.inputs import OwnerFilter, PriorityFilter, TeamFilter, TextFilter
from soc.api.lists import SOME_KIND, Answer, Since, Until
from soc.api.scopes import needs
from soc.errors import ConfigurationError
from soc.metrics.figures import Figures, Kept, Times, read_apis, read_figures
from soc.metrics.health import IntegrationHealth
from soc.store.db import read_session
from soc.store.nouns.combined.figures import FigureFilter
from soc.tickets.whose import owners_named

router = APIRouter(tags=["health"])
_Zone = Annotated[
    str,
    Query(max_length=64, description="The time zone in which a day begins.", examples=["Europe/Berlin"]),
]


class TimesTaken(Answer):
    """In seconds; percentiles are nearest rank. Null where nothing is measured."""

    number: int = Field(examples=[41])
    mean: float | None = Field(examples=[1830.5])
    median: float | None = Field(examples=[900.0])
    p95: float | None = Field(examples=[7200.0])


class CyclesKept(Answer):
    """Cycles of a clock. `within` is met ÷ (met + missed + violated); `intake` had run out before anybody could have known."""

    met: int = Field(examples=[38])
    missed: int = Field(examples=[2])
    violated: int = Field(examples=[1])
    running: int = Field(examples=[5])
    paused: int = Field(examples=[0])
    intake: int = Field(examples=[0])
    cancelled: int = Field(examples=[0])
    within: float | None = Field(examples=[0.927])


class Creations(Answer):
    """Tickets that were opened, and those that never will be."""

    delivered: int = Field(examples=[46])
    dead: int = Field(examples=[0])


class Escalated(Answer):
    """How often a step was told, and about how many tickets."""

    title: str = Field(examples=["50 % of the time is used"])
    steps: int = Field(examples=[3])
    tickets: int = Field(examples=[3])


class ApiTimes(Answer):
    """How an integration answered in the last 24 h. Ratios are 0–1, response times in seconds by quantile."""

    attempts: int = Field(examples=[120])
    success_rate: float | None = Field(examples=[0.99])
    uptime: float | None = Field(examples=[1.0])
    response_seconds: dict[str, float] = Field(examples=[{"0.5": 0.21, "0.95": 0.8, "0.99": 1.4}])
    errors: dict[str, int] = Field(examples=[{"timeout": 1}])


class FiguresAnswer(Answer):
    """Of the tickets that were opened in the span; `apis` are of the last 24 h."""

    tickets: int = Field(examples=[46])
    tickets_per_day: dict[str, dict[str, int]] = Field(examples=[{"2026-01-14": {"Highest": 4, "High": 9}}])
    log_to_ticket: TimesTaken
    creations: dict[str, Creations] = Field(examples=[{SOME_KIND: {"delivered": 46, "dead": 0}}])
    creation_success: float | None = Field(examples=[1.0])
    sla: dict[str, dict[str, CyclesKept]] = Field(description="By clock, then by priority.")
    acknowledge: dict[str, TimesTaken]
    resolve: dict[str, TimesTaken] = Field(description="To the first resolving, by priority.")
    resolve_in_all: dict[str, TimesTaken] = Field(
        description="From the opening to the last resolving, by priority."
    )
    escalations: list[Escalated]
    escalated_tickets: int = Field(examples=[3])
    paused_share: dict[str, float] = Field(
        description="By person: the share of the clocks' time (wall clock) that was paused."
    )
    apis: dict[str, ApiTimes]


@router.get("/metrics", dependencies=[needs(Scope.READ)], summary="The guide's figures")
def read_metrics(
    since: Since = None,
    until: Until = None,
    priority: PriorityFilter = "",
    source: TextFilter = "",
    owner: OwnerFilter = "",
    team: TeamFilter = "",
    zone: _Zone = "UTC",
) -> FiguresAnswer:
    """`since` and `until` bound when tickets were opened. How each figure is counted: docs/metrics.md."""
    with read_session() as session:
        owners = owners_named(session, owner, team)
    chosen = FigureFilter(since, until, (priority,) if priority else (), (), source, owners)
    return shown_figures(read_figures(chosen, zone=zone_named(zone)), read_apis())


def zone_named(name: str) -> tzinfo:
    """Raises ConfigurationError for a zone that there is not."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigurationError(
            f"There is no time zone “{name[:64]}”.", hint="Name one as Europe/Berlin or UTC."
        ) from None


def shown_figures(found: Figures, apis: Mapping[str, IntegrationHealth]) -> FiguresAnswer:
    return FiguresAnswer(
        tickets=found.tickets,
        tickets_per_day={day.isoformat(): dict(numbers) for day, numbers in found.per_day.items()},
        log_to_ticket=_times(found.log_to_ticket),
        creations={kind: Creations(delivered=one, dead=dead) for kind, (one, dead) in found.creations.items()},
        creation_success=found.creation_success,
        sla={
            clock.value: {priority: _kept(kept) for priority, kept in every.items()}
            for clock, every in found.kept.items()
        },
        acknowledge=_each(found.acknowledge),
        resolve=_each(found.resolve),
        resolve_in_all=_each(found.resolve_in_all),
        escalations=[Escalated(title=one.title, steps=one.steps, tickets=one.tickets) for one in found.escalations],
        escalated_tickets=found.escalated,
        paused_share=dict(found.paused),
        apis={
            kind: ApiTimes(
                attempts=one.attempts, success_rate=one.success_rate, uptime=one.uptime, errors=dict(one.errors),
                response_seconds={str(quantile): seconds for quantile, seconds in one.latency.items()},
            )
            for kind, one in apis.items()
        },
    )  # fmt: skip


def _each(times: Mapping[str, Times]) -> dict[str, TimesTaken]:
    return {priority: _times(one) for priority, one in times.items()}


def _times(one: Times) -> TimesTaken:
    return TimesTaken(
        number=one.number, mean=_seconds(one.mean), median=_seconds(one.median), p95=_seconds(one.p95)
    )


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _kept(one: Kept) -> CyclesKept:
    return CyclesKept.model_validate(one)
