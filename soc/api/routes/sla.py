"""SLA policies, and the clocks of tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints
from sqlmodel import Session

from soc import clock
from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.lists import Answer
from soc.api.scopes import needs
from soc.domain.severity import Priority
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import (
    DEFAULT_POLICY,
    GUIDE_POLICY,
    Match,
    Policy,
    Reopening,
    Start,
    Target,
    WorkingTime,
)
from soc.errors import Conflict
from soc.sla import holding, policies, reading
from soc.sla.explain import explain_ticket, recompute
from soc.sla.preview import preview_policy
from soc.store.db import read_session, write_session
from soc.store.nouns.sla_policies import get_in_force, list_in_force, list_versions
from soc.store.nouns.tickets import get_ticket

router = APIRouter(tags=["sla"])
_Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
_PolicyId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
_EXAMPLE = GUIDE_POLICY.model_dump(mode="json", exclude={"id"})


class PolicyRequest(BaseModel):
    """A policy as it is to be from now on."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{**_EXAMPLE, "expected_version": 1}]}
    )

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    match: Match = Field(default=Match(), description="Which tickets it is for; an empty list takes all.")
    targets: dict[Priority, Target] = Field(
        description="Minutes by priority: every one that the policy may meet.", examples=[_EXAMPLE["targets"]]
    )
    start: Start = Start.DETECTED
    reopening: Reopening = Reopening.NEW_TIME
    pauses_in: list[Annotated[str, StringConstraints(min_length=1, max_length=80)]] = Field(
        default=[], max_length=50, description="Statuses in which its clocks wait."
    )
    time: WorkingTime = Field(default=WorkingTime(), description="Which time counts.")
    expected_version: StrictInt | None = Field(
        default=None, ge=0, description="The version you looked at (0: none). Another by now: 409."
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


class PolicyList(BaseModel):
    """Every policy in force, in the order in which they are asked."""

    items: list[PolicyAnswer]


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
    """Why the clocks wait, and until when at the latest."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"reason": "The bank answers tomorrow.", "until": "2030-01-15T09:00:00Z"}]
        },
    )

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")
    ]
    until: datetime = Field(description="At most 90 days ahead; without a zone: UTC.")


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


def _shown(policy: Policy, version: int) -> PolicyAnswer:
    return PolicyAnswer.model_validate({**policy.model_dump(), "version": version})


def _asked(data: PolicyRequest, policy_id: str) -> Policy:
    named = data.model_dump(mode="json", exclude={"expected_version", "apply_to_open", "id"})
    return policies.read_policy({**named, "id": policy_id})


@router.get("/sla/policies", dependencies=[needs(Scope.READ)], summary="SLA policies in their order")
def list_sla_policies() -> PolicyList:
    """The first that takes a ticket wins."""
    with read_session() as session:
        return PolicyList(items=[_shown(*one) for one in list_in_force(session)])


@router.post(
    "/sla/policies/preview", dependencies=[needs(Scope.ACT)], summary="What an SLA policy would mean"
)
def preview_sla_policy(data: PolicyPreviewRequest) -> PolicyPreview:
    """For the tickets that are open now. Nothing is changed."""
    with read_session() as session:
        found = preview_policy(session, policies.with_holidays(_asked(data, data.id)))
    return PolicyPreview.model_validate(found, from_attributes=True)


@router.post(
    "/sla/policies/order", dependencies=[needs(Scope.ADMIN)], summary="Ask the policies in another order"
)
def order_sla_policies(data: PolicyOrder, request: Request, once: Asked) -> PolicyList:
    """Names every policy once."""
    with write_session() as session:
        if once is None or once.claim(session) is None:
            policies.order_policies(session, data.policy_ids, actor=actor_of(request))
        return PolicyList(items=[_shown(*one) for one in list_in_force(session)])


@router.get("/sla/policies/{policy_id}", dependencies=[needs(Scope.READ)], summary="One SLA policy")
def get_sla_policy(policy_id: _PolicyId) -> PolicyAnswer:
    """The version in force."""
    with read_session() as session:
        return _shown(*get_in_force(session, policy_id))


@router.get(
    "/sla/policies/{policy_id}/versions",
    dependencies=[needs(Scope.READ)],
    summary="Versions of an SLA policy",
)
def list_sla_policy_versions(policy_id: _PolicyId) -> PolicyVersions:
    """Every one that ever was."""
    with read_session() as session:
        rows = list_versions(session, policy_id)
        if not rows:
            get_in_force(session, policy_id)
        return PolicyVersions(
            items=[
                PolicyVersion(
                    version=row.version,
                    made_at=row.made_at,
                    made_by=row.made_by,
                    policy=PolicyAnswer.model_validate({**row.body, "version": row.version}),
                )
                for row in rows
            ]
        )


@router.put("/sla/policies/{policy_id}", dependencies=[needs(Scope.ADMIN)], summary="Save an SLA policy")
def save_sla_policy(policy_id: _PolicyId, data: PolicyRequest, request: Request) -> PolicyAnswer:
    """A new version of it; tickets that are open keep theirs unless `apply_to_open`."""
    with write_session() as session:
        policies.save_policy(
            session,
            _asked(data, policy_id),
            actor=actor_of(request),
            expected=data.expected_version,
            apply_to_open=data.apply_to_open,
        )
        return _shown(*get_in_force(session, policy_id))


@router.delete(
    "/sla/policies/{policy_id}",
    dependencies=[needs(Scope.ADMIN)],
    status_code=204,
    summary="Take an SLA policy away",
)
def remove_sla_policy(policy_id: _PolicyId, request: Request) -> None:
    """Tickets that have it keep it."""
    with write_session() as session:
        policies.remove_policy(session, policy_id, actor=actor_of(request))


@router.post(
    "/sla/recompute", dependencies=[needs(Scope.ADMIN)], summary="Compare the clocks with their rows"
)
def recompute_clocks(data: RecomputeRequest) -> Differences:
    """What is kept of each clock against what its rows add up to. A repair adds rows and overwrites none."""
    found = recompute(dry_run=data.dry_run)
    return Differences(
        dry_run=data.dry_run,
        items=[DifferenceAnswer.model_validate(one, from_attributes=True) for one in found],
    )


def _clocks(session: Session, ticket_id: int) -> Clocks:
    ticket, now = get_ticket(session, ticket_id), clock.now()
    found = reading.read_cycles(session, [ticket_id], now=now).get(ticket_id, [])
    first, total = reading.resolution_times(found)
    return Clocks(
        ticket_id=ticket_id,
        clocks=[Clock.model_validate(one, from_attributes=True) for one in found],
        sentences=explain_ticket(session, ticket),
        first_resolution_seconds=first,
        total_resolution_seconds=total,
    )


@router.get("/tickets/{ticket_id}/clocks", dependencies=[needs(Scope.READ)], summary="A ticket's SLA clocks")
def get_ticket_clocks(ticket_id: _Number) -> Clocks:
    """Every cycle of its response and its resolution clock, explained sentence by sentence."""
    with read_session() as session:
        return _clocks(session, ticket_id)


@router.post(
    "/tickets/{ticket_id}/clocks/pause", dependencies=[needs(Scope.ACT)], summary="Pause a ticket's clocks"
)
def pause_ticket_clocks(ticket_id: _Number, data: PauseRequest, request: Request, once: Asked) -> Clocks:
    """By hand, with a reason and an end. A clock that has run out stays violated. 409: none runs."""
    until = data.until if data.until.tzinfo else data.until.replace(tzinfo=clock.now().tzinfo)
    with write_session() as session:
        if once is None or once.claim(session) is None:
            holding.pause_by_hand(
                session,
                get_ticket(session, ticket_id),
                actor=actor_of(request),
                reason=data.reason,
                until=until,
            )
        return _clocks(session, ticket_id)


@router.post(
    "/tickets/{ticket_id}/clocks/resume", dependencies=[needs(Scope.ACT)], summary="Resume a ticket's clocks"
)
def resume_ticket_clocks(ticket_id: _Number, request: Request, once: Asked) -> Clocks:
    """What was paused by hand goes on. 409: nothing was."""
    with write_session() as session:
        if once is None or once.claim(session) is None:
            ticket = get_ticket(session, ticket_id)
            if not holding.resume_by_hand(session, ticket, actor=actor_of(request)):
                raise Conflict(
                    "No clock of this ticket is paused by hand.",
                    hint="A status that pauses ends when it is left.",
                )
        return _clocks(session, ticket_id)
