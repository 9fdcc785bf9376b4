"""The shell's way in: `soc process | worker | api | sandbox | docs`."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from soc import __version__
from soc.cli.admin import config_app, keys_app
from soc.domain.actor import AT_THE_SHELL
from soc.errors import SocError

app = typer.Typer(
    help="SOC operations: log batches in; incidents, tickets and alerts out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(keys_app, name="keys")
app.add_typer(config_app, name="config")
err = Console(stderr=True)

#: How long `soc process` waits for vendors after the lines are read, unless told otherwise.
DEFAULT_WAIT_SECONDS = 300


def _version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """SOC operations: log batches in; incidents, tickets and alerts out."""


@app.command()
def process(
    files: Annotated[
        list[Path], typer.Argument(help="Log files: CSV, plain, syslog, JSON lines; gzipped or not.")
    ],
    slack: Annotated[bool, typer.Option("--slack", help="Enable Slack notifications.")] = False,
    jira: Annotated[bool, typer.Option("--jira", help="Enable JIRA incident creation.")] = False,
    export: Annotated[
        Path | None, typer.Option(help="Write every line with its verdict to this Parquet file.")
    ] = None,
    format: Annotated[str, typer.Option(help="auto, or a format's name as in docs/log-formats.md.")] = "auto",
    source_column: Annotated[str, typer.Option(help="CSV column of the source.")] = "",
    message_column: Annotated[str, typer.Option(help="CSV column of the message.")] = "",
    wait: Annotated[int, typer.Option(help="Seconds to wait for deliveries.")] = DEFAULT_WAIT_SECONDS,
) -> None:
    """Process log files as one batch, and tell Jira and Slack of what matters."""
    from soc import engine
    from soc.batches.intake import keep_local, submit_batch
    from soc.batches.report import build_report, export_batch_events
    from soc.ids import new_id
    from soc.logs.layout import LogFormat, ReadOptions
    from soc.serving import set_up_logging

    set_up_logging()
    try:
        options = ReadOptions(
            format=LogFormat(format), source_column=source_column, message_column=message_column
        )
    except ValueError:
        raise typer.BadParameter(f"{format!r} is not a format; use one of {', '.join(LogFormat)}.") from None
    try:
        uploads = [(keep_local(path), options) for path in files]
        _start_engine()
        batch_id = submit_batch(
            uploads, enable_jira=jira, enable_slack=slack, idempotency_key=new_id("cli"), actor=AT_THE_SHELL
        )
        _follow(batch_id, wait=wait)
        report = build_report(batch_id)
        _print_files(batch_id)
        print("\n".join(report.lines))
        if export is not None and report.batch.state == "finished":
            rows = export_batch_events(batch_id, export)
            err.print(f"{rows:,} rows written to {export}", highlight=False)
        failed = report.batch.state == "failed"
    except SocError as error:
        err.print(f"❌ {error}", style="red", highlight=False, markup=False)
        raise typer.Exit(1) from None
    finally:
        engine.shut_down()
        _stop_sandbox()
    if failed:
        raise typer.Exit(1)


def _start_engine() -> None:
    from soc import engine
    from soc.configuration.practice import resume_practice

    engine.launch()
    resume_practice()


def _stop_sandbox() -> None:
    from soc.configuration.practice import stop_sandbox

    stop_sandbox()


def _follow(batch_id: str, *, wait: int) -> None:
    """Draw the batch's progress until it is settled, or the patience for deliveries ends."""
    from soc.batches.progress import read_progress
    from soc.store.batches import ACTIVE

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
                done = sum(
                    progress.deliveries[state] for state in ("delivered", "dead", "suppressed", "cancelled")
                )
                total = sum(progress.deliveries.values())
                bar.update(
                    task,
                    description="Delivering",
                    completed=done / max(1, total),
                    figures=f"{done:,} of {total:,}",
                )
                if time.monotonic() > patience:
                    return
            time.sleep(0.2)


def _print_files(batch_id: str) -> None:
    from soc.batches.progress import read_progress

    for file in read_progress(batch_id).files:
        if file.error:
            err.print(f"❌ {file.name}: {file.error}", style="red", highlight=False, markup=False)
        for warning in file.warnings:
            err.print(f"⚠️  {file.name}: {warning}", style="yellow", highlight=False, markup=False)


@app.command()
def worker() -> None:
    """Run the engine alone: batches, deliveries and schedules, until interrupted."""
    from soc import engine
    from soc.serving import set_up_logging

    set_up_logging()
    try:
        _start_engine()
    except SocError as error:
        err.print(f"❌ {error}", style="red", highlight=False, markup=False)
        raise typer.Exit(1) from None
    gc.freeze()  # what was imported stays: no need to look through it again
    err.print(f"Working as {engine.executor_name()}; stop with Ctrl-C.", highlight=False)
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    ended.wait()
    engine.shut_down()
    _stop_sandbox()


@app.command()
def api(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8502,
) -> None:
    """Serve the API alone (with the engine), at /api/v1, and /metrics for Prometheus."""
    import uvicorn
    from starlette.applications import Starlette

    from soc.serving import guarded_routes, lifespan

    beyond = host not in ("127.0.0.1", "localhost", "::1")
    if beyond:
        err.print(
            f"Listening on {host}: every call but /api/v1/health needs a key (`soc keys create`).",
            highlight=False,
        )
    served = Starlette(routes=guarded_routes(listens_beyond_loopback=beyond), lifespan=lifespan)
    uvicorn.run(served, host=host, port=port, log_level="warning", server_header=False)


@app.command()
def sandbox(
    port: Annotated[
        int | None, typer.Option(help="Port to listen on (8610 unless the installation has one).")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget earlier practice tickets and messages.")
    ] = False,
) -> None:
    """Run the practice vendors alone, with a console where faults can be switched on."""
    from soc.sandbox.server import DEFAULT_PORT, serve
    from soc.settings import get_settings

    state = get_settings().data_dir / "sandbox.jsonl"
    state.parent.mkdir(parents=True, exist_ok=True)
    if fresh:
        state.unlink(missing_ok=True)
    try:
        serve(port=port or DEFAULT_PORT, state_path=state)
    except OSError as error:
        err.print(
            f"❌ Port {port or DEFAULT_PORT} cannot be used: {error.strerror or error}. Choose another with --port.",
            style="red",
        )
        raise typer.Exit(1) from None


@app.command()
def docs(
    check: Annotated[bool, typer.Option("--check", help="Only say whether they are up to date.")] = False,
) -> None:
    """Write what is generated from the code: .env.example and the tables of fields in docs/."""
    from soc.documentation import generate

    stale = generate(write=not check)
    for path in stale:
        print(f"{'stale' if check else 'written'}: {path}")
    if check and stale:
        raise typer.Exit(1)


def main() -> None:
    """Entry point of the `soc` command."""
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(app())
