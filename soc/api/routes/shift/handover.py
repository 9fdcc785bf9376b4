"""The hand-over of a shift: as things stand, given, accepted; and what is thought of an incident."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.inputs import Limit, Offset, RowId
from soc.api.lists import Answer, Cursor, Listed, Moment, Since, sorts_of
from soc.api.scopes import needs
from soc.domain.roster.handover import Outlook
from soc.handover import giving
from soc.handover.document import as_json, from_json
from soc.handover.reading import read_handover, read_kept
from soc.handover.texts import as_html, as_pdf
from soc.integrations.registry import titles
from soc.store.db import read_session
from soc.store.nouns.combined.handovers import HANDOVER_SORTS, HandoverRow, page_handovers
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.incidents.outlooks import OutlookRow, list_outlooks

router = APIRouter(tags=["incidents"])
_Sort = Annotated[str, sorts_of(HANDOVER_SORTS)]
_Text = Annotated[str, StringConstraints(max_length=4_000, pattern=r"^[^\x00]*$")]
_Id = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Form = Annotated[
    Literal["json", "html", "pdf"],
    Query(alias="format", description="json, html or pdf; times in files are UTC."),
]
_DOCUMENT: dict[str, Any] = {"total": 3, "lacking": 1, "open": [], "sections": []}


class HandoverLine(BaseModel):
    """Something that the next shift has to know; `page` and `about` lead to it."""

    title: str = Field(examples=["SOC-12 Brute force"])
    words: str = Field(examples=["reopened at 02:10"])
    page: str = Field(examples=["tickets"])
    about: dict[str, str] = Field(examples=[{"ticket": "12"}])


class HandoverSection(BaseModel):
    """`total` may be more than the lines that are shown."""

    title: str = Field(examples=["Reopened"])
    total: int = Field(examples=[1])
    lines: list[HandoverLine]


class OpenInHandover(BaseModel):
    """An open incident; `missing` names what nobody has said yet."""

    incident_id: str = Field(examples=["inc-7k2m9q4x1c"])
    title: str = Field(examples=["Brute force from 203.0.113.77"])
    ticket: str = Field(examples=["SOC-12"])
    severity: str = Field(examples=["high"])
    entity: str = Field(examples=["203.0.113.77"])
    owner: str = Field(examples=["per-7k2m9q4x1c"])
    owner_name: str = Field(examples=["Kim Sato"])
    due_at: datetime | None = Field(examples=["2026-01-15T08:00:00Z"])
    hypothesis: str = Field(examples=["A scanner of our own."])
    next_step: str = Field(examples=["Ask the network team."])
    by_when: datetime | None = Field(examples=["2026-01-15T08:00:00Z"])
    blocker: str = Field(examples=[""])
    version: int = Field(examples=[1])
    missing: list[str] = Field(examples=[["next step"]])


class HandoverNow(Answer):
    """What the next shift has to know. Of `total` open incidents `lacking` miss something; those stand on top."""

    at: datetime = Field(examples=["2026-01-15T06:00:00Z"])
    since: datetime = Field(examples=["2026-01-14T22:00:00Z"])
    remark: str = Field(examples=[""])
    total: int = Field(examples=[3])
    lacking: int = Field(examples=[1])
    open: list[OpenInHandover]
    sections: list[HandoverSection]


class OutlookAnswer(Answer):
    """A version of what is thought of an incident."""

    version: int = Field(examples=[2])
    based_on: int = Field(description="The version that its writer had seen.", examples=[1])
    hypothesis: str = Field(examples=["A scanner of our own that nobody announced."])
    next_step: str = Field(examples=["Ask the network team for the list of scanners."])
    by_when: datetime | None = Field(examples=["2026-01-15T08:00:00Z"])
    blocker: str = Field(examples=[""])
    created_at: datetime = Field(examples=["2026-01-14T23:10:00Z"])
    made_by: str = Field(examples=["person:per-7k2m9q4x1c@said"])


class OutlookWritten(OutlookAnswer):
    """`overtaken`: somebody wrote since the version that this one is based on; both are kept."""

    overtaken: bool = Field(examples=[False])


class OutlookVersions(Answer):
    """Every version, the newest first."""

    items: list[OutlookAnswer]


class OutlookRequest(BaseModel):
    """What is thought of an incident from now on. Earlier versions are kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"hypothesis": "A scanner of our own.", "next_step": "Ask the network team.", "by_when": "2026-01-15T08:00:00Z", "blocker": "", "based_on": 0}]},
    )  # fmt: skip

    hypothesis: _Text = Field(default="", examples=["A scanner of our own."])
    next_step: _Text = Field(default="", examples=["Ask the network team."])
    by_when: Moment | None = Field(default=None, examples=["2026-01-15T08:00:00Z"])
    blocker: _Text = Field(default="", examples=[""])
    based_on: StrictInt = Field(
        default=0, ge=0, le=2**31 - 1, description="The version that you had seen (0: none).", examples=[0]
    )


class GiveRequest(BaseModel):
    """Give the shift over as things stand."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"remark": "The firewall is changed at six."}]}
    )

    remark: _Text = Field(default="", examples=["The firewall is changed at six."])
    since: Moment | None = Field(
        default=None,
        description="When the shift began; the last accepted hand-over unless said.",
        examples=["2026-01-14T18:00:00Z"],
    )


class AcceptRequest(BaseModel):
    """Who takes over, and what of it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"person": "per-7k2m9q4x1c"}]})

    person: _Id = Field(examples=["per-7k2m9q4x1c"])
    take: list[_Id] | None = Field(
        default=None,
        max_length=10_000,
        description="Incidents whose ownership moves; all without it, none for [].",
        examples=[None],
    )


class GivenAnswer(Answer):
    """A hand-over that was given. `taken` are the incidents that changed hands with its acceptance."""

    id: str = Field(examples=["hov-7k2m9q4x1c"])
    created_at: datetime = Field(examples=["2026-01-15T06:00:00Z"])
    since: datetime = Field(examples=["2026-01-14T18:00:00Z"])
    remark: str = Field(examples=["The firewall is changed at six."])
    document: dict[str, Any] = Field(examples=[_DOCUMENT])
    made_by: str = Field(examples=["person:page@unsaid"])
    accepted_at: datetime | None = Field(examples=[None])
    accepted_person: str = Field(examples=[""])
    taken: list[str] = Field(examples=[[]])


class AcceptedAnswer(GivenAnswer):
    """`kept` did not change hands: why, by incident."""

    kept: dict[str, str] = Field(examples=[{}])


class GivenList(Listed[GivenAnswer]):
    """A page of hand-overs."""


class Posted(Answer):
    """The channels that are told."""

    told: list[str] = Field(examples=[[]])
    said: str = Field(examples=["It goes to the channel."])


_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/html": {"schema": {"type": "string"}},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        }
    }
}


@router.get(
    "/handover", dependencies=[needs(Scope.READ)], summary="The hand-over as things stand",
    responses=_FILES, response_model=HandoverNow,
)  # fmt: skip
def read_handover_now(form: _Form = "json", since: Since = None) -> Any:
    """What is missing stands on top. `since` is when the shift began; the last accepted hand-over unless said."""
    document = read_handover(since=since)
    if form == "html":
        return Response(as_html(document, zone=UTC), media_type="text/html")
    if form == "pdf":
        return Response(as_pdf(document, zone=UTC), media_type="application/pdf")
    return as_json(document)


@router.get("/handovers", dependencies=[needs(Scope.READ)], summary="Hand-overs that were given")
def list_given(
    sort: _Sort = "-created_at", cursor: Cursor = "", offset: Offset = 0, limit: Limit = 50
) -> GivenList:
    """The newest first."""
    with read_session() as session:
        page = page_handovers(session, sort=sort, cursor=cursor, offset=offset, limit=limit)
        return GivenList.of(page, map(_given, page.rows))


@router.get("/handovers/{handover_id}", dependencies=[needs(Scope.READ)], summary="One hand-over, as it was")
def read_given(handover_id: RowId) -> GivenAnswer:
    """The document that was given, whatever has become of its incidents since."""
    row, _ = read_kept(handover_id)
    return _given(row)


@router.post("/handovers", dependencies=[needs(Scope.ACT)], status_code=201, summary="Give the shift over")
def give_shift_over(body: GiveRequest, request: Request, once: Asked) -> GivenAnswer:
    """Keeps everything as it is now; nothing is sent by itself."""
    return _given(giving.give_over(remark=body.remark, since=body.since, actor=actor_of(request), once=once))


@router.post("/handovers/{handover_id}/accept", dependencies=[needs(Scope.ACT)], summary="Accept a hand-over")
def accept_shift(handover_id: RowId, body: AcceptRequest, request: Request) -> AcceptedAnswer:
    """Asked again by the same person it moves further incidents; by another it answers 409."""
    came = giving.accept(handover_id, body.person, actor=actor_of(request), take=body.take)
    return AcceptedAnswer.model_validate({**_given(came.row).model_dump(), "kept": dict(came.kept)})


@router.post(
    "/handovers/{handover_id}/post",
    dependencies=[needs(Scope.ACT)],
    status_code=202,
    summary="Tell the channel of a hand-over",
)
def post_shift(handover_id: RowId, request: Request) -> Posted:
    """Told once, however often it is asked."""
    row, document = read_kept(handover_id)
    told = list(giving.post(row, document, actor=actor_of(request)))
    return Posted(
        told=told, said=f"It goes to {titles(told)}." if told else "No channel for it is connected."
    )


@router.get(
    "/incidents/{incident_id}/outlook",
    dependencies=[needs(Scope.READ)],
    summary="What is thought of an incident",
)
def read_outlook(incident_id: RowId) -> OutlookVersions:
    """Every version, the newest first; none where nothing was written."""
    with read_session() as session:
        get_incident(session, incident_id)
        return OutlookVersions(items=[_outlook(row) for row in list_outlooks(session, incident_id)])


@router.put(
    "/incidents/{incident_id}/outlook",
    dependencies=[needs(Scope.ACT)],
    summary="Write what is thought of an incident",
)
def put_outlook(incident_id: RowId, body: OutlookRequest, request: Request) -> OutlookWritten:
    """A new version; the same words again make none."""
    outlook = Outlook(body.hypothesis.strip(), body.next_step.strip(), body.by_when, body.blocker.strip())
    came = giving.write_outlook(incident_id, outlook, based_on=body.based_on, actor=actor_of(request))
    return OutlookWritten.model_validate({**_outlook(came.row).model_dump(), "overtaken": came.overtaken})


def _given(row: HandoverRow) -> GivenAnswer:
    return GivenAnswer.model_validate({**row.model_dump(), "document": as_json(from_json(row.document))})


def _outlook(row: OutlookRow) -> OutlookAnswer:
    return OutlookAnswer.model_validate(row.model_dump())
