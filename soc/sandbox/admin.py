"""`/admin`: look at everything, switch faults, change settings, start over. JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from soc import clock
from soc.sandbox.faults import ActiveFault, Fault, Faults
from soc.sandbox.stackstorm.runs import status
from soc.sandbox.state import SandboxState


class SandboxSettings(BaseModel):
    """Named as in SandboxState; what a request does not name stays as it is."""

    model_config = ConfigDict(extra="forbid")

    search_lag: float = Field(default=0.0, ge=0, le=600)
    execution_seconds: float = Field(default=1.0, ge=0, le=600)
    events_per_minute: int | None = Field(default=None, ge=1)

    @classmethod
    def of(cls, state: SandboxState) -> Self:
        return cls.model_validate({name: getattr(state, name) for name in cls.model_fields})

    def apply(self, state: SandboxState, names: Iterable[str]) -> None:
        """Make these settings the state's."""
        for name in names:
            setattr(state, name, getattr(self, name))


def routes(state: SandboxState, faults: Faults) -> list[Route]:
    admin = Admin(state, faults)
    return [
        Route("/admin/health", admin.health),
        Route("/admin/state", admin.everything),
        Route("/admin/reset", admin.reset, methods=["POST"]),
        Route("/admin/settings", admin.settings, methods=["GET", "POST"]),
        Route("/admin/faults", admin.faults, methods=["GET", "POST", "DELETE"]),
        Route("/admin/faults/{id:int}", admin.fault, methods=["DELETE"]),
    ]


class Admin:
    def __init__(self, state: SandboxState, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    async def health(self, request: Request) -> Response:
        return JSONResponse({"ok": True, "practice": True, **self._state.counts()})

    async def everything(self, request: Request) -> Response:
        """`{"counts": {…}}` and, under the same names, a list each of what was received, oldest first."""
        state = self._state
        with state.lock:
            now = clock.now()
            received: dict[str, list[dict[str, Any]]] = {
                "issues": [asdict(issue) for issue in state.issues.values()],
                "messages": [asdict(message) for message in state.messages.values()],
                "pagerduty_events": [asdict(event) for event in state.pagerduty_events],
                "pagerduty_alerts": [asdict(alert) for alert in state.pagerduty_alerts],
                "executions": [asdict(e) | {"status": status(e, now)} for e in state.executions.values()],
                "webhooks": [asdict(delivery) for delivery in state.webhooks],
            }
            counts = state.counts()
        return JSONResponse({"counts": counts, **received})

    async def reset(self, request: Request) -> Response:
        """Forget everything that was received, switch every fault off, settings as at the start."""
        self._state.reset()
        SandboxSettings().apply(self._state, SandboxSettings.model_fields)
        self._faults.switch_off()
        return JSONResponse({"ok": True})

    async def settings(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                wanted = SandboxSettings.model_validate_json(await request.body())
            except ValidationError as error:
                return _refusal(error)
            wanted.apply(self._state, wanted.model_fields_set)
        return JSONResponse(SandboxSettings.of(self._state).model_dump())

    async def faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.switch_off()
        elif request.method == "POST":
            try:
                fault = Fault.model_validate_json(await request.body())
            except ValidationError as error:
                return _refusal(error)
            return JSONResponse(_shown(self._faults.switch_on(fault)), 201)
        return JSONResponse({"faults": [_shown(active) for active in self._faults.active()]})

    async def fault(self, request: Request) -> Response:
        self._faults.switch_off(request.path_params["id"])
        return Response(status_code=204)


def _shown(active: ActiveFault) -> dict[str, Any]:
    counters = {"id": active.id, "seen": active.seen, "struck": active.struck}
    return counters | active.fault.model_dump()


def _refusal(error: ValidationError) -> Response:
    return JSONResponse({"errors": error.errors(include_url=False, include_context=False)}, 400)
