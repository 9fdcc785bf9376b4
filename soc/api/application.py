"""The FastAPI application: its routers, what any call may be answered with, and who may call what."""

from __future__ import annotations

from fastapi import Depends
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline

from soc import __version__
from soc.api import batches, health, integrations, records
from soc.api.error_answers import answer_errors
from soc.api.inputs import writable_json
from soc.api.problems import REFUSALS, Problem
from soc.api.scopes import scope_needed

api = FastAPIOffline(
    title="SOC operations dashboard",
    version=__version__,
    summary="Batches, incidents, tickets and deliveries.",
    docs_url="/docs",
    redoc_url=None,
    openapi_url="/openapi.json",
    root_path_in_servers=False,
    dependencies=[Depends(writable_json)],
    responses={status: {**refusal, "model": Problem} for status, refusal in REFUSALS.items()},
)
answer_errors(api)
_ROUTERS = (health.router, batches.router, records.router, integrations.router)
for _router in _ROUTERS:
    api.include_router(_router)

#: Every route of ours. The guard asks it for the scope, a 405 for the methods, the tests for everything.
ROUTES = tuple(route for router in _ROUTERS for route in router.routes if isinstance(route, APIRoute))
api.state.routes = ROUTES
api.state.scope_needed = scope_needed(ROUTES)
