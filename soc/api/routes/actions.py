"""What each vendor can be asked to do: one route for each action that its kind declares.

An action is written into the ledger first and tried at once; what is left goes on in the engine. (This module has no
deferred annotations: FastAPI reads them from functions that are made in a loop.)
"""

import asyncio
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from soc.access.scopes import Scope
from soc.api import lanes
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.problems import at, problem
from soc.api.scopes import needs
from soc.delivery import actions
from soc.domain.delivery import DeliveryState
from soc.errors import FailureReason
from soc.escalation.following import follow_delivery
from soc.integrations.kit.base import Action
from soc.integrations.registry import KINDS
from soc.tickets.joining import call_for_ticket

router = APIRouter(prefix="/integrations", tags=["integrations"])


class Done(BaseModel):
    """It is done: `id`, `key` and `url` at the vendor, `delivery_id` here."""

    status: Literal["success"] = Field(examples=["success"])
    delivery_id: str = Field(examples=["dlv-0bqr4mj9p4g2"])
    state: DeliveryState = Field(examples=["delivered"])
    id: str = Field(examples=["10042"])
    key: str = Field(examples=["SOC-123"])
    url: str = Field(examples=["https://your-domain.atlassian.net/browse/SOC-123"])
    details: dict[str, str] = Field(examples=[{}])


class Accepted(BaseModel):
    """It goes on by itself: in the background, or once the configuration is mended."""

    status: Literal["accepted", "held"]
    delivery_id: str = Field(examples=["dlv-0bqr4mj9p4g2"])
    state: DeliveryState = Field(examples=["retry"])
    message: str = Field(examples=["The vendor did not answer in time."])
    hint: str = Field(examples=["Follow it at /api/v1/deliveries/dlv-0bqr4mj9p4g2."])
    follow: str = Field(examples=["/api/v1/deliveries/dlv-0bqr4mj9p4g2"])


def _answer(action: Action, result: actions.ActionResult, caller: Request) -> Response:
    row, receipt = result.delivery, result.receipt
    where = at(caller, f"/deliveries/{row.id}")
    if row.state == DeliveryState.DELIVERED and receipt is not None:
        made = result.new and receipt.extra.get("existing") != "yes"  # the vendor may have had it already
        done = Done(
            status="success",
            delivery_id=row.id,
            state=DeliveryState(row.state),
            id=receipt.remote_id,
            key=receipt.key,
            url=receipt.url,
            details=receipt.extra,
        )
        return JSONResponse(
            done.model_dump(mode="json"),
            status_code=201 if made else 200,
            headers={"Location": where} if made else None,
        )
    if row.state == DeliveryState.DEAD:
        status = 422 if row.reason in (FailureReason.CLIENT, FailureReason.ADDRESS) else 502
        return problem(
            status, row.error or "The vendor refused it.", row.hint, delivery_id=row.id, state=row.state
        )
    held = row.next_try_at is None
    follow = f"/api/v1/deliveries/{row.id}"
    accepted = Accepted(
        status="held" if held else "accepted",
        delivery_id=row.id,
        state=DeliveryState(row.state),
        message=row.error or row.hint or f"“{action.title}” goes on in the background.",
        hint=f"It goes on by itself once the integration works again; do not send it twice. {row.hint}".strip()
        if held
        else f"Follow it at {follow}.",
        follow=follow,
    )
    return JSONResponse(accepted.model_dump(mode="json"), status_code=202, headers={"Location": where})


_LOCATION = {"Location": {"description": "The delivery's address.", "schema": {"type": "string"}}}
_DONE: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Done,
        "description": "It was there before: done by the same request, or found at the vendor; `details` say what was changed.",
    },
    201: {"model": Done, "description": "Done now.", "headers": _LOCATION},
    202: {
        "model": Accepted,
        "description": "Accepted, or held until the configuration is mended: it goes on by itself.",
        "headers": _LOCATION,
    },
}


#: Calls that are being tried in this process: who asks for the same one meanwhile waits for it, too.
_under_way: dict[str, asyncio.Event] = {}


async def _try_for_a_while(planned: actions.PlannedCall) -> None:
    """Until its outcome is there or the caller has waited long enough; it goes on without him, here or in the engine."""
    if not planned.tries:
        if (other := _under_way.get(planned.delivery_id)) is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(other.wait(), lanes.PATIENCE)
        return
    ended = _under_way[planned.delivery_id] = asyncio.Event()
    try:
        await lanes.sending(planned.kind).begin(
            lambda: actions.try_now(planned, follow_delivery), patience=lanes.PATIENCE
        )
    except lanes.LaneFull:
        await run_in_threadpool(actions.leave_to_engine, planned)
    finally:
        ended.set()
        _under_way.pop(planned.delivery_id, None)


def _add_action(kind: str, action: Action) -> None:
    model: Any = (
        Annotated[action.request, Query()] if action.query or action.method == "GET" else action.request
    )

    async def read(request: model) -> Any:
        return await lanes.asking(kind).run_soon(lambda: actions.ask(kind, action, request))

    async def write(request: model, caller: Request, once: Asked) -> Response:
        plan = call_for_ticket if action.incident is not None else actions.plan_call
        planned = await run_in_threadpool(plan, kind, action, request, actor=actor_of(caller), once=once)
        await _try_for_a_while(planned)
        return _answer(action, await run_in_threadpool(planned.result), caller)

    router.add_api_route(
        f"/{kind}/{action.name}",
        write if action.writes else read,
        methods=[action.method],
        dependencies=[needs(Scope.READ if action.method == "GET" else Scope.ACT)],
        summary=f"{KINDS[kind].title}: {action.title}",
        description=action.request.__doc__ or action.title,
        name=f"{kind}_{action.name.replace('-', '_')}",
        status_code=201 if action.writes else 200,
        response_model=None if action.writes else action.answers,
        responses=_DONE if action.writes else None,
    )


for _kind, _declared in KINDS.items():
    for _action in _declared.actions:
        _add_action(_kind, _action)
