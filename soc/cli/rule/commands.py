"""`soc rules …`: what each command takes. What it does is imported when one is called."""

from __future__ import annotations

from typing import Annotated

import typer

from soc.cli.say import Json, Quiet

rules_app = typer.Typer(
    help="Rules: when an incident is acted upon, and which channels are told.", no_args_is_help=True
)

RuleId = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id, as `soc rules list` shows it.")]
Tell = Annotated[
    list[str] | None,
    typer.Option(
        "--tell", help="A channel that is told, as `soc status` names it; repeat it for more. all: every one."
    ),
]
Score = Annotated[int | None, typer.Option("--score", min=1, max=10, help="Least score (1–10).")]
Words = Annotated[
    str | None,
    typer.Option("--class", help="What the class contains, in any case of letters; empty: any class."),
]


@rules_app.command("list")
def show(json: Json = False) -> None:
    """Every rule, in the order in which they are asked."""
    from soc.cli.rule.rules import print_rules  # start-up cost

    print_rules()


@rules_app.command("add")
def add_rule(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    score: Annotated[int, typer.Option("--score", min=1, max=10, help="Least score (1–10).")],
    words: Words = "",
    tell: Tell = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Add a rule; it is asked after the others. Without --tell every channel is told."""
    from soc.cli.rule.rules import add  # start-up cost

    add(name, score, words or "", tell or ())


@rules_app.command("set")
def set_rule(
    rule_id: RuleId,
    name: Annotated[str | None, typer.Option("--name", help="What people call it.")] = None,
    score: Score = None,
    words: Words = None,
    tell: Tell = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Change a rule; what is not said stays."""
    from soc.cli.rule.rules import change  # start-up cost

    change(rule_id, name=name, score=score, words=words, tell=tell)


@rules_app.command("move")
def move_rule(
    rule_id: RuleId,
    place: Annotated[int, typer.Argument(min=1, help="Its new place; 1 is asked first.")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask a rule earlier or later."""
    from soc.cli.rule.rules import move  # start-up cost

    move(rule_id, place)


@rules_app.command("enable")
def enable_rule(rule_id: RuleId, json: Json = False, quiet: Quiet = False) -> None:
    """Switch a rule on, from the next batch on."""
    from soc.cli.rule.rules import switch  # start-up cost

    switch(rule_id, enabled=True)


@rules_app.command("disable")
def disable_rule(rule_id: RuleId, json: Json = False, quiet: Quiet = False) -> None:
    """Switch a rule off, from the next batch on."""
    from soc.cli.rule.rules import switch  # start-up cost

    switch(rule_id, enabled=False)


@rules_app.command("delete")
def delete_rule(rule_id: RuleId, json: Json = False, quiet: Quiet = False) -> None:
    """Take a rule away; what it decided stays."""
    from soc.cli.rule.rules import delete  # start-up cost

    delete(rule_id)


@rules_app.command("preview")
def preview_rule(
    rule_id: Annotated[
        str, typer.Argument(metavar="[RULE]", help="A rule to try, as it is or changed; none: a new one.")
    ] = "",
    score: Score = None,
    words: Words = None,
    tell: Tell = None,
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many of the newest incidents.")] = 1_000,
    without: Annotated[bool, typer.Option("--without", help="As if the rule were taken away.")] = False,
    json: Json = False,
) -> None:
    """What a rule would have matched of the newest incidents, and how many tickets that is. Nothing is changed."""
    from soc.cli.rule.rules import preview  # start-up cost

    preview(rule_id, score=score, words=words, tell=tell, last=last, without=without)


@rules_app.command("changes")
def show_changes(
    rule_id: Annotated[str, typer.Argument(metavar="[RULE]", help="Of this rule; none: of all.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 50,
    json: Json = False,
) -> None:
    """Who did what to the rules, newest first."""
    from soc.cli.rule.rules import print_changes  # start-up cost

    print_changes(rule_id, limit=limit)
