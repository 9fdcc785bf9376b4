"""Is it alive, and are its parts?"""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from soc import __version__, engine
from soc.api.lanes import own
from soc.api.scopes import needs_no_key
from soc.store.db import answers, get_engine

router = APIRouter(tags=["health"])
_STORE_PATIENCE = 2.0


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


async def _store_answers() -> bool:
    """Within reasonable time: one that is locked for minutes does not, and must not hold up who asks."""
    try:
        return await asyncio.wait_for(own("health").run(answers), _STORE_PATIENCE)
    except TimeoutError:
        return False


@router.get("/health", dependencies=[needs_no_key()], summary="Is it alive, and are its parts?")
async def get_health() -> Health:
    """Always 200 while the process lives; the body says how its parts are. Needs no key."""
    store_ok = await _store_answers()
    running = engine.is_running()
    return Health(
        status="ok" if store_ok and running else "degraded",
        version=__version__,
        engine=EngineState(running=running, executor=engine.executor_name()),
        store=StoreState(kind=get_engine().dialect.name, ok=store_ok),
    )
