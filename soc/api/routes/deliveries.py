"""Deliveries: what was told to whom, every attempt, and a replay of what was given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, computed_field

from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.inputs import (
    ActionFilter,
    BatchFilter,
    GivenId,
    KindFilter,
    Limit,
    Offset,
    OwnerFilter,
    RowId,
    StateFilter,
    TeamFilter,
)
from soc.api.lists import PAGE, SOME_KIND, Answer, Cursor, Listed, Since, Until, sorts_of
from soc.api.scopes import needs
from soc.delivery.export import about
from soc.delivery.export import export_deliveries as exported
from soc.delivery.replay import preview_replay_all, replay, replay_all
from soc.delivery.sealing import without_seals
from soc.domain.delivery import DeliveryState
from soc.domain.message import message_title
from soc.links import incident_url
from soc.store.db import read_session
from soc.store.nouns.deliveries.attempts import list_attempts
from soc.store.nouns.deliveries.deliveries import DELIVERY_SORTS, DeliveryFilter, page_deliveries
from soc.store.nouns.deliveries.deliveries import get_delivery as stored_delivery
from soc.tickets.whose import owners_named

router = APIRouter(tags=["deliveries"])
_Sort = Annotated[str, sorts_of(DELIVERY_SORTS)]


class Delivery(Answer):
    """One intended message and where it stands."""

    id: str = Field(examples=["dlv-0bqr4mj9p4g2"])
    key: str = Field(
        description="Its identity: planned once.", examples=[f"{SOME_KIND}:open_ticket:inc-0bqr4mj9p4g2"]
    )
    integration: str = Field(examples=[SOME_KIND])
    action: str = Field(examples=["open_ticket"])
    incident_id: str | None = Field(examples=["inc-0bqr4mj9p4g2"])
    batch_id: str | None = Field(examples=["bat-7k2m9q4x1c"])
    subject: str = Field(description="What it is about.", examples=["inc-0bqr4mj9p4g2"])
    state: DeliveryState
    practice: bool = Field(examples=[False])
    score: int = Field(examples=[9])
    try_number: int = Field(examples=[1])
    sends: int = Field(examples=[1])
    failures: int = Field(examples=[0])
    reconciled: int = Field(examples=[0])
    created_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])
    updated_at: datetime = Field(examples=["2026-01-14T22:03:14Z"])
    sent_at: datetime | None = Field(examples=["2026-01-14T22:03:13Z"])
    next_try_at: datetime | None = Field(examples=[None])
    delivered_at: datetime | None = Field(examples=["2026-01-14T22:03:14Z"])
    fallback_at: datetime | None = Field(examples=[None])
    receipt: dict[str, Any] = Field(
        description="What the vendor answered with.", examples=[{"remote_id": "10042", "key": "SOC-123"}]
    )
    open_end: bool = Field(description="The vendor is still at work on it.", examples=[False])
    reason: str = Field(examples=[""])
    http_status: int | None = Field(examples=[None])
    error: str = Field(examples=[""])
    hint: str = Field(examples=[""])
    trace_id: str = Field(description="The trace that it belongs to, or empty.", examples=[""])
    made_by: str = Field(description="Who planned it.", examples=["rule:severity-9@decision"])
    revived_by: str = Field(description="Who brought it back last, or empty.", examples=[""])

    @computed_field(  # type: ignore[prop-decorator]
        description=f"The incident. {PAGE}",
        examples=["https://soc.example/incidents?incident=inc-0bqr4mj9p4g2"],
    )
    @property
    def incident_url(self) -> str:
        return incident_url(self.incident_id)


class Attempt(Answer):
    """One try of a delivery."""

    number: int = Field(examples=[1])
    kind: str = Field(examples=["send"])
    executor: str = Field(description="The process.", examples=["host-1"])
    started_at: datetime = Field(examples=["2026-01-14T22:03:13Z"])
    finished_at: datetime | None = Field(examples=["2026-01-14T22:03:14Z"])
    outcome: str = Field(examples=["delivered"])
    reason: str = Field(examples=[""])
    http_status: int | None = Field(examples=[None])
    error: str = Field(examples=[""])
    hint: str = Field(examples=[""])
    trace_id: str = Field(description="The trace that it belongs to, or empty.", examples=[""])
    span_id: str = Field(description="Its span in that trace, or empty.", examples=[""])


class DeliveryDetail(Delivery):
    """A delivery with what is sent (sealed values masked) and every attempt."""

    payload: dict[str, Any] = Field(examples=[{"action": "open_ticket", "due": "2026-01-14"}])
    attempts: list[Attempt]


class DeliveryList(Listed[Delivery]):
    """A page of deliveries."""


class ReplayAllRequest(BaseModel):
    """Whose given up deliveries are tried again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"integration": SOME_KIND}]})

    integration: str = Field(min_length=1, max_length=40, examples=[SOME_KIND])


class WouldBeSent(Answer):
    """One message that would go out again."""

    id: str = Field(examples=["dlv-0bqr4mj9p4g2"])
    action: str = Field(examples=["open_ticket"])
    title: str = Field(description="The message in words.", examples=["open ticket"])
    about: str = Field(description="What it is about.", examples=["SSH guessing from 203.0.113.77"])
    incident_id: str | None = Field(examples=["inc-0bqr4mj9p4g2"])
    created_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])
    error: str = Field(description="Why it was given up.", examples=["It was refused: a field is missing."])
    looked_up: bool = Field(
        description="It may have arrived: it is looked up there before it is sent.", examples=[False]
    )


class ReplayPreview(Answer):
    """What trying all given up deliveries of an integration again would do now."""

    integration: str = Field(examples=[SOME_KIND])
    dead: int = Field(description="How many were given up in all.", examples=[1])
    looked_up: int = Field(
        description="How many of the items are looked up at the vendor first.", examples=[0]
    )
    over: int = Field(description="How many are of incidents that are over by now.", examples=[0])
    paused: str = Field(description="Why they would wait, or empty.", examples=[""])
    said: list[str] = Field(description="The same in sentences.", examples=[["1 × open ticket."]])
    items: list[WouldBeSent] = Field(description="What would go out at once, the oldest first.")


class ReplayRequest(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"delivery_ids": ["dlv-0bqr4mj9p4g2"]}]})

    delivery_ids: list[GivenId] = Field(min_length=1, max_length=1000)


class Replayed(BaseModel):
    """How many will be tried again."""

    released: int = Field(examples=[1])


@router.get("/deliveries", dependencies=[needs(Scope.READ)], summary="Deliveries, last changed first")
def list_deliveries(
    state: StateFilter = "",
    integration: KindFilter = "",
    action: ActionFilter = "",
    incident_id: BatchFilter = "",
    batch_id: BatchFilter = "",
    practice: bool | None = None,
    owner: OwnerFilter = "",
    team: TeamFilter = "",
    since: Since = None,
    until: Until = None,
    sort: _Sort = "-updated_at",
    cursor: Cursor = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> DeliveryList:
    """`since` and `until` bound when it was planned; `owner` and `team` are of its incident."""
    chosen = DeliveryFilter(
        states=(state,) if state else (),
        integration=integration,
        action=action,
        incident_id=incident_id,
        batch_id=batch_id,
        practice=practice,
        since=since,
        until=until,
    )
    with read_session() as session:
        chosen = replace(chosen, owners=owners_named(session, owner, team))
        page = page_deliveries(session, chosen, sort=sort, cursor=cursor, offset=offset, limit=limit)
        return DeliveryList.of(page, map(Delivery.model_validate, page.rows))


@router.get(
    "/deliveries.csv",
    dependencies=[needs(Scope.READ)],
    summary="Deliveries as CSV",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}, "example": "delivery,state\ndlv-1,delivered\n"}
            },
            "description": "One line a delivery, oldest first.",
        }
    },
)
def export_deliveries(
    state: StateFilter = "", integration: KindFilter = "", batch_id: BatchFilter = ""
) -> StreamingResponse:
    """All that match, oldest first: state, problem, what to do. Cells that look like formulas are made harmless."""
    pieces = exported(states=(state,) if state else (), integration=integration, batch_id=batch_id)
    headers = {"content-disposition": 'attachment; filename="deliveries.csv"'}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/deliveries/{delivery_id}", dependencies=[needs(Scope.READ)], summary="One delivery")
def get_delivery(delivery_id: RowId) -> DeliveryDetail:
    """With every attempt."""
    with read_session() as session:
        row = stored_delivery(session, delivery_id)
        return DeliveryDetail(
            **Delivery.model_validate(row).model_dump(),
            payload=without_seals(row.payload),
            attempts=[Attempt.model_validate(one) for one in list_attempts(session, delivery_id)],
        )


@router.post("/deliveries/replay-all", dependencies=[needs(Scope.ACT)], summary="Try all given up again")
def replay_all_deliveries(request: ReplayAllRequest, caller: Request, once: Asked) -> Replayed:
    """The dead deliveries of one integration (at most 1,000, the oldest), once the cause was mended. What may have arrived
    is looked up at the vendor before it is sent."""
    return Replayed(released=replay_all(request.integration, actor=actor_of(caller), once=once))


@router.post(
    "/deliveries/replay-all/preview",
    dependencies=[needs(Scope.ACT)],
    summary="What trying all given up again would send",
)
def preview_replay_of_all(request: ReplayAllRequest) -> ReplayPreview:
    """Nothing is sent and nothing is changed."""
    would = preview_replay_all(request.integration)
    items = [
        WouldBeSent(
            id=row.id, action=row.action, title=message_title(row.action), about=about(row), incident_id=row.incident_id,
            created_at=row.created_at, error=row.error, looked_up=row.id in would.looked_up,
        )
        for row in would.rows
    ]  # fmt: skip
    return ReplayPreview(
        integration=would.integration, dead=would.dead, looked_up=len(would.looked_up), over=would.over,
        paused=would.paused, said=would.words(), items=items,
    )  # fmt: skip


@router.post("/deliveries/replay", dependencies=[needs(Scope.ACT)], summary="Try deliveries again")
def replay_deliveries(request: ReplayRequest, caller: Request, once: Asked) -> Replayed:
    """Dead, suppressed or cancelled ones; the others are left as they are."""
    return Replayed(released=replay(request.delivery_ids, actor=actor_of(caller), once=once))
