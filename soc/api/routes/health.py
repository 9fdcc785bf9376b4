"""Is it alive, can it work, and how are its parts? None of these waits for a vendor or for other callers."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from soc import __version__, clock, engine
from soc.api.probe import probe
from soc.api.problems import problem, refusal
from soc.api.scopes import needs_no_key
from soc.metrics.workers import Workers
from soc.store.db import get_engine

router = APIRouter(tags=["health"])


class StoreState(BaseModel):
    kind: str = Field(examples=["sqlite"])
    ok: bool = Field(examples=[True])


class EngineState(BaseModel):
    running: bool = Field(examples=[True])
    executor: str = Field(examples=["host-1"])


class WorkersState(BaseModel):
    """All processes with an engine that share this store; null while it does not answer."""

    live: int = Field(examples=[3])
    gone: list[str] = Field(description="Fell silent in the last 24 h.", examples=[["host-1"]])
    troubles: dict[str, str] = Field(description="What a process says is wrong with itself.", examples=[{}])
    oldest_due_seconds: float = Field(examples=[0.0])
    running_batches: int = Field(examples=[0])


class Health(BaseModel):
    """`degraded`: the store does not answer, or this process runs no engine."""

    status: Literal["ok", "degraded"]
    version: str = Field(examples=[__version__])
    engine: EngineState
    store: StoreState
    workers: WorkersState | None = None


class Alive(BaseModel):
    status: Literal["ok"] = "ok"
    version: str = Field(default=__version__, examples=[__version__])


class Ready(BaseModel):
    status: Literal["ready"] = "ready"
    version: str = Field(default=__version__, examples=[__version__])


_NOT_READY: dict[int | str, dict[str, Any]] = {503: refusal("It cannot work now; `reasons` says why.")}


@router.get("/health", dependencies=[needs_no_key()], summary="Is it alive, and are its parts?")
async def get_health() -> Health:
    """Always 200 while the process lives; the body says how its parts are. Needs no key."""
    state = await probe.ask()
    store_ok = state.store
    running = engine.is_running()
    return Health(
        status="ok" if store_ok and running else "degraded",
        version=__version__,
        engine=EngineState(running=running, executor=engine.executor_name()),
        store=StoreState(kind=get_engine().dialect.name, ok=store_ok),
        workers=_workers(state.workers),
    )


def _workers(known: Workers | None) -> WorkersState | None:
    if known is None:
        return None
    return WorkersState(
        live=len(known.live),
        gone=[one.name for one in known.gone],
        troubles={one.name: one.trouble for one in known.live if one.trouble},
        oldest_due_seconds=known.waits(clock.now()).total_seconds(),
        running_batches=known.running_batches,
    )


@router.get("/health/live", dependencies=[needs_no_key()], summary="Does the process answer?")
async def get_liveness() -> Alive:
    """200 while the process answers at all: restart it when it does not. Also at `/health/live`. Needs no key."""
    return Alive()


@router.get(
    "/health/ready",
    dependencies=[needs_no_key()],
    summary="Can it work?",
    response_model=Ready,
    responses=_NOT_READY,
)
async def get_readiness() -> Ready | JSONResponse:
    """503 with the reasons while the database is away or lacks migrations, the engine does not run, or the data folder
    cannot be written: send it no work. Also at `/health/ready`. Needs no key."""
    state = await probe.ask()
    if state.ready:
        return Ready()
    answer = problem(
        503, f"Not ready. {' '.join(state.reasons)}", "Mend what the title names; it is looked at again by itself.",
        reasons=list(state.reasons),
    )  # fmt: skip
    answer.headers["Retry-After"] = "5"
    return answer
