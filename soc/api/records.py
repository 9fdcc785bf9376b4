"""Incidents, tickets and deliveries, as they are stored."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from soc.access.scopes import Scope
from soc.api.guard import actor_of
from soc.api.inputs import (
    BatchFilter,
    GivenId,
    KindFilter,
    Limit,
    Offset,
    RowId,
    SeverityFilter,
    StateFilter,
    TextFilter,
)
from soc.api.scopes import needs
from soc.delivery.export import export_deliveries
from soc.delivery.replay import replay
from soc.delivery.sealing import without_seals
from soc.store.attempts import list_attempts
from soc.store.db import read_session
from soc.store.decisions import list_decisions
from soc.store.deliveries import get_delivery, list_deliveries
from soc.store.incidents import IncidentFilter, get_incident, list_incidents
from soc.store.tickets import list_tickets

router = APIRouter(tags=["records"])


class ReplayRequest(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"delivery_ids": ["dlv-0bqr4mj9p4g2"]}]})

    delivery_ids: list[GivenId] = Field(min_length=1, max_length=1000)


class Replayed(BaseModel):
    released: int


@router.get("/incidents", dependencies=[needs(Scope.READ)])
def incidents(
    batch_id: BatchFilter = "",
    severity: SeverityFilter = "",
    eligible: bool | None = None,
    text: TextFilter = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> list[dict[str, Any]]:
    """Most severe first."""
    chosen = IncidentFilter(
        batch_id=batch_id, severities=(severity,) if severity else (), eligible=eligible, text=text
    )
    with read_session() as session:
        return [
            row.model_dump(mode="json") for row in list_incidents(session, chosen, offset=offset, limit=limit)
        ]


@router.get("/incidents/{incident_id}", dependencies=[needs(Scope.READ)])
def incident(incident_id: RowId) -> dict[str, Any]:
    """One incident with the rules' decisions and its deliveries."""
    with read_session() as session:
        row = get_incident(session, incident_id)
        return {
            **row.model_dump(mode="json"),
            "decisions": [one.model_dump(mode="json") for one in list_decisions(session, incident_id)],
            "deliveries": [
                one.model_dump(mode="json", exclude={"payload"})
                for one in list_deliveries(session, incident_id=incident_id)
            ],
        }


@router.get("/tickets", dependencies=[needs(Scope.READ)])
def tickets(open_only: bool = False, offset: Offset = 0, limit: Limit = 50) -> list[dict[str, Any]]:
    """Newest first."""
    with read_session() as session:
        rows = list_tickets(session, open_only=open_only, offset=offset, limit=limit)
        return [row.model_dump(mode="json") for row in rows]


@router.get("/deliveries", dependencies=[needs(Scope.READ)])
def deliveries(
    state: StateFilter = "",
    integration: KindFilter = "",
    batch_id: BatchFilter = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> list[dict[str, Any]]:
    """Last changed first."""
    with read_session() as session:
        rows = list_deliveries(
            session,
            states=(state,) if state else (),
            integration=integration,
            batch_id=batch_id,
            offset=offset,
            limit=limit,
        )
        return [row.model_dump(mode="json", exclude={"payload"}) for row in rows]


@router.get(
    "/deliveries.csv",
    dependencies=[needs(Scope.READ)],
    summary="Deliveries as CSV",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "One line a delivery, oldest first."}},
)
def deliveries_file(
    state: StateFilter = "", integration: KindFilter = "", batch_id: BatchFilter = ""
) -> StreamingResponse:
    """All that match, oldest first: state, problem, what to do. Cells that look like formulas are made harmless."""
    pieces = export_deliveries(states=(state,) if state else (), integration=integration, batch_id=batch_id)
    headers = {"content-disposition": 'attachment; filename="deliveries.csv"'}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/deliveries/{delivery_id}", dependencies=[needs(Scope.READ)])
def delivery(delivery_id: RowId) -> dict[str, Any]:
    """One delivery with every attempt."""
    with read_session() as session:
        row = get_delivery(session, delivery_id)
        attempts = list_attempts(session, delivery_id)
        return {
            **row.model_dump(mode="json"),
            "payload": without_seals(row.payload),
            "attempts": [one.model_dump(mode="json") for one in attempts],
        }


@router.post("/deliveries/replay", dependencies=[needs(Scope.ACT)])
def replay_deliveries(request: ReplayRequest, caller: Request) -> Replayed:
    """Try dead, suppressed or cancelled deliveries again; the others are left as they are."""
    return Replayed(released=replay(request.delivery_ids, actor=actor_of(caller)))
