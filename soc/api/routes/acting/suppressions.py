"""Suppressions and maintenance windows: what nobody is told of for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.inputs import GivenId, Limit, Offset, RowId
from soc.api.lists import Answer, Cursor, Listed, Moment, sorts_of
from soc.api.problems import at
from soc.api.scopes import needs
from soc.domain.rule import HidingKind
from soc.domain.rule import Suppression as DomainSuppression
from soc.rules import suppressing
from soc.store.db import read_session, write_session
from soc.store.nouns.rules import suppressions as stored

router = APIRouter(prefix="/suppressions", tags=["rules"])
_Sort = Annotated[str, sorts_of(stored.SUPPRESSION_SORTS)]
_Line = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class SuppressionRequest(BaseModel):
    """Hides what meets every condition that is set; at least one must be. `*` stands for anything."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "maintenance", "reason": "The database is moved.", "owner": "per-7k2m9q4x1c",
                    "starts_at": "2026-01-14T22:00:00Z", "ends_at": "2026-01-15T02:00:00Z", "entity": "db-*",
                }
            ]
        },
    )  # fmt: skip

    kind: HidingKind = Field(
        default=HidingKind.SUPPRESSION,
        description="A suppression counts by when a batch is processed, a maintenance by when it happened, as the log says.",
    )
    reason: Annotated[_Line, StringConstraints(min_length=1)]
    owner: GivenId = Field(description="The person who answers for it, by id.")
    starts_at: Moment
    ends_at: Moment = Field(description="At most 90 days after the begin.")
    entity: _Line = Field(default="", description="Host or address.")
    source: _Line = ""
    signature: _Line = Field(default="", description="The id of the signature that decided.")
    class_contains: _Line = ""


class Suppression(Answer):
    """A suppression or maintenance window, in force or over."""

    id: str = Field(examples=["sup-7k2m9q4x1c"])
    kind: HidingKind
    reason: str = Field(examples=["The database is moved."])
    owner: str = Field(examples=["per-7k2m9q4x1c"])
    starts_at: datetime = Field(examples=["2026-01-14T22:00:00Z"])
    ends_at: datetime = Field(examples=["2026-01-15T02:00:00Z"])
    entity: str = Field(examples=["db-*"])
    source: str = Field(examples=[""])
    signature: str = Field(examples=[""])
    class_contains: str = Field(examples=[""])
    created_at: datetime = Field(examples=["2026-01-14T21:40:00Z"])
    made_by: str = Field(examples=["person:per-7k2m9q4x1c@said"])
    changed_by: str = Field(description="Who ended it early, or empty.", examples=[""])


class SuppressionList(Listed[Suppression]):
    """A page of suppressions."""


class HidingPreview(Answer):
    """What it would have hidden of the newest stored incidents. Nothing is changed."""

    sentence: str = Field(
        examples=["Of the last 1,000 incidents it would have hidden 14, of which 3 met a rule."]
    )
    looked: int = Field(examples=[1000])
    hidden: int = Field(examples=[14])
    told: int = Field(description="How many of the hidden met a rule.", examples=[3])
    examples: list[str] = Field(description="Ids of the newest.", examples=[["inc-0bqr4mj9p4g2"]])


def _asked(data: SuppressionRequest) -> DomainSuppression:
    return DomainSuppression(id="new", **data.model_dump())


@router.get("", dependencies=[needs(Scope.READ)], summary="Suppressions and maintenance windows")
def list_suppressions(
    sort: _Sort = "-ends_at", cursor: Cursor = "", offset: Offset = 0, limit: Limit = 50
) -> SuppressionList:
    """Those that are over too; the last to end first."""
    with read_session() as session:
        page = stored.page_suppressions(session, sort=sort, cursor=cursor, offset=offset, limit=limit)
        return SuppressionList.of(page, map(Suppression.model_validate, page.rows))


@router.post("", dependencies=[needs(Scope.LEAD)], status_code=201, summary="Hide something for a while")
def add_suppression(
    data: SuppressionRequest, request: Request, response: Response, once: Asked
) -> Suppression:
    """What is hidden is stored, judged and counted as suppressed; nobody is told."""
    with write_session() as session:
        done = once.claim(session) if once else None
        if done is None:
            done = {"id": suppressing.add_suppression(session, _asked(data), actor=actor_of(request)).id}
            if once:
                once.keep(session, done)
        response.headers["Location"] = at(request, f"/suppressions/{done['id']}")
        return Suppression.model_validate(stored.get_suppression(session, done["id"]))


@router.post("/preview", dependencies=[needs(Scope.ACT)], summary="What it would have hidden")
def preview_suppression(data: SuppressionRequest) -> HidingPreview:
    """Of the newest stored incidents that meet the conditions, whenever they were."""
    with read_session() as session:
        found = suppressing.preview_suppression(session, _asked(data))
    return HidingPreview(
        sentence=found.sentence, looked=found.looked, hidden=found.hidden, told=found.told,
        examples=[one for one, _ in found.examples],
    )  # fmt: skip


@router.get("/{suppression_id}", dependencies=[needs(Scope.READ)], summary="One suppression")
def get_suppression(suppression_id: RowId) -> Suppression:
    """In force or over."""
    with read_session() as session:
        return Suppression.model_validate(stored.get_suppression(session, suppression_id))


@router.post("/{suppression_id}/end", dependencies=[needs(Scope.LEAD)], summary="End it now")
def end_suppression(suppression_id: RowId, request: Request) -> Suppression:
    """It hides nothing from now on; one that is over stays as it is."""
    with write_session() as session:
        return Suppression.model_validate(
            suppressing.end_suppression(session, suppression_id, actor=actor_of(request))
        )
