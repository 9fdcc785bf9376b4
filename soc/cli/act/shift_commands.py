"""`soc handover …`: what each command takes. What it does is imported when one is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soc.cli.say import Json, Quiet

handover_app = typer.Typer(
    help="The hand-over of a shift: show, give, accept, post, outlook.", no_args_is_help=True
)
HandoverId = Annotated[str, typer.Argument(metavar="ID", help="A hand-over that was given (hov-…).")]


@handover_app.command("show")
def show(
    file: Annotated[Path | None, typer.Option("--file", help="Write it to this file: .html or .pdf.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """As things stand: what is missing first."""
    from soc.cli.act.shift import show as print_handover  # start-up cost

    print_handover(file=file)


@handover_app.command("give")
def give(
    remark: Annotated[str, typer.Option(help="What else the next shift should know.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Keep what is handed over, as it is now."""
    from soc.cli.act.shift import give_over  # start-up cost

    give_over(remark=remark)


@handover_app.command("accept")
def accept(
    handover: HandoverId,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who takes over: id or e-mail.")],
    take: Annotated[list[str] | None, typer.Option(help="Only this incident (several times: these).")] = None,
    none: Annotated[bool, typer.Option("--none", help="Accept without taking over any incident.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Take the shift; every incident it tells of becomes yours unless said otherwise."""
    from soc.cli.act.shift import accept as take_over  # start-up cost

    take_over(handover, person, take=[] if none else take or None)


@handover_app.command("post")
def post(handover: HandoverId, json: Json = False, quiet: Quiet = False) -> None:
    """Tell the channels of it, once."""
    from soc.cli.act.shift import post as tell  # start-up cost

    tell(handover)


@handover_app.command("outlook")
def outlook(
    incident: Annotated[str, typer.Argument(metavar="ID", help="The incident (inc-…).")],
    hypothesis: Annotated[str, typer.Option(help="Why it happens.")] = "",
    next_step: Annotated[str, typer.Option(help="What is done next.")] = "",
    by_when: Annotated[str, typer.Option(help="By when (2026-01-14T22:00:00Z).")] = "",
    blocker: Annotated[str, typer.Option(help="What stands in the way.")] = "",
    based_on: Annotated[int, typer.Option(min=0, help="The version that you had seen.")] = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write what is thought of an incident: a new version, earlier ones are kept."""
    from soc.cli.act.shift import write_outlook  # start-up cost

    write_outlook(
        incident,
        hypothesis=hypothesis,
        next_step=next_step,
        by_when=by_when,
        blocker=blocker,
        based_on=based_on,
    )
