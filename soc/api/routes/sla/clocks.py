"""The clocks of tickets: explained, paused, compared with their rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlmodel import Session

from soc import clock
from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.routes.sla.models import (
    Clock,
    Clocks,
    DifferenceAnswer,
    Differences,
    PauseRequest,
    RecomputeRequest,
)
from soc.api.scopes import needs
from soc.errors import Conflict
from soc.metrics.forecast import read_memory
from soc.sla import holding, reading
from soc.sla.explain import explain_ticket, recompute
from soc.store.db import read_session, write_session
from soc.store.nouns.tickets.tickets import get_ticket

router = APIRouter(tags=["sla"])
_Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
_PolicyId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


@router.post("/sla/recompute", dependencies=[needs(Scope.LEAD)], summary="Compare the clocks with their rows")
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
    memory = read_memory()
    first, total = reading.resolution_times(found)
    return Clocks(
        ticket_id=ticket_id,
        clocks=[
            Clock.model_validate(one, from_attributes=True).model_copy(update={"chance": memory.chance(one)})
            for one in found
        ],
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
    until = clock.now() + timedelta(hours=data.hours or 0) if data.until is None else data.until
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
