"""`soc suppress …`: what each command takes. What it does is imported when one is called."""

from __future__ import annotations

from typing import Annotated

import typer

from soc.cli.say import Json, Quiet

suppress_app = typer.Typer(
    help="What nobody is told of for a while: suppressions and maintenance windows.", no_args_is_help=True
)
Reason = Annotated[str, typer.Argument(help="Why; whoever finds it hidden reads this.")]
Owner = Annotated[
    str, typer.Option("--owner", help="The person who answers for it, by id or e-mail address.")
]
Hours = Annotated[float, typer.Option("--hours", min=0.1, help="How long, from its begin.")]
Since = Annotated[str, typer.Option("--from", help="Its begin (2026-01-14T22:00:00Z); now unless said.")]
Entity = Annotated[str, typer.Option("--entity", help="Host or address; * stands for anything.")]
Source = Annotated[str, typer.Option("--source", help="Source; * stands for anything.")]
Signature = Annotated[str, typer.Option("--signature", help="The signature that decided.")]
Words = Annotated[str, typer.Option("--class", help="What the class contains.")]
Window = Annotated[
    bool,
    typer.Option(
        "--maintenance", help="Count by when it happened, as the log says, not by when it is processed."
    ),
]


@suppress_app.command("list")
def show(json: Json = False) -> None:
    """Every suppression that is in force or to come, and those that ended in the last month."""
    from soc.cli.rule.suppress import print_suppressions  # start-up cost

    print_suppressions()


@suppress_app.command("add")
def add(
    reason: Reason,
    owner: Owner,
    hours: Hours = 24.0,
    since: Since = "",
    entity: Entity = "",
    source: Source = "",
    signature: Signature = "",
    words: Words = "",
    maintenance: Window = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what it would have hidden; add nothing.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Hide what meets every condition that is set, until it ends by itself."""
    from soc.cli.rule.suppress import add_one  # start-up cost

    add_one(
        reason, owner=owner, hours=hours, since=since, entity=entity, source=source, signature=signature,
        words=words, maintenance=maintenance, preview=preview,
    )  # fmt: skip


@suppress_app.command("end")
def end(
    suppression_id: Annotated[str, typer.Argument(metavar="SUPPRESSION", help="Its id (sup-…).")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """It hides nothing from now on."""
    from soc.cli.rule.suppress import end_one  # start-up cost

    end_one(suppression_id)
