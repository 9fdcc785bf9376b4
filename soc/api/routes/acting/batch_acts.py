"""What is done to a batch: stopped, read anew, let go on; and what awaits release told."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.inputs import GivenId, RowId
from soc.api.routes.batches import Progress, progress_of
from soc.api.scopes import needs
from soc.batches.control import go_on, run_again, stop_batch
from soc.batches.telling.flood import release_incidents

router = APIRouter(tags=["batches"])


@router.post(
    "/batches/{batch_id}/run-again",
    dependencies=[needs(Scope.ACT)],
    status_code=202,
    summary="Read a batch anew",
)
def run_batch_again(request: Request, batch_id: RowId) -> Progress:
    """For one that failed, was stopped or is held; one that waits for its next try has it at once.

    One that waits for its turn or is being read is left as it is. 409 for one that has finished.
    """
    run_again(batch_id, actor=actor_of(request))
    return progress_of(batch_id)


@router.post(
    "/batches/{batch_id}/stop",
    dependencies=[needs(Scope.ACT)],
    status_code=202,
    summary="Stop a batch at once",
)
def stop_batch_now(request: Request, batch_id: RowId) -> Progress:
    """Nothing of it is stored, and it may be run again. 409 for one that has ended."""
    stop_batch(batch_id, actor=actor_of(request))
    return progress_of(batch_id)


@router.post(
    "/batches/{batch_id}/continue",
    dependencies=[needs(Scope.ACT)],
    status_code=202,
    summary="Let a held batch go on",
)
def continue_batch(request: Request, batch_id: RowId) -> Progress:
    """Read it whatever it unpacks to. 409 for one that is not held."""
    go_on(batch_id, actor=actor_of(request))
    return progress_of(batch_id)


class ReleaseRequest(BaseModel):
    """Which of the incidents that wait; left out: all of them."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"incident_ids": ["inc-0bqr4mj9p4g2"]}]}
    )

    incident_ids: Annotated[list[GivenId], Field(min_length=1, max_length=1_000)] | None = None


class Released(BaseModel):
    """How many incidents are told of now that waited before."""

    released: int = Field(examples=[75])


@router.post(
    "/batches/{batch_id}/release", dependencies=[needs(Scope.ACT)], summary="Tell of what awaits release"
)
def release_batch(body: ReleaseRequest, request: Request, batch_id: RowId, once: Asked) -> Released:
    """All that waits, or the incidents that are named; what does not wait is left alone. 409 while the batch is read."""
    done = release_incidents(batch_id, body.incident_ids, actor=actor_of(request), once=once)
    return Released(released=done)
