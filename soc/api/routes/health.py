"""Is it alive, and are its parts?"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from soc import __version__, engine
from soc.api.scopes import needs_no_key
from soc.store.db import answers, get_engine

router = APIRouter(tags=["health"])


class StoreState(BaseModel):
    kind: str = Field(examples=["sqlite"])
    ok: bool = Field(examples=[True])


class EngineState(BaseModel):
    running: bool = Field(examples=[True])
    executor: str = Field(examples=["host-1"])


class Health(BaseModel):
    """`degraded`: the store does not answer, or this process runs no engine."""

    status: Literal["ok", "degraded"]
    version: str = Field(examples=[__version__])
    engine: EngineState
    store: StoreState


@router.get("/health", dependencies=[needs_no_key()], summary="Is it alive, and are its parts?")
def get_health() -> Health:
    """Always 200 while the process lives; the body says how its parts are. Needs no key."""
    store_ok = answers()
    running = engine.is_running()
    return Health(
        status="ok" if store_ok and running else "degraded",
        version=__version__,
        engine=EngineState(running=running, executor=engine.executor_name()),
        store=StoreState(kind=get_engine().dialect.name, ok=store_ok),
    )
