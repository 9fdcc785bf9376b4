"""`/admin`: look at everything, switch faults, change settings, start over. JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError, create_model
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from soc.sandbox.faults import ActiveFault, Fault, Faults
from soc.sandbox.found import VENDORS
from soc.sandbox.kit.memory import Settings
from soc.sandbox.state import SandboxState


def _every() -> Any:
    models = dict.fromkeys(one.memory.SETTINGS for one in VENDORS if one.memory.SETTINGS is not Settings)
    return create_model("SandboxSettings", __base__=tuple(models) or Settings)


#: The settings of every vendor that has some; what a request does not name stays as it is.
EVERY: type[Settings] = _every()


def settings_of(state: SandboxState) -> dict[str, Any]:
    """The settings in force, by name."""
    return {
        name: getattr(memory, name)
        for memory in state.memories.values()
        for name in memory.SETTINGS.model_fields
    }


def apply(settings: Settings, state: SandboxState, names: Iterable[str]) -> None:
    """Make these settings the vendors'."""
    wanted = set(names)
    for memory in state.memories.values():
        for name in wanted & set(memory.SETTINGS.model_fields):
            setattr(memory, name, getattr(settings, name))


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
        with self._state.lock:
            received, counts = self._state.received(), self._state.counts()
        return JSONResponse({"counts": counts, **received})

    async def reset(self, request: Request) -> Response:
        """Forget everything that was received, switch every fault off, settings as at the start."""
        self._state.reset()
        apply(EVERY(), self._state, EVERY.model_fields)
        self._faults.switch_off()
        return JSONResponse({"ok": True})

    async def settings(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                wanted = EVERY.model_validate_json(await request.body())
            except ValidationError as error:
                return _refusal(error)
            apply(wanted, self._state, wanted.model_fields_set)
        return JSONResponse(settings_of(self._state))

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
    return JSONResponse(
        {"errors": error.errors(include_url=False, include_context=False, include_input=False)}, 400
    )
