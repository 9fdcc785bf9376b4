"""The FastAPI application: its routers, what any call may be answered with, and who may call what."""

from __future__ import annotations

from fastapi import Depends
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline

from soc import __version__
from soc.api.description import describe
from soc.api.docs_page import add_docs_page, is_open
from soc.api.error_answers import answer_errors
from soc.api.inputs import known_names, writable_json
from soc.api.problems import REFUSALS
from soc.api.routes import (
    actions,
    batches,
    configurations,
    deliveries,
    events,
    health,
    incidents,
    rules,
    search,
    sla,
    tickets,
    transfer,
)
from soc.api.routes.acting import (
    acts,
    batch_acts,
    bulk,
    conflicts,
    merging,
    notes,
    reconciling,
    splitting,
    suppressions,
)
from soc.api.routes.duty import escalation, roster
from soc.api.routes.shift import handover, metrics
from soc.api.routes.who import approvals, audit, keys, people
from soc.api.scopes import scope_needed

api = FastAPIOffline(
    title="SOC operations dashboard",
    version=__version__,
    summary="Batches, incidents, tickets and deliveries.",
    description="Every refusal is `application/problem+json` with a hint. Lists answer `items`, `total` and `next`.",
    license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    docs_url=None,
    redoc_url=None,
    openapi_url="/openapi.json",
    # its own would tell the texts of errors, and is switched on by a variable of its own (soc.tracing is ours)
    telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
    root_path_in_servers=False,
    dependencies=[Depends(writable_json), Depends(known_names)],
    responses=REFUSALS,
    generate_unique_id_function=lambda route: route.name,
)
answer_errors(api)
add_docs_page(api)
_MODULES = (
    health,
    batches,
    events,
    incidents,
    search,
    tickets,
    deliveries,
    metrics,
    handover,
    rules,
    sla.policies,
    sla.clocks,
    sla.forecast,
    configurations,
    transfer,
    actions,
    approvals,
    keys,
    notes,
    conflicts,
    reconciling,
    roster,
    escalation,
    people,
    audit,
)
_ROUTERS = (
    *(module.router for module in _MODULES),
    bulk.router,
    merging.router,
    splitting.router,
    batch_acts.router,
    suppressions.router,
    acts.incidents,
    acts.tickets,
)
for _router in _ROUTERS:
    api.include_router(_router)

#: Every route of ours. The guard asks it for the scope, a 405 for the methods, the tests for everything.
ROUTES = tuple(route for router in _ROUTERS for route in router.routes if isinstance(route, APIRoute))
api.state.routes = ROUTES
api.state.scope_needed = scope_needed(ROUTES, is_open=is_open)
api.openapi = lambda: describe(api, ROUTES)  # type: ignore[method-assign]
