"""`soc process`: a batch from files to deliveries, followed to its end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from soc import engine
from soc.batches.intake import keep_local, submit_batch
from soc.batches.progress import BatchProgress, read_progress
from soc.batches.report import build_report, export_batch_events
from soc.cli.say import err, explained
from soc.configuration.practice import resume_practice, stop_sandbox
from soc.domain.actor import AT_THE_SHELL
from soc.ids import new_id
from soc.logs.layout import LogFormat, ReadOptions
from soc.serving import set_up_logging
from soc.store.nouns.batches import ACTIVE, BatchState

_DONE = ("delivered", "dead", "suppressed", "cancelled")


def options_for(format: str, *, source_column: str, message_column: str) -> ReadOptions:
    """Raises typer.BadParameter for a format that there is not."""
    try:
        return ReadOptions(
            format=LogFormat(format), source_column=source_column, message_column=message_column
        )
    except ValueError:
        raise typer.BadParameter(f"{format!r} is not a format; use one of {', '.join(LogFormat)}.") from None


def process_files(
    paths: Sequence[Path],
    options: ReadOptions,
    *,
    switches: Mapping[str, bool],
    export: Path | None,
    wait: int,
) -> None:
    """Process them as one batch and print what came of it. `switches`: submit_batch's, channel by channel.

    Raises typer.Exit(1) when it failed.
    """
    set_up_logging()
    try:
        with explained():
            uploads = [(keep_local(path), options) for path in paths]
            engine.launch()
            resume_practice()
            batch_id = submit_batch(
                uploads,
                idempotency_key=new_id("cli"),
                actor=AT_THE_SHELL,
                **switches,  # type: ignore[arg-type] # the guide's switches, by its own names
            )
            _follow(batch_id, wait=wait)
            _print_outcome(batch_id, export)
    finally:
        engine.shut_down()
        stop_sandbox()


def _follow(batch_id: str, *, wait: int) -> None:
    """Draw the batch's progress until it is settled, or the patience (seconds) for deliveries ends."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("Reading", total=1.0, figures="")
        patience: float | None = None
        while True:
            progress = read_progress(batch_id)
            if progress.batch.state in ACTIVE:
                figures = f"{progress.batch.lines_done:,} lines · {progress.lines_per_second:,.0f}/s"
                bar.update(task, completed=progress.share, figures=figures)
            elif progress.settled:
                return
            else:
                patience = patience or time.monotonic() + wait
                share, figures = _delivered(progress)
                bar.update(task, description="Delivering", completed=share, figures=figures)
                if time.monotonic() > patience:
                    return
            time.sleep(0.2)


def _delivered(progress: BatchProgress) -> tuple[float, str]:
    done = sum(progress.deliveries[state] for state in _DONE)
    total = sum(progress.deliveries.values())
    return done / max(1, total), f"{done:,} of {total:,}"


def _print_outcome(batch_id: str, export: Path | None) -> None:
    report = build_report(batch_id)
    for file in read_progress(batch_id).files:
        if file.error:
            err.print(f"❌ {file.name}: {file.error}", style="red", highlight=False, markup=False)
        for warning in file.warnings:
            err.print(f"⚠️  {file.name}: {warning}", style="yellow", highlight=False, markup=False)
    print("\n".join(report.lines))
    if export is not None and report.batch.state == BatchState.FINISHED:
        rows = export_batch_events(batch_id, export)
        err.print(f"{rows:,} rows written to {export}", highlight=False)
    if report.batch.state == BatchState.FAILED:
        raise typer.Exit(1)
