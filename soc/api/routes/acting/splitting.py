"""Some of an incident's lines become another incident: previewed, done in one transaction, taken back within ten seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from soc.access.scopes import Scope
from soc.api.asked_once import Asked as AskedOnce
from soc.api.guard import actor_of
from soc.api.lanes import in_lane
from soc.api.lists import Answer, Moment
from soc.api.routes.acting.acts import On, incidents, of_incident
from soc.api.routes.acting.bulk import BulkAnswer, answer_of
from soc.api.routes.acting.merging import nothing_done
from soc.api.scopes import needs
from soc.batches.reading.lines import read_cut, read_values
from soc.domain.event import FIELDS, MOST_VALUES, Selection
from soc.ids import new_id
from soc.store.db import write_session
from soc.tickets.acts import Asked
from soc.tickets.acts.splitting import LONGEST_TITLE, do_split, preview_split

router = APIRouter(prefix=incidents.prefix, tags=["incidents"], dependencies=[Depends(of_incident)])
_Value = Annotated[str, StringConstraints(max_length=4_000, pattern=r"^[^\x00]*$")]
_Name = Annotated[str, StringConstraints(max_length=60)]
_MOST_TOLD = 1_000


class SplitRequest(BaseModel):
    """Which of its lines become an incident of their own: those that have one of the values in each of the fields, in that time."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"fields": {"source.ip": ["203.0.113.9"]}, "title": "Second attacker"}]
        },
    )

    fields: dict[_Name, list[_Value]] = Field(
        default_factory=dict,
        max_length=len(FIELDS),
        description=f"By column of the events file: up to {MOST_VALUES} values, as texts. {', '.join(FIELDS)}.",
    )
    since: Moment | None = Field(default=None, description="Lines from this time on.", examples=[None])
    until: Moment | None = Field(default=None, description="Lines before this time.", examples=[None])
    title: Annotated[str, StringConstraints(max_length=LONGEST_TITLE, pattern=r"^[^\x00]*$")] = Field(
        default="",
        description="What the new incident is called; empty: as the whole is.",
        examples=["Second attacker"],
    )

    def selection(self) -> Selection:
        return Selection(
            {name: tuple(values) for name, values in self.fields.items()}, self.since, self.until
        )


class SplitValue(Answer):
    """A value that some of its lines have."""

    value: str = Field(examples=["203.0.113.9"])
    lines: int = Field(examples=[412])


class SplitValues(BaseModel):
    """By what the lines can be told apart; `total` is how many values there are, of which the most frequent are told."""

    field: str = Field(examples=["source.ip"])
    total: int = Field(examples=[2])
    items: list[SplitValue]


@router.get(
    "/split/values", dependencies=[needs(Scope.READ)], summary="By which values of a field it can be split"
)
@in_lane("events")
def list_values_of(
    on: On, field: Annotated[str, Query(max_length=60, description="A column of the events file.")]
) -> SplitValues:
    """The most frequent first; lines without the field are in none."""
    found: Sequence[tuple[str, int]] = read_values(on, field)
    items = [SplitValue(value=value, lines=lines) for value, lines in found[:_MOST_TOLD]]
    return SplitValues(field=field, total=len(found), items=items)


@router.post("/split/preview", dependencies=[needs(Scope.ACT)], summary="What splitting would come to")
@in_lane("events")
def preview_split_of(on: On, data: SplitRequest, request: Request) -> BulkAnswer:
    """Nothing is changed, and nobody is told."""
    cut = read_cut(on, data.selection())
    return answer_of(preview_split(cut, actor=actor_of(request), title=data.title))


@router.post(
    "/split",
    dependencies=[needs(Scope.ACT)],
    summary="Split some of its lines off",
    response_model=BulkAnswer,
)
@in_lane("events")
def split_incident(on: On, data: SplitRequest, request: Request, once: AskedOnce) -> Any:
    """The first outcome is the whole's, the second that of the new incident. It is as old and as urgent; where the whole has a
    ticket it gets one, linked to it. What cannot be split is 409. Vendors are told after ten seconds, unless it is taken back.
    """
    cut = read_cut(on, data.selection())
    if once is not None:  # the acts have keys of their own: again, they answer what came of the first
        with write_session() as session:
            if once.claim(session) is None:
                once.keep(session, {"asked": once.id})
    asked = Asked(actor_of(request), f"api:{once.id if once else new_id('ask')}")
    done = do_split(cut, asked, title=data.title)
    return nothing_done(done.outcomes) or answer_of(done.outcomes, done.group)
