"""What is asked of SLA policies and clocks, and what is answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints, model_validator

from soc.api.lists import Answer, Listed, MomentOrUtc
from soc.domain.severity import Priority
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import (
    DEFAULT_POLICY,
    GUIDE_POLICY,
    Match,
    Reopening,
    Start,
    Target,
    WorkingTime,
)
from soc.sla import policies
from soc.sla.holding import LONGEST_PAUSE

_EXAMPLE = GUIDE_POLICY.model_dump(mode="json", exclude={"id"})
_Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class PolicyRequest(BaseModel):
    """A policy as it is to be from now on."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{**_EXAMPLE, "expected_version": 1}]}
    )

    title: _Line
    match: Match = Field(default=Match(), description="Which tickets it is for; an empty list takes all.")
    targets: dict[Priority, Target] = Field(
        description="Minutes by priority: every one that the policy may meet.", examples=[_EXAMPLE["targets"]]
    )
    start: Start = Start.DETECTED
    reopening: Reopening = Reopening.NEW_TIME
    pauses_in: list[_Line] = Field(
        default=[], max_length=50, description="Statuses in which its clocks wait."
    )
    time: WorkingTime = Field(default=WorkingTime(), description="Which time counts.")
    expected_version: StrictInt | None = Field(
        default=None,
        ge=0,
        le=2**31 - 1,
        description="The version you looked at (0: none). Another by now: 409.",
    )
    apply_to_open: StrictBool = Field(
        default=False, description="Also for the tickets that are open and that it takes, from now on."
    )


class PolicyPreviewRequest(PolicyRequest):
    """A policy to try, at its place among the others."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] = DEFAULT_POLICY


class PolicyAnswer(Answer):
    """A policy in force. They are asked in their order, the first that takes a ticket wins, the default is the last."""

    id: str = Field(examples=[DEFAULT_POLICY])
    version: int = Field(examples=[1])
    title: str = Field(examples=["Default"])
    match: Match
    targets: dict[Priority, Target] = Field(examples=[_EXAMPLE["targets"]])
    start: Start
    reopening: Reopening
    pauses_in: list[str]
    time: WorkingTime = Field(examples=[_EXAMPLE["time"]])


class PolicyList(Listed[PolicyAnswer]):
    """Every policy in force, in the order in which they are asked."""


class PolicyOrder(BaseModel):
    """Every policy's id, in the order in which they are to be asked; the default stays the last."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"policy_ids": [DEFAULT_POLICY]}]}
    )

    policy_ids: list[Annotated[str, StringConstraints(max_length=40)]] = Field(max_length=policies.MOST)


class PolicyVersion(Answer):
    """A version of a policy. None is ever changed: tickets are stamped with it."""

    version: int = Field(examples=[1])
    made_at: datetime = Field(examples=["2026-01-14T22:03:14Z"])
    made_by: str = Field(examples=["system:defaults@itself"])
    policy: PolicyAnswer


class PolicyVersions(BaseModel):
    """Every version, the newest first."""

    items: list[PolicyVersion]


class MovedClock(Answer):
    """A clock that would end at another time."""

    ticket: str = Field(examples=["SOC-123"])
    ticket_id: int = Field(examples=[7])
    clock: ClockKind
    priority: str = Field(examples=["High"])
    policy: str = Field(description="The policy that it follows today.", examples=[DEFAULT_POLICY])
    today: datetime = Field(examples=["2026-01-14T23:03:14Z"])
    then: datetime = Field(examples=["2026-01-14T22:33:14Z"])


class PolicyPreview(Answer):
    """What the policy would mean for the tickets that are open. Nothing is changed."""

    sentence: str = Field(examples=["No ticket is open: the policy would meet new tickets only."])
    open: int = Field(examples=[0])
    taken: int = Field(description="How many of the open tickets it takes.", examples=[0])
    violated_today: int = Field(examples=[0])
    violated_then: int = Field(examples=[0])
    moved: list[MovedClock] = Field(description="The clocks that move most, at most 200.")


class Clock(Answer):
    """One cycle of one clock of a ticket."""

    clock: ClockKind
    cycle: int = Field(examples=[1])
    state: SlaState
    policy: str = Field(examples=[DEFAULT_POLICY])
    version: int = Field(examples=[1])
    priority: str = Field(examples=["High"])
    target_seconds: int = Field(description="Working time that it has.", examples=[14400])
    used_seconds: int = Field(description="Working time that is used.", examples=[5400])
    paused_seconds: int = Field(description="How long it waited.", examples=[0])
    started_at: datetime = Field(examples=["2026-01-14T22:03:14Z"])
    counts_from: datetime | None = Field(
        description="Where it started outside working hours: when it began to count.", examples=[None]
    )
    due_at: datetime = Field(examples=["2026-01-15T02:03:14Z"])
    at_risk_at: datetime = Field(examples=["2026-01-15T00:03:14Z"])
    breached_at: datetime | None = Field(examples=[None])
    ended_at: datetime | None = Field(examples=[None])
    ended_by: str = Field(description="Who ended it.", examples=[""])
    chance: float | None = Field(
        default=None, description="That it runs out, by its like; null: no forecast.", examples=[0.31]
    )


class Clocks(Answer):
    """A ticket's clocks, every cycle of them, and why they stand where they do."""

    ticket_id: int = Field(examples=[7])
    clocks: list[Clock]
    sentences: list[str] = Field(examples=[["The response clock: on track. 1 h 30 min of 4 h used."]])
    first_resolution_seconds: int | None = Field(
        description="From the start until it was first done.", examples=[None]
    )
    total_resolution_seconds: int | None = Field(
        description="From the start until it was last done; none while it is open.", examples=[None]
    )


class PauseRequest(BaseModel):
    """Why the clocks wait, and until when or for how many hours at most: one of the two."""

    model_config = ConfigDict(
        extra="forbid",
        # hours: an example with a moment would be over one day
        json_schema_extra={"examples": [{"reason": "The bank answers tomorrow.", "hours": 24}]},
    )

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")
    ]
    until: MomentOrUtc | None = Field(default=None, description="At most 90 days ahead; without a zone: UTC.")
    hours: StrictInt | None = Field(
        default=None, ge=1, le=LONGEST_PAUSE // timedelta(hours=1), description="Instead of `until`."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.until is None) == (self.hours is None):
            raise ValueError("give `until` or `hours`, one of the two")
        return self


class RecomputeRequest(BaseModel):
    """`dry_run` shows and changes nothing."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"dry_run": True}]})

    dry_run: StrictBool = True


class DifferenceAnswer(Answer):
    """What is kept of a clock is not what its rows add up to."""

    ticket: str = Field(examples=["SOC-123"])
    ticket_id: int = Field(examples=[7])
    clock: str = Field(examples=["response"])
    cycle: int = Field(examples=[1])
    field: str = Field(examples=["due_at"])
    kept: str = Field(examples=["2026-01-14 23:03:14+00:00"])
    folded: str = Field(examples=["2026-01-14 23:33:14+00:00"])


class Differences(BaseModel):
    """Empty where everything agrees."""

    dry_run: bool = Field(examples=[True])
    items: list[DifferenceAnswer]
