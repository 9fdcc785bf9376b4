"""`soc status`, `list`, `show`, `metrics`, `replay` and `readiness`: what each takes. What it does is imported when one is called."""

from __future__ import annotations

from typing import Annotated

import typer

from soc.cli.say import Json, Quiet


def status(json: Json = False, quiet: Quiet = False) -> None:
    """How integrations, deliveries and batches stand; ends with 6 or 5 where somebody has to act."""
    from soc.cli.look.looking import print_status  # start-up cost

    print_status()


def list_rows(
    noun: Annotated[str, typer.Argument(metavar="WHAT", help="batches, incidents, tickets or deliveries.")],
    state: Annotated[str, typer.Option(help="Only those in this state (dead, finished, open …).")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 20,
    json: Json = False,
) -> None:
    """The newest batches, incidents, tickets or deliveries."""
    from soc.cli.look.looking import print_list  # start-up cost

    print_list(noun, state=state, limit=limit)


def show(
    thing: Annotated[
        str, typer.Argument(metavar="ID", help="An id (bat-…, inc-…, dlv-…, a rule's) or a ticket's key.")
    ],
    json: Json = False,
) -> None:
    """One batch, incident, delivery, rule or ticket."""
    from soc.cli.look.looking import show as show_one  # start-up cost

    show_one(thing)


def replay(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Deliveries (dlv-…).")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="All that were given up.")] = False,
    integration: Annotated[str, typer.Option(help="With --dead: of this integration alone.")] = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="With --dead: say what would be sent, and send nothing.")
    ] = False,
    wait: Annotated[int, typer.Option(min=0, help="Seconds to wait for them.")] = 60,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Try deliveries again; what may have arrived is looked up first."""
    from soc.cli.look.replaying import preview_deliveries, replay_deliveries  # start-up cost

    if preview:
        preview_deliveries(ids or [], dead=dead, integration=integration)
        return
    replay_deliveries(ids or [], dead=dead, integration=integration, wait=wait)


def readiness(
    kinds: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KIND]...", help="An integration; without one all that can be checked."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Look whether a vendor's project is ready for what will be sent; nothing is changed there. Ends with 8 if not."""
    from soc.cli.look.readiness import print_readiness  # start-up cost

    print_readiness(kinds or [])


def metrics(
    since: Annotated[
        str, typer.Option(help="Tickets opened from this moment on (2026-01-14T22:00:00Z).")
    ] = "",
    until: Annotated[str, typer.Option(help="Tickets opened before this moment.")] = "",
    priority: Annotated[str, typer.Option(help="Only this priority (Highest … Lowest).")] = "",
    source: Annotated[str, typer.Option(help="Only tickets of logs from this source.")] = "",
    owner: Annotated[str, typer.Option(help="A person's id, or nobody.")] = "",
    team: Annotated[str, typer.Option(help="A team's id or name.")] = "",
    zone: Annotated[str, typer.Option(help="The time zone in which a day begins.")] = "UTC",
    json: Json = False,
) -> None:
    """Tickets a day, how long things take, what is kept within SLA, escalations, and how the vendors' APIs answer."""
    from soc.cli.look.figures import print_figures  # start-up cost

    print_figures(
        since=since, until=until, priority=priority, source=source, owner=owner, team=team, zone=zone
    )


def why(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE", help="A line of a log: auth.log:17.")],
    format: Annotated[str, typer.Option(help="auto, or a format's name as in docs/log-formats.md.")] = "auto",
    zone: Annotated[str, typer.Option(help="Zone of times that name none, as `soc process` takes it.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Why a line is what it is: what was read, who decided, what its score is made of, its incident and rules. Stores nothing."""
    from soc.cli.look.why import print_why  # start-up cost

    print_why(place, format=format, zone=zone)


def add_to(app: typer.Typer) -> None:
    """Give the application these commands."""
    app.command("status")(status)
    app.command("list")(list_rows)
    app.command("show")(show)
    app.command("metrics")(metrics)
    app.command("replay")(replay)
    app.command("readiness")(readiness)
    app.command("why")(why)
