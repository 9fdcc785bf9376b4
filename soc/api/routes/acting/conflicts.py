"""Where both sides of a ticket say something else: listed, and decided by a person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from soc.access.scopes import Scope
from soc.api.asked_once import Asked, answer_once
from soc.api.guard import actor_of
from soc.api.inputs import Limit, Offset
from soc.api.lists import Answer, Cursor, Listed
from soc.api.scopes import needs
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.store.db import read_session, write_session
from soc.store.nouns.tickets.ticket_conflicts import (
    ConflictFilter,
    TicketConflictRow,
    get_conflict,
    page_conflicts,
)
from soc.store.nouns.tickets.ticket_fields import value_of
from soc.store.nouns.tickets.tickets import get_ticket
from soc.tickets.sync.deciding import decide

router = APIRouter(tags=["tickets"])
_NUMBER = Path(ge=1, le=2**31 - 1)


class Conflict(Answer):
    """A field that both sides changed, or a change that the vendor did not take. Values are texts, or lists of them."""

    id: int = Field(examples=[7])
    ticket_id: int = Field(examples=[12])
    key: str = Field(description="The ticket's key at its vendor.", examples=["SOC-12"])
    field: str = Field(description="`ticket`: the ticket itself cannot be reached.", examples=["priority"])
    reason: str = Field(examples=["Both sides changed priority. Decide which value holds."])
    ours: str | list[str] | None = Field(examples=["Highest"])
    theirs: str | list[str] | None = Field(examples=["Low"])
    base: str | list[str] | None = Field(
        description="What both had when they last agreed.", examples=["Medium"]
    )
    made_by: str = Field(description="Who changed it here.", examples=["person:per-7k2m9q4x1c@said"])
    our_at: datetime | None = Field(examples=["2026-01-14T22:10:00Z"])
    their_name: str = Field(
        description="Who changed it there, as the vendor names them.", examples=["Lee Ader"]
    )
    their_at: datetime | None = Field(examples=["2026-01-14T22:09:00Z"])
    created_at: datetime = Field(examples=["2026-01-14T22:11:00Z"])
    resolved_at: datetime | None = Field(examples=[None])
    decision: str = Field(
        description="`ours`, `theirs`, or `settled`: both sides came to agree.", examples=[""]
    )
    changed_by: str = Field(description="Who decided.", examples=[""])


class ConflictList(Listed[Conflict]):
    """A page of conflicts."""


class DecideRequest(BaseModel):
    """Which side's value holds."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"decision": "ours"}]})

    decision: Literal["ours", "theirs"] = Field(
        description="The other side is brought to it.", examples=["ours"]
    )


def _shown(row: TicketConflictRow, key: str) -> Conflict:
    values = row.model_dump(exclude={"ours", "theirs", "base"})
    sides = {name: _plain(getattr(row, name)) for name in ("ours", "theirs", "base")}
    return Conflict(**values, **sides, key=key)


def _plain(stored: dict[str, object]) -> str | list[str] | None:
    value = value_of(stored)
    return list(value) if isinstance(value, tuple) else value


@router.get("/conflicts", dependencies=[needs(Scope.READ)], summary="Conflicts of tickets, newest first")
def list_conflicts(
    open: bool | None = True,
    ticket_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    sort: Literal["-created_at", "created_at"] = "-created_at",
    cursor: Cursor = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> ConflictList:
    """Those that wait for a person, unless `open` says otherwise."""
    chosen = ConflictFilter(ticket_id=ticket_id, is_open=open)
    with read_session() as session:
        page = page_conflicts(session, chosen, sort=sort, cursor=cursor, offset=offset, limit=limit)
        shown = [_shown(row, get_ticket(session, row.ticket_id).key) for row in page.rows]
        return ConflictList.of(page, shown)


@router.post(
    "/conflicts/{conflict_id}/decide",
    dependencies=[needs(Scope.ACT)],
    summary="Decide which side's value holds",
)
def decide_conflict(
    conflict_id: Annotated[int, _NUMBER], request: DecideRequest, caller: Request, once: Asked
) -> Conflict:
    """409 where it was decided before."""
    tries: list[Try] = []
    with write_session() as session:

        def settle() -> Conflict:
            tries.extend(decide(session, conflict_id, request.decision, actor=actor_of(caller)))
            row = get_conflict(session, conflict_id)
            return _shown(row, get_ticket(session, row.ticket_id).key)

        shown = answer_once(session, once, settle, Conflict)
    enqueue_tries(tries)
    return shown
