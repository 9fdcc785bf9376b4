"""`soc conflict …` and `soc reconcile`: what each command takes. What it does is imported when one is called."""

from __future__ import annotations

from typing import Annotated

import typer

from soc.cli.say import Json, Quiet, refuse

conflict_app = typer.Typer(
    help="Fields that both sides of a ticket changed, and what a vendor did not take.", no_args_is_help=True
)


@conflict_app.command("list")
def show(
    every: Annotated[bool, typer.Option("--all", help="Also those that were decided.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 100,
    json: Json = False,
) -> None:
    """Those that wait for a person, newest first."""
    from soc.cli.act.conflicts import print_conflicts  # start-up cost

    print_conflicts(every=every, limit=limit)


@conflict_app.command("resolve")
def resolve(
    number: Annotated[int, typer.Argument(metavar="ID", help="The conflict's number.")],
    side: Annotated[
        str, typer.Argument(metavar="SIDE", help="ours: what is here holds; theirs: what is there.")
    ],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Decide which side's value holds."""
    from soc.cli.act.conflicts import decide_conflict  # start-up cost

    decide_conflict(number, side)


def reconcile(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and change nothing.")] = False,
    json: Json = False,
) -> None:
    """Report every difference between tickets here and at their vendor. Ends with 8 where one is unexplained."""
    if not dry_run:
        refuse(
            "Say --dry-run.",
            hint="What differs is merged by the poll each minute; conflicts wait in `soc conflict list`.",
        )
    from soc.cli.act.conflicts import print_differences  # start-up cost

    print_differences()
