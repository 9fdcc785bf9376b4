"""Batches: upload one, follow it, read its report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from pydantic import AfterValidator, BaseModel, Field, computed_field

from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.inputs import BatchStateFilter, Limit, Offset, RowId
from soc.api.lanes import in_lane
from soc.api.lists import PAGE, SOME_KIND, Answer, Cursor, Listed, Since, Until, sorts_of
from soc.api.problems import at
from soc.api.routes.tickets import Ticket, shown_ticket
from soc.api.scopes import needs
from soc.batches.intake import choose_channels, keep_uploads, known_content, submit_batch
from soc.batches.progress import read_progress
from soc.batches.report import build_report
from soc.ids import new_id
from soc.integrations.kit.fields import clean_text
from soc.level import Level
from soc.links import batch_url
from soc.logs.layout import LogFormat, ReadOptions
from soc.store.db import read_session
from soc.store.nouns.batches.batches import BATCH_SORTS, BatchFilter, BatchState, page_batches
from soc.zone import parse_zone

router = APIRouter(prefix="/batches", tags=["batches"])
_Sort = Annotated[str, sorts_of(BATCH_SORTS)]


class BatchAccepted(BaseModel):
    """Follow it at `GET /batches/{batch_id}`."""

    batch_id: str = Field(examples=["bat-7k2m9q4x1c"])
    known: list[str] = Field(
        default=[],
        description="Files whose content was processed before, each with where and what follows.",
        examples=[["auth.log was processed before (batch bat-2x9, 2026-01-14 22:03 UTC)."]],
    )


class Progress(BaseModel):
    """`share` is 0–1; `deliveries` counts by state; `settled` when nothing will move by itself any more."""

    batch_id: str = Field(examples=["bat-7k2m9q4x1c"])
    state: BatchState
    stage: str = Field(examples=["reading"])
    share: float = Field(examples=[0.42])
    lines_done: int = Field(examples=[84000])
    lines_per_second: float = Field(examples=[61000.0])
    seconds_left: float | None = Field(examples=[1.9])
    deliveries: dict[str, int] = Field(examples=[{"pending": 3, "delivered": 0}])
    settled: bool = Field(examples=[False])
    error: str = Field(
        description="Why it failed or waits for its next try; or (`held`) what has to be decided.",
        examples=[""],
    )
    next_try_at: datetime | None = Field(
        default=None, description="When it is tried again (`retry`).", examples=[None]
    )


class Batch(Answer):
    """One upload with its counts. Counts are in lines, except `incidents` and `eligible`."""

    id: str = Field(examples=["bat-7k2m9q4x1c"])
    name: str = Field(examples=["auth.log and 2 more"])
    state: BatchState
    created_at: datetime = Field(examples=["2026-01-14T22:03:00Z"])
    started_at: datetime | None = Field(examples=["2026-01-14T22:03:01Z"])
    finished_at: datetime | None = Field(examples=["2026-01-14T22:03:11Z"])
    heartbeat_at: datetime | None = Field(examples=["2026-01-14T22:03:10Z"])
    idempotency_key: str = Field(examples=["api:night-1"])
    attempt: int = Field(examples=[1])
    enable_jira: bool = Field(examples=[True])
    enable_slack: bool = Field(examples=[True])
    muted: list[str] = Field(description="Channels that are not told.", examples=[[]])
    practice: bool = Field(examples=[False])
    stage: str = Field(examples=[""])
    current_file: str = Field(examples=[""])
    bytes_total: int = Field(examples=[1048576])
    bytes_done: int = Field(examples=[1048576])
    lines_done: int = Field(examples=[12000])
    lines_in: int = Field(examples=[12000])
    parsed: int = Field(examples=[11990])
    rejected: int = Field(examples=[10])
    incidents: int = Field(examples=[31])
    eligible: int = Field(examples=[4])
    seconds: float = Field(examples=[0.9])
    by_class: dict[str, int] = Field(examples=[{"Security Alert": 412}])
    by_severity: dict[str, int] = Field(examples=[{"critical": 4}])
    error: str = Field(
        description="Why it failed or waits for its next try; or (`held`) what has to be decided.",
        examples=[""],
    )
    try_number: int = Field(default=1, description="The try that runs or comes next.", examples=[1])
    failures: int = Field(default=0, description="Tries that broke off.", examples=[0])
    next_try_at: datetime | None = Field(
        default=None, description="When it is tried again (`retry`).", examples=[None]
    )
    flood_cap: int = Field(
        default=0, description="So many of its incidents are told at once; 0: all.", examples=[25]
    )
    without_budget: bool = Field(
        default=False, description="It is read however large it is.", examples=[False]
    )
    changed_by: str = Field(default="", description="Who stopped it or had it run again last.", examples=[""])
    ruleset: str = Field(default="", description="The hash of the rules that judged it.", examples=["9f2c"])
    trace_id: str = Field(default="", description="The trace that it belongs to, or empty.", examples=[""])
    made_by: str = Field(description="Who submitted it.", examples=["key:key-7k2m9q4x1c@bearer"])

    @computed_field(  # type: ignore[prop-decorator]
        description=PAGE, examples=["https://soc.example/process_logs?batch=bat-7k2m9q4x1c"]
    )
    @property
    def url(self) -> str:
        return batch_url(self.id)


class BatchList(Listed[Batch]):
    """A page of batches."""


class ChannelAccount(Answer):
    """eligible = delivered + joined + awaiting + suppressed + pending + dead, for one channel."""

    channel: str = Field(examples=[SOME_KIND])
    eligible: int = Field(examples=[4])
    delivered: int = Field(examples=[4])
    joined: int = Field(description="They belong to what was told before.", examples=[0])
    awaiting: int = Field(description="They await release.", examples=[0])
    suppressed: int = Field(examples=[0])
    pending: int = Field(examples=[0])
    dead: int = Field(examples=[0])
    balanced: bool = Field(examples=[True])


class Report(Answer):
    """What came of a batch; `lines` is the display that the page shows."""

    batch: Batch
    level: Level = Field(
        description="`ok`: it was read and everybody was told. `note`: not at its end yet, or stopped. `warning`: in part. "
        "`error`: nothing was read.",
        examples=["ok"],
    )
    lines: list[str] = Field(examples=[["✅ Processed 12000 logs successfully!"]])
    tickets: list[Ticket]
    alerts_sent: int = Field(examples=[4])
    tickets_created: int = Field(examples=[4])
    summaries_sent: int = Field(examples=[1])
    breached_at_intake: int = Field(
        description="Tickets that were late before anybody here could know.", examples=[0]
    )
    awaiting_release: int = Field(
        description="Incidents that nobody is told of until somebody releases them.", examples=[0]
    )
    pending: int = Field(examples=[0])
    dead: int = Field(examples=[0])
    suppressed: dict[str, int] = Field(examples=[{}])
    accounts: list[ChannelAccount]
    balanced: bool = Field(examples=[True])


@router.post("", dependencies=[needs(Scope.ACT)], status_code=202, summary="Take files in as one batch")
@in_lane("uploads")
def create_batch(
    request: Request,
    response: Response,
    once: Asked,
    files: Annotated[list[UploadFile], File(description="One or more log files, gzipped or not.")],
    channels: Annotated[
        list[str] | None,
        Form(
            max_length=50,
            description="The integrations that are told, by name; an empty one: nobody. Left out: those that are "
            "set up; those with a switch of their own only where their `enable_…` says so.",
        ),
    ] = None,
    enable_jira: Annotated[bool, Form()] = False,
    enable_slack: Annotated[bool, Form()] = False,
    format: Annotated[LogFormat, Form()] = LogFormat.AUTO,
    zone: Annotated[
        str,
        AfterValidator(parse_zone),
        Form(
            max_length=64,
            description="The zone of times that name none: `Europe/Berlin`, `+02:00`. Left out: `SOC_ZONE`, else UTC.",
        ),
    ] = "",
    again: Annotated[
        Literal["join", "new"],
        Form(
            description="What becomes of incidents that were found before in the same content: `join` them to what is there "
            "(no second ticket, no second alert), or tell of them as `new`."
        ),
    ] = "join",
    flood_cap: Annotated[
        int | None,
        Form(
            ge=0,
            le=1_000_000,
            description="So many of its incidents are told at once, the gravest first (0: all); the others await release. "
            "What scores 9 or more never waits. Left out: `SOC_FLOOD_CAP`.",
        ),
    ] = None,
) -> BatchAccepted:
    """The same `Idempotency-Key` with the same files and options gives the same batch.

    `known` in the answer names files whose content was processed before.
    """
    on, muted = _told(channels)
    options = ReadOptions(format=format, zone=zone)
    kept = keep_uploads((clean_text(file.filename or "upload"), file.file) for file in files)
    batch_id = submit_batch(
        [(upload, options) for upload in kept],
        on=on,
        enable_jira=enable_jira,
        enable_slack=enable_slack,
        muted=muted,
        idempotency_key=f"api:{once.key}" if once else new_id("api"),
        actor=actor_of(request),
        once=once,
        as_new=again == "new",
        flood_cap=flood_cap,
    )
    response.headers["Location"] = at(request, f"/batches/{batch_id}")
    known = known_content(kept, before=batch_id)
    then = (
        "What is found again is joined to it; send again=new to tell of it anew." if again == "join" else ""
    )
    return BatchAccepted(
        batch_id=batch_id, known=[f"{name} {said} {then}".strip() for name, said in known.items()]
    )


def _told(channels: Sequence[str] | None) -> tuple[Sequence[str], Sequence[str]]:
    return ((), ()) if channels is None else choose_channels([one for one in channels if one])


@router.get("", dependencies=[needs(Scope.READ)], summary="Batches, newest first")
def list_batches(
    state: BatchStateFilter = "",
    practice: bool | None = None,
    since: Since = None,
    until: Until = None,
    sort: _Sort = "-created_at",
    cursor: Cursor = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> BatchList:
    """`since` and `until` bound the upload."""
    chosen = BatchFilter(states=(state,) if state else (), practice=practice, since=since, until=until)
    with read_session() as session:
        page = page_batches(session, chosen, sort=sort, cursor=cursor, offset=offset, limit=limit)
        return BatchList.of(page, map(Batch.model_validate, page.rows))


@router.get("/{batch_id}", dependencies=[needs(Scope.READ)], summary="How far a batch is")
def get_batch(batch_id: RowId) -> Progress:
    """Ask again until it is `settled`. One that is `held` waits for `continue` or `stop`."""
    return progress_of(batch_id)


def progress_of(batch_id: str) -> Progress:
    """How far it is. Raises NotFound."""
    progress = read_progress(batch_id)
    batch = progress.batch
    return Progress(
        batch_id=batch.id,
        state=BatchState(batch.state),
        stage=batch.stage,
        share=progress.share,
        lines_done=batch.lines_done,
        lines_per_second=progress.lines_per_second,
        seconds_left=progress.seconds_left,
        deliveries=dict(progress.deliveries),
        settled=progress.settled,
        error=batch.error,
        next_try_at=batch.next_try_at,
    )


@router.get("/{batch_id}/report", dependencies=[needs(Scope.READ)], summary="What came of a batch")
def get_batch_report(batch_id: RowId) -> Report:
    """The figures, the accounts, and the display that the page shows."""
    report = build_report(batch_id)
    return Report(
        batch=Batch.model_validate(report.batch),
        level=report.level,
        lines=list(report.lines),
        tickets=[shown_ticket(ticket) for ticket in report.tickets],
        alerts_sent=report.alerts_sent,
        tickets_created=report.tickets_created,
        summaries_sent=report.summaries_sent,
        breached_at_intake=report.intake,
        awaiting_release=report.awaiting,
        pending=report.pending,
        dead=report.dead,
        suppressed=dict(report.suppressed),
        accounts=[ChannelAccount.model_validate(account) for account in report.accounts],
        balanced=report.balanced,
    )
