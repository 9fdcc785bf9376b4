"""The forecast of the open tickets' clocks, and whether those at risk can still be saved."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from soc.access.scopes import Scope
from soc.api.lists import Answer
from soc.api.scopes import needs
from soc.domain.sla.event import ClockKind
from soc.metrics.forecast import AtRisk, read_at_risk, read_expected, read_memory

router = APIRouter(tags=["sla"])


class ClockForecast(Answer):
    """Of one kind of clock, from its own history. Scores are Brier scores: 0 is perfect, 0.25 a coin."""

    closed: int = Field(description="Closed tickets behind it; 50 are needed.", examples=[212])
    said: str = Field(description="Why there is none; empty: there is.", examples=[""])
    base_rate: float | None = Field(description="Share of those before that ran out.", examples=[0.12])
    scored: int = Field(description="Forecasts that were compared with what came.", examples=[380])
    brier: float | None = Field(
        description="Of past forecasts, each from what was known then.", examples=[0.081]
    )
    base_brier: float | None = Field(description="Of saying the base rate each time.", examples=[0.104])
    running: int = Field(description="Clocks that have not run out yet.", examples=[17])
    expected_breaches: float | None = Field(description="How many of these will.", examples=[2.4])


class SavingAnswer(Answer):
    """A ticket whose half of time is used, and whether it can still be saved."""

    ticket_id: int = Field(examples=[7])
    ticket: str = Field(examples=["SOC-123"])
    priority: str = Field(examples=["High"])
    clock: ClockKind
    left_seconds: int = Field(description="Working time that is left.", examples=[4800])
    chance: float | None = Field(description="That it runs out; null: no forecast yet.", examples=[0.31])
    typical_seconds: int | None = Field(
        description="What the work usually still takes; null: not known, or only an answer is needed.",
        examples=[2400],
    )
    fits: bool | None = Field(description="Whether that fits into what is left.", examples=[True])
    free: list[str] = Field(
        description="Who is on duty and holds fewer than 12 tickets.", examples=[["Ana", "Lea"]]
    )
    can_be_saved: bool = Field(examples=[True])
    words: str = Field(examples=["can still be saved: 1 h 20 min left to answer; Ana and Lea are free"])


class ForecastAnswer(Answer):
    """By clock; then the tickets at risk, the next to run out first, at most 20."""

    clocks: dict[str, ClockForecast] = Field(description="By clock: response and resolution.")
    at_risk: list[SavingAnswer]


@router.get(
    "/sla/forecast", dependencies=[needs(Scope.READ)], summary="How likely open tickets run out of time"
)
def read_forecast() -> ForecastAnswer:
    """What was learnt is at most a minute old. How it is made: docs/sla.md."""
    memory, expected = read_memory(), read_expected()
    clocks = {}
    for kind, one in memory.learnt.items():
        clocks[kind.value] = ClockForecast(
            closed=one.closed,
            said=one.said,
            base_rate=one.history.base_rate,
            scored=one.score.number if one.score else 0,
            brier=one.score.brier if one.score else None,
            base_brier=one.score.base_brier if one.score else None,
            running=expected[kind].running,
            expected_breaches=expected[kind].breaches,
        )
    return ForecastAnswer(clocks=clocks, at_risk=[_shown(one) for one in read_at_risk()])


def _shown(one: AtRisk) -> SavingAnswer:
    saving = one.saving
    return SavingAnswer(
        ticket_id=one.ticket.id or 0,
        ticket=one.ticket.key,
        priority=one.ticket.priority,
        clock=saving.clock,
        left_seconds=int(saving.left.total_seconds()),
        chance=one.chance,
        typical_seconds=None if saving.typical is None else int(saving.typical.total_seconds()),
        fits=saving.fits,
        free=list(saving.free),
        can_be_saved=saving.can,
        words=saving.words,
    )
