"""`/admin`: look at everything, switch faults, change settings, start over. JSON in, JSON out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from soc.sandbox.faults import ActiveFault, Fault, Faults
from soc.sandbox.state import SandboxState


class SandboxSettings(BaseModel):
    """`search_lag`: seconds until a new issue can be found by Jira Cloud's search."""

    model_config = ConfigDict(extra="forbid")

    search_lag: float = Field(default=0.0, ge=0, le=600)


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
        counts = {"issues": len(self._state.issues), "messages": len(self._state.messages)}
        return JSONResponse({"ok": True, "practice": True, **counts})

    async def everything(self, request: Request) -> Response:
        """`{"counts": {"issues", "messages"}, "issues": […], "messages": […]}`, oldest first."""
        with self._state.lock:
            issues = [asdict(issue) for issue in self._state.issues.values()]
            messages = [asdict(message) for message in self._state.messages.values()]
        counts = {"issues": len(issues), "messages": len(messages)}
        return JSONResponse({"counts": counts, "issues": issues, "messages": messages})

    async def reset(self, request: Request) -> Response:
        """Forget issues and messages, switch every fault off, no search lag."""
        self._state.reset()
        self._state.search_lag = 0.0
        self._faults.switch_off()
        return JSONResponse({"ok": True})

    async def settings(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                wanted = SandboxSettings.model_validate_json(await request.body())
            except ValidationError as error:
                return _refusal(error)
            self._state.search_lag = wanted.search_lag
        return JSONResponse({"search_lag": self._state.search_lag})

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
