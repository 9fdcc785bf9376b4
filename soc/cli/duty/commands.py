"""`soc roster …` and `soc escalation …`: what each command takes. What it does is imported when one is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soc.cli.say import Json, Quiet

roster_app = typer.Typer(
    help="Who is on duty, shifts, absences, who gets a ticket and why.", no_args_is_help=True
)
escalation_app = typer.Typer(
    help="Who is told before a ticket's time is up: chains, preview, holes, what is coming.",
    no_args_is_help=True,
)

Person = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id (per-…), or e-mail address.")]
ChainId = Annotated[
    str, typer.Argument(metavar="CHAIN", help="The chain's id, as `soc escalation chains` shows it.")
]
PriorityName = Annotated[str, typer.Option("--priority", help="Highest, High, Medium, Low or Lowest.")]


@roster_app.command("show")
def show_roster(json: Json = False) -> None:
    """Everybody with presence, open tickets, shifts and absences."""
    from soc.cli.duty.rostering import print_roster  # start-up cost

    print_roster()


@roster_app.command("shift")
def add_shift(
    person: Person,
    days: Annotated[str, typer.Argument(help="Mon-Fri, Mon,Wed or “every day”.")],
    start: Annotated[str, typer.Argument(help="HH:MM on the wall clock.")],
    end: Annotated[str, typer.Argument(help="HH:MM; not after the start means on the next day.")],
    zone: Annotated[str, typer.Option("--zone", help="Europe/Berlin; the person's own unless said.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Add a weekly shift. Who has none is on call at any time."""
    from soc.cli.duty.rostering import add_shift  # start-up cost

    add_shift(person, days, start, end, zone)


@roster_app.command("away")
def add_absence(
    person: Person,
    start: Annotated[
        str, typer.Argument(help="ISO-8601, as 2026-03-02T08:00+01:00; without a zone it is UTC.")
    ],
    end: Annotated[str, typer.Argument(help="The same; excluded.")],
    note: Annotated[str, typer.Option("--note", help="Why, in a few words.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Add a time out of office."""
    from soc.cli.duty.rostering import add_absence  # start-up cost

    add_absence(person, start, end, note)


@roster_app.command("remove")
def remove_entry(
    entry: Annotated[
        str, typer.Argument(metavar="ENTRY", help="A shift's id (shf-…) or an absence's (abs-…).")
    ],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Take a shift or an absence away."""
    from soc.cli.duty.rostering import remove  # start-up cost

    remove(entry)


@roster_app.command("hand-over")
def hand_over(
    from_person: Person,
    to_person: Annotated[str, typer.Argument(metavar="TO", help="Who takes over, by id or e-mail address.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change hands; change nothing.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Hand over everything open that a person holds."""
    from soc.cli.duty.rostering import hand_over  # start-up cost

    hand_over(from_person, to_person, dry_run=dry_run)


@roster_app.command("next")
def show_next(json: Json = False) -> None:
    """Who would get the next ticket of each priority, and why."""
    from soc.cli.duty.rostering import print_next  # start-up cost

    print_next()


@roster_app.command("decisions")
def show_decisions(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 20, json: Json = False
) -> None:
    """Who was given which ticket, and why; the newest first."""
    from soc.cli.duty.rostering import print_decisions  # start-up cost

    print_decisions(limit)


@roster_app.command("rules")
def set_rules(
    automatic: Annotated[
        bool | None,
        typer.Option("--automatic/--by-hand", help="Whether tickets are given out by themselves."),
    ] = None,
    security_team: Annotated[
        str | None, typer.Option("--security-team", help="The team whose lead gets what is critical.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show how tickets are given out, or change it."""
    from soc.cli.duty.rostering import rules  # start-up cost

    rules(automatic, security_team)


@roster_app.command("accounts")
def find_accounts(json: Json = False, quiet: Quiet = False) -> None:
    """Find everybody's accounts at the connected vendors by e-mail address."""
    from soc.cli.duty.rostering import accounts  # start-up cost

    accounts()


@escalation_app.command("status")
def show_status(json: Json = False) -> None:
    """Whether the escalation's clock runs, and what is late."""
    from soc.cli.duty.escalating import print_status  # start-up cost

    print_status()


@escalation_app.command("chains")
def show_chains(json: Json = False) -> None:
    """Every chain with its steps, in the order in which they are asked."""
    from soc.cli.duty.escalating import print_chains  # start-up cost

    print_chains()


@escalation_app.command("set")
def set_chain(
    file: Annotated[
        Path,
        typer.Argument(
            help="A chain as JSON, as `soc escalation chains --json` shows it.", exists=True, dir_okay=False
        ),
    ],
    chain: Annotated[str, typer.Option("--chain", help="The chain to replace; a new one unless said.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Add a chain, or replace one, for tickets that open from now on."""
    from soc.cli.duty.escalating import set_chain  # start-up cost

    set_chain(file, chain)


@escalation_app.command("move")
def move_chain(
    chain: ChainId,
    place: Annotated[int, typer.Argument(min=1, help="Its new place; 1 is asked first.")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask a chain earlier or later."""
    from soc.cli.duty.escalating import move_chain  # start-up cost

    move_chain(chain, place)


@escalation_app.command("delete")
def delete_chain(chain: ChainId, json: Json = False, quiet: Quiet = False) -> None:
    """Take a chain away; tickets that were planned with it go on by it."""
    from soc.cli.duty.escalating import delete_chain  # start-up cost

    delete_chain(chain)


@escalation_app.command("preview")
def preview(
    chain: Annotated[str, typer.Argument(metavar="[CHAIN]", help="The chain; the first unless said.")] = "",
    priority: PriorityName = "Highest",
    opened: Annotated[str, typer.Option("--opened", help="ISO-8601; now unless said.")] = "",
    json: Json = False,
) -> None:
    """Who would be told when, if a ticket opened and nobody answered. Nobody is told."""
    from soc.cli.duty.escalating import print_preview  # start-up cost

    print_preview(chain, priority, opened)


@escalation_app.command("check")
def check(json: Json = False) -> None:
    """Walk every chain for every hour of the next 14 days and list where nobody would be told."""
    from soc.cli.duty.escalating import print_holes  # start-up cost

    print_holes()


@escalation_app.command("ticket")
def show_ticket(
    ticket: Annotated[str, typer.Argument(help="The ticket's key, or its number here.")], json: Json = False
) -> None:
    """What is planned for a ticket, and what became of it."""
    from soc.cli.duty.escalating import print_ticket  # start-up cost

    print_ticket(ticket)
