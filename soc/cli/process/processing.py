"""`soc process`: a batch from files to deliveries, followed to its end."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from soc.batches.control import go_on, run_again, stop_batch
from soc.batches.intake import Upload, keep_local, keep_upload, known_content, submit_batch
from soc.batches.progress import BatchProgress, read_progress
from soc.batches.reading.export import export_stories
from soc.batches.report import BatchReport, build_report, export_batch_events, not_available_line
from soc.batches.telling.flood import release_incidents
from soc.cli.documents import batch_document
from soc.cli.endings import Ending
from soc.cli.process.channels import asked_for, not_told, split_channels
from soc.cli.process.judging import judge
from soc.cli.process.sources import Source, check_export
from soc.cli.process.working import Working
from soc.cli.say import complain, end, err, give, is_quiet, log_between_lines, note, open_store, result, warn
from soc.domain.actor import AT_THE_SHELL
from soc.ids import new_id
from soc.integrations.registry import KINDS
from soc.logs.layout import LogFormat, ReadOptions
from soc.store.faults import when_the_store_answers
from soc.store.nouns.batches.batches import ACTIVE, BatchState
from soc.zone import parse_zone

_STORE_PATIENCE = timedelta(minutes=5)
_DONE = ("delivered", "dead", "suppressed", "joined", "awaiting", "cancelled")


def options_for(format: str, *, source_column: str, message_column: str, zone: str) -> ReadOptions:
    """Raises typer.BadParameter for a format or a zone that there is not."""
    try:
        zone = parse_zone(zone)
    except ValueError as error:
        raise typer.BadParameter(f"{zone!r} is no zone: one {error}.") from None
    try:
        return ReadOptions(
            format=LogFormat(format), source_column=source_column, message_column=message_column, zone=zone
        )
    except ValueError:
        raise typer.BadParameter(f"{format!r} is not a format; use one of {', '.join(LogFormat)}.") from None


def process_files(
    sources: Sequence[Source],
    options: ReadOptions,
    *,
    told: Mapping[str, bool | None],
    name: str,
    export: Path | None,
    wait: int,
    as_new: bool | None = None,
    incidents: Path | None = None,
    flood_cap: int | None = None,
) -> None:
    """Process them as one batch and say what came of it. `told`: what was said of each channel, by its kind.

    `as_new`: whether what was found before in the same content is told anew; None: who sits there is asked, else it is not.

    Raises typer.Exit with the code of how it ended.
    """
    with _followed() as following, Working() as work:
        on, muted = split_channels(told)
        missing = not_told(asked_for(told))
        for kind, why in missing.items():
            warn(f"{not_available_line(KINDS[kind])}: {why} Incidents are kept; nothing is sent there.")
        uploads = [(_keep(source), options) for source in sources]
        again = _told_anew([upload for upload, _ in uploads], as_new)
        following.batch_id = submit_batch(
            uploads,
            idempotency_key=new_id("cli"),
            actor=AT_THE_SHELL,
            on=on,
            muted=muted,
            name=name,
            as_new=again,
            flood_cap=flood_cap,
        )
        work.begin(following.batch_id)
        _follow(following.batch_id, work, wait=wait)
        _tell_outcome(following.batch_id, export, missing=missing, incidents=incidents)


def _told_anew(uploads: Sequence[Upload], as_new: bool | None) -> bool:
    """Whether what is found again in content that was processed before is told anew. Nobody there to ask: it is joined."""
    known = known_content(uploads)
    for name, said in known.items():
        note(f"{name} {said}")
    if not known or as_new is not None:
        return bool(as_new)
    if sys.stdin.isatty() and not is_quiet():
        return not typer.confirm("Join what is found again to what is there?", default=True, err=True)
    note("What is found again is joined to what is there (--as-new tells of it anew).")
    return False


def take_up(batch_id: str, *, wait: int, anyway: bool = False) -> None:
    """Have a batch run again, or (`anyway`) a held one go on, and follow it to its end.

    Raises NotFound, Conflict, and typer.Exit with the code of how it ended.
    """
    with _followed(batch_id), Working(always=True) as work:
        act = go_on if anyway else run_again
        act(batch_id, actor=AT_THE_SHELL)
        _follow(batch_id, work, wait=wait)
        _tell_outcome(batch_id, None, missing={})


def release(batch_id: str, incident_ids: Sequence[str], *, wait: int) -> None:
    """Have what waits of a batch told, and follow it to its end. Raises NotFound, Conflict, typer.Exit as `take_up` does."""
    with _followed(batch_id), Working(always=True) as work:
        number = release_incidents(batch_id, list(incident_ids) or None, actor=AT_THE_SHELL)
        note(f"{number:,} released.")
        _follow(batch_id, work, wait=wait)
        _tell_outcome(batch_id, None, missing={})


def stop(batch_id: str) -> None:
    """End a batch at once. Raises NotFound, Conflict."""
    open_store()
    stop_batch(batch_id, actor=AT_THE_SHELL)
    result(
        f"{batch_id} is stopped; nothing of it was stored. `soc batches run-again {batch_id}` reads it anew."
    )
    give({"id": batch_id, "state": BatchState.STOPPED.value})


@dataclass
class _End:
    """Whether somebody asked for the end. While a batch is followed that is looked at between two reads: an exception
    in the middle of one would leave the store's library to tell of it, with a traceback.
    """

    asked: bool = False
    following: bool = False
    batch_id: str = ""


_end = _End()


@contextmanager
def _followed(batch_id: str = "") -> Iterator[_End]:
    """A command that follows a batch, this one or the one that is named on the way: interrupted, it says what goes on."""
    _watch_for_the_end()
    log_between_lines()
    _end.batch_id = batch_id
    try:
        yield _end
    except KeyboardInterrupt:
        named = _end.batch_id
        goes_on = f" {named} goes on with the next process (soc show {named})." if named else ""
        end(Ending.INTERRUPTED, f"Interrupted.{goes_on}")


def _watch_for_the_end() -> None:
    _end.asked = _end.following = False
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _interrupt)


def _interrupt(*_: object) -> None:
    if not _end.following or _end.asked:
        raise KeyboardInterrupt
    _end.asked = True


def _keep(source: Source) -> Upload:
    """Where it lies, or (what can be read only once) kept as an upload."""
    if source.path is None:
        if sys.stdin.isatty():
            note("Reading what you type; end with Ctrl-D on an empty line.")
        return keep_upload(source.name, sys.stdin.buffer)
    if source.streams:
        with source.path.open("rb") as stream:
            return keep_upload(source.name, stream)
    return keep_local(source.path, source.name)


def _follow(batch_id: str, work: Working, *, wait: int) -> None:
    """Draw the batch's progress until it is settled, or the patience (seconds) for deliveries ends."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=is_quiet()) as bar:
        task = bar.add_task("Reading", total=1.0, figures="")
        patience: float | None = None
        _end.following = True
        while True:
            if _end.asked:
                raise KeyboardInterrupt
            # the database may be away or locked for a while; the batch waits for it too
            progress = when_the_store_answers(partial(read_progress, batch_id), patience=_STORE_PATIENCE)
            if progress.batch.state == BatchState.RETRY:
                bar.update(task, description="Waiting", completed=0.0, figures=progress.batch.error)
            elif progress.batch.state in ACTIVE:
                said = (
                    progress.doing
                    if progress.figures
                    else f"{progress.doing} {progress.batch.current_file} …"
                )
                bar.update(task, description=said)
                bar.update(task, completed=progress.share, figures=progress.figures)
            elif progress.settled:
                return
            else:
                patience = patience or time.monotonic() + wait
                share, figures = _delivered(progress)
                bar.update(task, description="Delivering", completed=share, figures=figures)
                if time.monotonic() > patience:
                    return
            work.wait(progress.batch.state)


def _delivered(progress: BatchProgress) -> tuple[float, str]:
    done = sum(progress.deliveries[state] for state in _DONE)
    total = sum(progress.deliveries.values())
    return done / max(1, total), f"{done:,} of {total:,}"


def _tell_outcome(
    batch_id: str, export: Path | None, *, missing: Mapping[str, str], incidents: Path | None = None
) -> None:
    """The report's lines, the exports, and last the reason where not all was done."""
    _end.following = False
    report = build_report(batch_id)
    for file in report.files:
        if file.error:
            complain(f"{file.name}: {file.error}")
        for warning in file.warnings:
            warn(f"{file.name}: {warning}")
    for line in report.lines:
        result(line)
    written = _export(report, export)
    told = _export_stories(report, incidents)
    ending, reason = judge(report, missing=missing)
    document: dict[str, Any] = {"exit_code": ending.value, "ending": ending.word, "reason": reason}
    give(
        document
        | batch_document(report)
        | ({"export": written} if written else {})
        | ({"stories": told} if told else {})
    )
    if ending is not Ending.DONE:
        end(ending, reason)
    note(f"Batch {batch_id}: all done.")


def _export(report: BatchReport, target: Path | None) -> dict[str, Any]:
    if target is None:
        return {}
    if report.batch.state != BatchState.FINISHED or report.nothing_read:
        warn(f"{target} was not written: no line was read.")
        return {}
    form = check_export(target)
    rows = export_batch_events(report.batch.id, target)
    size = target.stat().st_size
    note(f"{rows:,} rows ({size:,} bytes, {form}) written to {target}")
    return {"file": str(target), "rows": rows, "bytes": size, "format": form}


def _export_stories(report: BatchReport, target: Path | None) -> dict[str, Any]:
    if target is None:
        return {}
    if report.batch.state != BatchState.FINISHED:
        warn(f"{target} was not written: no line was read.")
        return {}
    number = export_stories(report.batch.id, target)
    note(f"{number:,} incidents written to {target}")
    return {"file": str(target), "incidents": number}
