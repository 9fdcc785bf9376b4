"""Escalation: chains, who would be told when, where they have holes, what is coming and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictInt

from soc import clock
from soc.access.scopes import Scope
from soc.api.asked_once import Asked, answer_once
from soc.api.guard import actor_of
from soc.api.inputs import Limit, RowId
from soc.api.lists import Answer, Moment
from soc.api.scopes import needs
from soc.domain.escalation.chain import Chain as DomainChain
from soc.domain.escalation.chain import check_chain
from soc.domain.severity import Priority
from soc.escalation import calling_off  # noqa: F401 - acts of this process stop what is planned
from soc.escalation import chains as changing
from soc.escalation.carriers import titles
from soc.escalation.heartbeat import oldest_due
from soc.escalation.preview import find_holes, preview_chain
from soc.store.db import read_session, write_session
from soc.store.nouns.escalation.chains import get_chain
from soc.store.nouns.escalation.escalation_clock import read_tick
from soc.store.nouns.escalation.escalations import list_coming, list_settled, list_steps

router = APIRouter(prefix="/escalation", tags=["escalation"])
_CHAIN: dict[str, JsonValue] = {
    "name": "Night",
    "priorities": ["Highest"],
    "steps": [
        {"title": "Lead", "share": 50, "tell": [{"kind": "role", "id": "lead"}], "channels": [next(iter(titles()))]}
    ],
    "ack_minutes": {"Highest": 30},
}  # fmt: skip


class ChainRequest(BaseModel):
    """A chain: see docs/escalation.md for its fields."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [_CHAIN]})

    name: str = Field(min_length=1, max_length=120)
    steps: list[dict[str, Any]] = Field(min_length=1, max_length=20)


class ChainPreviewRequest(BaseModel):
    """Which chain (by id, or written here), for which priority, opened when."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"chain_id": "guide", "priority": "Highest"}]}
    )

    chain_id: str = Field(default="", max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
    chain: dict[str, Any] | None = None
    priority: Priority = Priority.HIGHEST
    opened: Moment | None = None


class Chains(BaseModel):
    """In the order in which they are asked; the first that takes a ticket's priority is the ticket's."""

    items: list[DomainChain]
    channels: dict[str, str] = Field(description="The channels there are, with their titles.")


class Telling(Answer):
    """A step as it would go."""

    at: datetime
    step: StrictInt = Field(description="Counted from 0.")
    title: str
    loop: int
    told: list[str] = Field(description="Names with their channels.")
    missed: list[str] = Field(description="Who would not be reached, and why.")
    instead: bool = Field(description="The fallback would be told.")
    does: str


class Tellings(BaseModel):
    items: list[Telling]


class Hole(Answer):
    """A time at which a step reaches nobody whom it names."""

    chain: str
    step: int
    title: str
    start: datetime
    end: datetime
    covered: bool = Field(description="The fallback would be told.")
    why: list[str]


class Holes(BaseModel):
    items: list[Hole]


class StepOfTicket(Answer):
    """A step of a ticket, and what became of it."""

    ticket_id: int
    cycle: int
    chain_id: str
    chain_version: int
    step: int
    loop: int
    title: str
    due_at: datetime | None
    state: str = Field(examples=["planned", "stopped", "told", "skipped", "cancelled"])
    why: str
    settled_at: datetime | None


class Steps(BaseModel):
    items: list[StepOfTicket]


class ClockState(BaseModel):
    """Whether the escalation's clock runs, and whether a step is late."""

    ticked_at: datetime | None
    oldest_due_seconds: float
    heartbeat_at: datetime | None
    heartbeat_trouble: str


@router.get("", dependencies=[needs(Scope.READ)], summary="Whether the escalation's clock runs")
def show_escalation_clock() -> ClockState:
    """It ticks every 20 seconds in one of the engines."""
    with read_session() as session:
        tick = read_tick(session)
    return ClockState(
        ticked_at=tick.at if tick else None,
        oldest_due_seconds=oldest_due().total_seconds(),
        heartbeat_at=tick.beat_at if tick else None,
        heartbeat_trouble=tick.trouble if tick else "",
    )


@router.get("/chains", dependencies=[needs(Scope.READ)], summary="The chains")
def list_chains() -> Chains:
    """A change is a new version, for tickets that open from then on."""
    with read_session() as session:
        return Chains(items=changing.read_chains(session), channels=dict(titles()))


@router.post("/chains", dependencies=[needs(Scope.LEAD)], status_code=201, summary="Add a chain")
def create_chain(data: ChainRequest, request: Request, once: Asked) -> DomainChain:
    """It is asked after the others."""
    chain = changing.read_chain(data.model_dump())
    with write_session() as session:
        actor, now = actor_of(request), clock.now()
        return answer_once(
            session, once, lambda: changing.add_chain(session, chain, actor=actor, now=now), DomainChain
        )


@router.put("/chains/{chain_id}", dependencies=[needs(Scope.LEAD)], summary="Replace a chain")
def update_chain(chain_id: RowId, data: ChainRequest, request: Request) -> DomainChain:
    """Tickets that were planned with an earlier version go on by it."""
    chain = changing.read_chain(data.model_dump(), chain_id=chain_id)
    with write_session() as session:
        return changing.replace_chain(session, chain, actor=actor_of(request), now=clock.now())


class ChainPlace(BaseModel):
    """Counted from 1; beyond the last means last."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"place": 1}]})

    place: StrictInt = Field(ge=1, le=10_000)


@router.post(
    "/chains/{chain_id}/move", dependencies=[needs(Scope.LEAD)], summary="Ask a chain earlier or later"
)
def move_chain(chain_id: RowId, data: ChainPlace, request: Request, once: Asked) -> Chains:
    """The first that takes a ticket's priority is the ticket's."""
    with write_session() as session:
        if once is None or once.claim(session) is None:
            changing.place_chain(session, chain_id, data.place, actor=actor_of(request), now=clock.now())
    return list_chains()


@router.delete(
    "/chains/{chain_id}", dependencies=[needs(Scope.LEAD)], status_code=204, summary="Take a chain away"
)
def delete_chain(chain_id: RowId, request: Request) -> None:
    """Tickets that were planned with it go on by it."""
    with write_session() as session:
        changing.remove_chain(session, chain_id, actor=actor_of(request), now=clock.now())


@router.post("/preview", dependencies=[needs(Scope.ACT)], summary="Who would be told when")
def preview_escalation(data: ChainPreviewRequest) -> Tellings:
    """If a ticket of that priority opened then (now, unless said) and nobody answered. Nobody is told."""
    with read_session() as session:
        if data.chain is not None:
            chain = check_chain(changing.read_chain(data.chain), channels=titles())
        elif data.chain_id:
            chain = get_chain(session, data.chain_id)
        else:
            chain = changing.read_chains(session)[0]
        found = preview_chain(session, chain, data.priority, opened=data.opened or clock.now())
    return Tellings(items=[Telling.model_validate(one) for one in found])


@router.get("/holes", dependencies=[needs(Scope.READ)], summary="Where the chains have holes")
def list_holes() -> Holes:
    """Every chain is walked for every hour of the next 14 days, and for every moment at which a shift or an absence begins or ends."""
    with read_session() as session:
        return Holes(items=[Hole.model_validate(one) for one in find_holes(session, now=clock.now())])


@router.get("/coming", dependencies=[needs(Scope.READ)], summary="What is planned")
def list_coming_steps(limit: Limit = 50) -> Steps:
    """The soonest first."""
    with read_session() as session:
        return Steps(items=[StepOfTicket.model_validate(row) for row in list_coming(session, limit=limit)])


@router.get("/settled", dependencies=[needs(Scope.READ)], summary="What became of steps")
def list_settled_steps(limit: Limit = 50) -> Steps:
    """The last first."""
    with read_session() as session:
        return Steps(items=[StepOfTicket.model_validate(row) for row in list_settled(session, limit=limit)])


@router.get("/tickets/{ticket_id}", dependencies=[needs(Scope.READ)], summary="A ticket's escalation")
def show_ticket_escalation(ticket_id: int) -> Steps:
    """Every step of every cycle."""
    with read_session() as session:
        rows = list_steps(session, ticket_id) if 0 < ticket_id < 2**31 else []
        return Steps(items=[StepOfTicket.model_validate(row) for row in rows])
