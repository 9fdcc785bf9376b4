"""The same act on many incidents: previewed, done as one group, taken back within ten seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from soc.access.scopes import Scope
from soc.api.asked_once import Asked as AskedOnce
from soc.api.guard import actor_of
from soc.api.inputs import GivenId, RowId
from soc.api.lists import Answer
from soc.api.scopes import needs
from soc.domain.acts import ActKind, Ending, Verdict
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.ids import new_id
from soc.store.db import write_session
from soc.tickets.acts import Asked, Outcome, bulk
from soc.tickets.acts.bulk import MOST, Wish

router = APIRouter(prefix="/incidents/bulk", tags=["incidents"])
_Text = Annotated[str, StringConstraints(max_length=30_000, pattern=r"^[^\x00]*$")]
_Id = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class BulkRequest(BaseModel):
    """One act, with what it takes, and the incidents."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"incident_ids": ["inc-0bqr4mj9p4g2"], "act": "close", "verdict": "false_positive_rule"}
            ]
        },
    )

    incident_ids: list[GivenId] = Field(min_length=1, max_length=MOST)
    act: ActKind = Field(
        description="acknowledge, assign, add_note, set_status, set_priority or close; each with the field below that it takes."
    )
    owner: _Id = ""
    status: IncidentStatus | None = None
    priority: Priority | None = None
    verdict: Verdict | None = None
    note: _Text = ""
    duplicate_of: _Id = ""


class BulkOutcome(Answer):
    """What came, or would come, of it for one incident."""

    incident_id: str = Field(examples=["inc-0bqr4mj9p4g2"])
    outcome: Ending = Field(examples=["done"])
    said: str = Field(examples=["Closed: False positive: rule wrong."])
    by: str = Field(description="Who was first, where somebody was.", examples=[""])


class BulkAnswer(BaseModel):
    """Each incident's outcome. `group` is what the audit calls all of them, and what takes them back; empty in a preview."""

    group: str = Field(default="", examples=["grp-0bqr4mj9p4g2"])
    done: int = Field(description="How many are, or would be, done.", examples=[1])
    items: list[BulkOutcome]


def _wish(data: BulkRequest) -> Wish:
    return Wish(**data.model_dump(exclude={"incident_ids"}))


def answer_of(outcomes: Sequence[Outcome], group: str = "") -> BulkAnswer:
    """Each outcome, and what takes all of them back."""
    items = [
        BulkOutcome(incident_id=one.incident_id, outcome=one.ending, said=one.said, by=one.by)
        for one in outcomes
    ]
    return BulkAnswer(group=group, done=sum(one.outcome is Ending.DONE for one in items), items=items)


@router.post("/preview", dependencies=[needs(Scope.ACT)], summary="What an act on many would come to")
def preview_bulk(data: BulkRequest, request: Request) -> BulkAnswer:
    """Nothing is changed, and nobody is told."""
    return answer_of(bulk.preview(data.incident_ids, _wish(data), actor=actor_of(request)))


@router.post("", dependencies=[needs(Scope.ACT)], summary="Act on many incidents at once")
def act_on_many(data: BulkRequest, request: Request, once: AskedOnce) -> BulkAnswer:
    """Each for itself; what one refuses keeps nobody else from it. Vendors are told after ten seconds, unless it is taken back."""
    if once is not None:
        with (
            write_session() as session
        ):  # the acts have keys of their own: again, they answer what came of the first
            if once.claim(session) is None:
                once.keep(session, {"asked": once.id})
    done = bulk.do_many(
        data.incident_ids, _wish(data), Asked(actor_of(request), f"api:{once.id if once else new_id('ask')}")
    )
    return answer_of(done.outcomes, done.group)


@router.post("/{group}/undo", dependencies=[needs(Scope.ACT)], summary="Take a group of acts back")
def undo_bulk(group: RowId, request: Request) -> BulkAnswer:
    """Within ten seconds. What somebody changed since stays as it is, and says so."""
    return answer_of(bulk.undo(group, actor=actor_of(request)), group)
