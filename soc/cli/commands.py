"""The shell's way in: what each command of `soc` is called, takes and is for.

What a command does stands in a file of its own, imported when it is called: to bring the log path and the engine along
for `soc --help` would take seconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soc import __version__
from soc.cli.act.commands import incident_app, ticket_app
from soc.cli.act.conflict_commands import conflict_app, reconcile
from soc.cli.act.shift_commands import handover_app
from soc.cli.admin import batches_app, config_app, keys_app
from soc.cli.duty.commands import escalation_app, roster_app
from soc.cli.endings import Ending
from soc.cli.keep.commands import add_to as add_keeping_to
from soc.cli.look.chat import add_manifests
from soc.cli.look.commands import add_to
from soc.cli.process.channels import with_channels
from soc.cli.process.plain_values import take_plain_values
from soc.cli.process.sources import check_export, check_stories, find_sources
from soc.cli.rule.commands import rules_app
from soc.cli.rule.sla.commands import sla_app
from soc.cli.rule.suppress_commands import suppress_app
from soc.cli.say import Commands, Json, Quiet, end
from soc.cli.who.commands import audit_app, people_app
from soc.cli.who.user_commands import approvals_app, sessions_app, users_app

take_plain_values()
app = typer.Typer(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="SOC operations: log batches in; incidents, tickets and alerts out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(incident_app, name="incident")
app.add_typer(ticket_app, name="ticket")
app.add_typer(conflict_app, name="conflict")
app.command("reconcile")(reconcile)
app.add_typer(roster_app, name="roster")
app.add_typer(escalation_app, name="escalation")
app.add_typer(keys_app, name="keys")
app.add_typer(config_app, name="config")
app.add_typer(rules_app, name="rules")
app.add_typer(suppress_app, name="suppress")
app.add_typer(sla_app, name="sla")
app.add_typer(batches_app, name="batches")
app.add_typer(handover_app, name="handover")
app.add_typer(people_app, name="people")
app.add_typer(users_app, name="users")
app.add_typer(sessions_app, name="sessions")
app.add_typer(approvals_app, name="approvals")
app.add_typer(audit_app, name="audit")
add_manifests(app)

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
def dashboard(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on (8501 unless configured).")
    ] = None,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo",
            help="A month of a company that does not exist, with practice vendors alone, in a folder that goes when this ends.",
        ),
    ] = False,
) -> None:
    """Serve everything from one process: the pages, the API, /metrics and the engine."""
    if demo:
        from soc.cli.serve.demonstration import serve_demonstration  # start-up cost

        serve_demonstration(port)
    from soc.cli.serve.pages import serve_dashboard  # start-up cost

    serve_dashboard(port)


@app.command()
@with_channels
def process(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Log files, gzipped or not; folders; quoted patterns (logs/**/*.gz); - is standard input.",
        ),
    ],
    export: Annotated[
        Path | None,
        typer.Option(help="Write every line with its verdict to this file: .parquet, .csv or .jsonl."),
    ] = None,
    incidents: Annotated[
        Path | None, typer.Option(help="Write the incidents, one JSON object a line, to this file (.jsonl).")
    ] = None,
    name: Annotated[str, typer.Option(help="What the batch is called (and standard input).")] = "",
    format: Annotated[str, typer.Option(help="auto, or a format's name as in docs/log-formats.md.")] = "auto",
    source_column: Annotated[str, typer.Option(help="CSV column of the source.")] = "",
    message_column: Annotated[str, typer.Option(help="CSV column of the message.")] = "",
    zone: Annotated[
        str,
        typer.Option(
            help="Zone of times that name none: Europe/Berlin, +02:00. Left out: SOC_ZONE, else UTC."
        ),
    ] = "",
    wait: Annotated[int, typer.Option(min=0, help="Seconds to wait for deliveries.")] = DEFAULT_WAIT_SECONDS,
    as_new: Annotated[
        bool | None,
        typer.Option(
            "--as-new/--join",
            help="Tell anew, or join, what was found before in the same content; asked where somebody sits there, else joined.",
        ),
    ] = None,
    flood_cap: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="So many incidents are told at once, the gravest first; the others await release. 0: all. Left out: SOC_FLOOD_CAP.",
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    **told: bool | None,
) -> None:
    """Process log files as one batch, and tell the channels of what meets a rule."""
    sources = find_sources(files, name=name)
    if export is not None:
        check_export(export)
    if incidents is not None:
        check_stories(incidents)
    from soc.cli.process.processing import options_for, process_files  # start-up cost

    options = options_for(format, source_column=source_column, message_column=message_column, zone=zone)
    process_files(
        sources, options, told=told, name=name, export=export, wait=wait, as_new=as_new, incidents=incidents,
        flood_cap=flood_cap,
    )  # fmt: skip


add_to(app)
add_keeping_to(app)


@app.command()
def worker() -> None:
    """Run the engine alone: batches, deliveries and schedules, until interrupted."""
    from soc.cli.serve.servers import run_worker  # start-up cost

    run_worker()


@app.command()
def api(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8502,
) -> None:
    """Serve the API alone (with the engine), at /api/v1, and /metrics for Prometheus."""
    from soc.cli.serve.servers import serve_api  # start-up cost

    serve_api(host, port)


@app.command()
def sandbox(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port to listen on (8610 unless the installation has one)."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget earlier practice tickets and messages.")
    ] = False,
) -> None:
    """Run the practice vendors alone, with a console where faults can be switched on."""
    from soc.cli.serve.practice import serve_sandbox  # start-up cost

    serve_sandbox(port, fresh=fresh)


@app.command()
def patterns(
    folder: Annotated[Path, typer.Argument(help="Where they go; SOC_PATTERN_CACHE names it later.")],
) -> None:
    """Compile the signatures ahead, for an image: its first batch then begins without waiting for them."""
    from soc.cli.serve.ahead import compile_signatures  # start-up cost

    compile_signatures(folder)


@app.command()
def docs(
    check: Annotated[bool, typer.Option("--check", help="Only say whether they are up to date.")] = False,
) -> None:
    """Write what is generated from the code: .env.example and the tables of fields in docs/ (in a checkout)."""
    from soc.cli.listing import command_tables  # start-up cost
    from soc.documentation import generate  # start-up cost
    from soc.settings import IN_CHECKOUT  # start-up cost

    if not IN_CHECKOUT:
        end(Ending.USAGE, "The documentation's sources are not installed; run this in a checkout.")
    stale = generate(write=not check, more=command_tables(app))
    for path in stale:
        print(f"{'stale' if check else 'written'}: {path}")
    if check and stale:
        end(Ending.CHECK_FAILED, "The documentation is not what the code says; run `soc docs`.")
