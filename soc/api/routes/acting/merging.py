"""Several incidents become one: previewed, done in one transaction, taken back within ten seconds (`/incidents/bulk/{group}/undo`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from soc.access.scopes import Scope
from soc.api.asked_once import Asked as AskedOnce
from soc.api.guard import actor_of
from soc.api.inputs import GivenId
from soc.api.problems import problem
from soc.api.routes.acting.acts import On, incidents, of_incident
from soc.api.routes.acting.bulk import BulkAnswer, answer_of
from soc.api.scopes import needs
from soc.domain.acts import Ending
from soc.ids import new_id
from soc.store.db import read_session, write_session
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome, bulk
from soc.tickets.acts.merging import MOST_MERGED

router = APIRouter(prefix=incidents.prefix, tags=["incidents"], dependencies=[Depends(of_incident)])


class MergeRequest(BaseModel):
    """What becomes one with the incident."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"others": ["inc-0bqr4mj9p4g2", "SOC-124"]}]}
    )

    others: list[GivenId] = Field(
        min_length=1, max_length=MOST_MERGED, description="Incidents by their ids, or tickets by their keys."
    )


def _ids(others: Sequence[str]) -> list[str]:
    with read_session() as session:
        return [acts.find_incident(session, one) for one in others]


@router.post("/merge/preview", dependencies=[needs(Scope.ACT)], summary="What merging would come to")
def preview_merge_of(on: On, data: MergeRequest, request: Request) -> BulkAnswer:
    """Nothing is changed, and nobody is told."""
    return answer_of(bulk.preview_merge(on, _ids(data.others), actor=actor_of(request)))


@router.post(
    "/merge", dependencies=[needs(Scope.ACT)], summary="Merge others into it", response_model=BulkAnswer
)
def merge_incidents(on: On, data: MergeRequest, request: Request, once: AskedOnce) -> Any:
    """Each other one is closed as its duplicate; its clocks end, and what comes for it comes here. What one refuses keeps no other
    from it; where none could be merged the answer is 409. Vendors are told after ten seconds, unless it is taken back.
    """
    if once is not None:  # the acts have keys of their own: again, they answer what came of the first
        with write_session() as session:
            if once.claim(session) is None:
                once.keep(session, {"asked": once.id})
    asked = Asked(actor_of(request), f"api:{once.id if once else new_id('ask')}")
    done = bulk.do_merge(on, _ids(data.others), asked)
    return nothing_done(done.outcomes) or answer_of(done.outcomes, done.group)


def nothing_done(outcomes: Sequence[Outcome]) -> Any:
    """The refusal, where nothing stands as it was asked for."""
    if any(one.stands for one in outcomes):
        return None
    first = outcomes[0]
    hint = "Look at them as they are now." if first.ending is Ending.TAKEN else "Change what the title names."
    return problem(409, first.said, hint, outcome=first.ending.value, by=first.by)
