"""Upload a batch, follow it, read its report."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Header, Request, UploadFile
from pydantic import BaseModel

from soc.access.scopes import Scope
from soc.api.guard import actor_of
from soc.api.inputs import Limit, Offset, RowId
from soc.api.scopes import needs
from soc.batches.intake import keep_upload, submit_batch
from soc.batches.progress import read_progress
from soc.batches.report import build_report
from soc.ids import new_id
from soc.integrations.kit.fields import clean_text
from soc.logs.layout import LogFormat, ReadOptions
from soc.store.batches import list_batches
from soc.store.db import read_session

router = APIRouter(prefix="/batches", tags=["batches"])


class BatchAccepted(BaseModel):
    batch_id: str


class Progress(BaseModel):
    """`share` is 0–1; `deliveries` counts by state; `settled` when nothing will move by itself any more."""

    batch_id: str
    state: str
    stage: str
    share: float
    lines_done: int
    lines_per_second: float
    seconds_left: float | None
    deliveries: dict[str, int]
    settled: bool
    error: str


@router.post("", dependencies=[needs(Scope.ACT)], status_code=202)
def upload_batch(
    request: Request,
    files: Annotated[list[UploadFile], File(description="One or more log files, gzipped or not.")],
    enable_jira: Annotated[bool, Form()] = False,
    enable_slack: Annotated[bool, Form()] = False,
    format: Annotated[LogFormat, Form()] = LogFormat.AUTO,
    idempotency_key: Annotated[str, Header()] = "",
) -> BatchAccepted:
    """Take files in as one batch. The same `Idempotency-Key` twice gives the same batch."""
    options = ReadOptions(format=format)
    uploads = [(keep_upload(clean_text(file.filename or "upload"), file.file), options) for file in files]
    key = f"api:{idempotency_key}" if idempotency_key else new_id("api")
    batch_id = submit_batch(
        uploads,
        enable_jira=enable_jira,
        enable_slack=enable_slack,
        idempotency_key=key,
        actor=actor_of(request),
    )
    return BatchAccepted(batch_id=batch_id)


@router.get("", dependencies=[needs(Scope.READ)])
def list_recent(offset: Offset = 0, limit: Limit = 50) -> list[dict[str, Any]]:
    """Newest first; at most 500 a call."""
    with read_session() as session:
        rows = list_batches(session, offset=offset, limit=limit)
        return [row.model_dump(mode="json") for row in rows]


@router.get("/{batch_id}", dependencies=[needs(Scope.READ)])
def show_progress(batch_id: RowId) -> Progress:
    progress = read_progress(batch_id)
    batch = progress.batch
    return Progress(
        batch_id=batch.id,
        state=batch.state,
        stage=batch.stage,
        share=progress.share,
        lines_done=batch.lines_done,
        lines_per_second=progress.lines_per_second,
        seconds_left=progress.seconds_left,
        deliveries=dict(progress.deliveries),
        settled=progress.settled,
        error=batch.error,
    )


@router.get("/{batch_id}/report", dependencies=[needs(Scope.READ)])
def show_report(batch_id: RowId) -> dict[str, Any]:
    """The figures, the accounts, and the display that the page shows (`lines`)."""
    report = build_report(batch_id)
    return {
        "batch": report.batch.model_dump(mode="json"),
        "lines": list(report.lines),
        "tickets": [ticket.model_dump(mode="json") for ticket in report.tickets],
        "alerts_sent": report.alerts_sent,
        "tickets_created": report.tickets_created,
        "summaries_sent": report.summaries_sent,
        "pending": report.pending,
        "dead": report.dead,
        "suppressed": dict(report.suppressed),
        "accounts": [{**vars(account), "balanced": account.balanced} for account in report.accounts],
        "balanced": report.balanced,
    }
