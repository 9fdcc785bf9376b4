"""Is it alive, and are its parts?"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from soc import __version__, engine
from soc.api.scopes import needs_no_key
from soc.store.db import answers, get_engine

router = APIRouter(tags=["health"])


class StoreState(BaseModel):
    kind: str
    ok: bool


class EngineState(BaseModel):
    running: bool
    executor: str


class Health(BaseModel):
    """`degraded`: the store does not answer, or this process runs no engine."""

    status: Literal["ok", "degraded"]
    version: str
    engine: EngineState
    store: StoreState


@router.get("/health", dependencies=[needs_no_key()])
def health() -> Health:
    """Always 200 while the process lives; the body says how its parts are. Needs no key."""
    store_ok = answers()
    running = engine.is_running()
    return Health(
        status="ok" if store_ok and running else "degraded",
        version=__version__,
        engine=EngineState(running=running, executor=engine.executor_name()),
        store=StoreState(kind=get_engine().dialect.name, ok=store_ok),
    )
