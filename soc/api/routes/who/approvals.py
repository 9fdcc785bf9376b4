"""What one administrator asked for and another has to approve."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from soc import clock
from soc.access import approvals
from soc.access.approvals import ApprovalState, state_of
from soc.access.scopes import Scope
from soc.api import lanes
from soc.api.guard import actor_of
from soc.api.inputs import Limit, Offset, RowId
from soc.api.lists import SOME_KIND, Answer, Cursor, Listed, sorts_of
from soc.api.routes.transfer import ExportDocument
from soc.api.scopes import needs
from soc.configuration.approving import approve
from soc.store.db import read_session
from soc.store.nouns.rules.approvals import APPROVAL_SORTS, ApprovalRow, page_approvals
from soc.store.nouns.rules.approvals import get_approval as stored_approval

router = APIRouter(prefix="/approvals", tags=["approvals"])
_Sort = Annotated[str, sorts_of(APPROVAL_SORTS)]


class Refusal(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Name the CA instead."}]}
    )

    reason: str = Field(default="", max_length=approvals.LONGEST_REASON, description="Why not.")


class Approval(Answer):
    """A request. What it takes is sealed and in no answer."""

    id: str = Field(examples=["apr-7k2m9q4x1c"])
    act: str = Field(examples=["switch off certificate checks"])
    subject: str = Field(examples=[f"configuration:{SOME_KIND}"])
    what: str = Field(description="What would be done.", examples=["Certificates are not checked any more."])
    reason: str = Field(
        description="Why it is asked for.", examples=["Its certificate ran out; renewed on Monday."]
    )
    state: ApprovalState = Field(examples=["waiting"])
    said: str = Field(description="Why it was refused, or failed.", examples=[""])
    created_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])
    expires_at: datetime = Field(description="Until when it waits.", examples=["2026-01-15T22:03:11Z"])
    decided_at: datetime | None = Field(examples=[None])
    made_by: str = Field(description="Who asked.", examples=["person:per-4h1x9d2k7m@signed-in"])
    changed_by: str = Field(description="Who decided, or empty.", examples=[""])
    fetchable: bool = Field(description="Something waits to be fetched by whoever asked.", examples=[False])


class ApprovalList(Listed[Approval]):
    """A page of requests."""


def _shown(row: ApprovalRow) -> Approval:
    known = row.model_dump(include=set(Approval.model_fields))
    return Approval(**{**known, "state": state_of(row, clock.now()), "fetchable": bool(row.result)})


def _now(approval_id: str) -> Approval:
    with read_session() as session:
        return _shown(stored_approval(session, approval_id))


@router.get("", dependencies=[needs(Scope.ADMIN)], summary="Requests for approval, newest first")
def list_approvals(
    sort: _Sort = "-created_at", cursor: Cursor = "", offset: Offset = 0, limit: Limit = 50
) -> ApprovalList:
    """Decided ones too. One is made by sending the refused call again with the header `Approval-Reason`."""
    with read_session() as session:
        page = page_approvals(session, sort=sort, cursor=cursor, offset=offset, limit=limit)
        return ApprovalList.of(page, map(_shown, page.rows))


@router.get("/{approval_id}", dependencies=[needs(Scope.ADMIN)], summary="One request for approval")
def get_approval(approval_id: RowId) -> Approval:
    """Its state is `over` where nobody decided in time."""
    return _now(approval_id)


@router.post(
    "/{approval_id}/approve", dependencies=[needs(Scope.ADMIN)], summary="Approve a request, and have it done"
)
@lanes.in_lane("approve")
def approve_request(approval_id: RowId, request: Request) -> Approval:
    """By another administrator who signed in. What could not be done is said in `said`, and `state` is `failed`."""
    return _shown(approve(approval_id, actor=actor_of(request)))


@router.post("/{approval_id}/refuse", dependencies=[needs(Scope.ADMIN)], summary="Refuse a request")
def refuse_request(approval_id: RowId, data: Refusal, request: Request) -> Approval:
    """It is not done."""
    approvals.refuse(approval_id, reason=data.reason, actor=actor_of(request))
    return _now(approval_id)


@router.post(
    "/{approval_id}/withdraw", dependencies=[needs(Scope.ADMIN)], summary="Take one's own request back"
)
def withdraw_request(approval_id: RowId, request: Request) -> Approval:
    """It is not done."""
    approvals.withdraw(approval_id, actor=actor_of(request))
    return _now(approval_id)


@router.post(
    "/{approval_id}/fetch",
    dependencies=[needs(Scope.ADMIN)],
    summary="Fetch the export that was approved",
    response_model_exclude_unset=True,
)
def fetch_approved(approval_id: RowId, request: Request) -> ExportDocument:
    """Once, by whoever asked for it."""
    return ExportDocument.model_validate(json.loads(approvals.collect(approval_id, actor=actor_of(request))))
