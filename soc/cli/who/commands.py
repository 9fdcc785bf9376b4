"""`soc people …` and `soc audit …`: what each command takes. What it does is imported when one is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soc.cli.say import Json, Quiet

people_app = typer.Typer(
    help="People and teams of the roster: list, add, change, deactivate.", no_args_is_help=True
)
audit_app = typer.Typer(help="Who did what: list, export, verify, redact, expire.", no_args_is_help=True)

PersonId = Annotated[
    str, typer.Argument(metavar="PERSON", help="The person's id (per-…), or e-mail address.")
]
Email = Annotated[str | None, typer.Option("--email", help="E-mail address.")]
RoleName = Annotated[
    str | None, typer.Option("--role", help="analyst, lead, manager, executive or administrator.")
]
Team = Annotated[str | None, typer.Option("--team", help="A team's name or id; empty: none.")]
Zone = Annotated[str | None, typer.Option("--zone", help="Time zone, as Europe/Berlin.")]
Jira = Annotated[str | None, typer.Option("--jira", help="Account id (Cloud) or user name (Data Center).")]
Slack = Annotated[str | None, typer.Option("--slack", help="Slack id (U…).")]


@people_app.command("list")
def show_people(
    everybody: Annotated[bool, typer.Option("--all", help="Those who left, too.")] = False, json: Json = False
) -> None:
    """Everybody who is here, by name."""
    from soc.cli.who.people import print_people  # start-up cost

    print_people(everybody=everybody)


@people_app.command("add")
def add_person(
    name: Annotated[str, typer.Argument(help="First and last name.")],
    email: Email = None,
    role: RoleName = None,
    team: Team = None,
    zone: Zone = None,
    jira: Jira = None,
    slack: Slack = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Add a person; an analyst unless said otherwise."""
    from soc.cli.who.people import add  # start-up cost

    add(name, email=email, role=role, team_id=team, zone=zone, jira_account=jira, slack_id=slack)


@people_app.command("set")
def set_person(
    person: PersonId,
    name: Annotated[str | None, typer.Option("--name", help="First and last name.")] = None,
    email: Email = None,
    role: RoleName = None,
    team: Team = None,
    zone: Zone = None,
    jira: Jira = None,
    slack: Slack = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Change a person; what is not said stays, and an empty value takes away."""
    from soc.cli.who.people import change  # start-up cost

    change(
        person, name=name, email=email, role=role, team_id=team, zone=zone, jira_account=jira, slack_id=slack
    )


@people_app.command("deactivate")
def deactivate_person(person: PersonId, json: Json = False, quiet: Quiet = False) -> None:
    """Say that a person left. What they did stays theirs."""
    from soc.cli.who.people import change  # start-up cost

    change(person, active=False)


@people_app.command("activate")
def activate_person(person: PersonId, json: Json = False, quiet: Quiet = False) -> None:
    """Say that a person is here again."""
    from soc.cli.who.people import change  # start-up cost

    change(person, active=True)


@people_app.command("teams")
def show_teams(json: Json = False) -> None:
    """Every team, by name."""
    from soc.cli.who.people import print_teams  # start-up cost

    print_teams()


@people_app.command("add-team")
def add_team(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Add a team."""
    from soc.cli.who.people import new_team  # start-up cost

    new_team(name)


@people_app.command("set-team")
def set_team(
    team: Annotated[str, typer.Argument(metavar="TEAM", help="The team's id or name.")],
    name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Whether it is still there.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Rename a team, or say that it is no more."""
    from soc.cli.who.people import alter_team  # start-up cost

    alter_team(team, name=name, active=active)


About = Annotated[str, typer.Option("--about", help="Only of this: ticket:ID, incident:ID, rule:ID …")]
By = Annotated[str, typer.Option("--by", help="Only of this actor, as the list shows it, or a person's id.")]


@audit_app.command("list")
def show_entries(
    about: About = "",
    by: By = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 20,
    json: Json = False,
) -> None:
    """The newest entries: when, who, what."""
    from soc.cli.who.audit import print_entries  # start-up cost

    print_entries(about=about, by=by, limit=limit)


@audit_app.command("export")
def export_entries(
    target: Annotated[Path, typer.Argument(help="The file to write: .jsonl (can be verified) or .csv.")],
    about: About = "",
    by: By = "",
    since: Annotated[str, typer.Option(help="From this moment on (2026-01-14 or 2026-01-14T22:00).")] = "",
    until: Annotated[str, typer.Option(help="Before this moment.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the entries to a file, oldest first."""
    from soc.cli.who.audit import export  # start-up cost

    export(target, about=about, by=by, since=since, until=until)


@audit_app.command("verify")
def verify_entries(
    heads: Annotated[
        list[Path] | None, typer.Option("--heads", help="A file of heads that left; repeat it.")
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="A public key of before, as `soc audit key` wrote it; repeat it."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Look for an edit, a missing entry, a cut tail and a chain written anew. Ends with 8 if there is one."""
    from soc.cli.who.audit import verify  # start-up cost

    verify(heads or [], keys=key or [])


@audit_app.command("head")
def show_head() -> None:
    """The newest head, as one line: keep it where nobody of here can change it."""
    from soc.cli.who.audit import print_head  # start-up cost

    print_head()


@audit_app.command("key")
def show_key() -> None:
    """The public key that the heads are signed with."""
    from soc.cli.who.audit import print_key  # start-up cost

    print_key()


@audit_app.command("redact")
def redact_entries(
    entry: Annotated[int | None, typer.Option("--entry", min=1, help="This entry.")] = None,
    path: Annotated[
        list[str] | None,
        typer.Option("--path", help="With --entry: which value (/note, /after/email); repeat it."),
    ] = None,
    text: Annotated[
        str, typer.Option("--text", help="Every value that holds this text, in every entry.")
    ] = "",
    why: Annotated[
        str, typer.Option("--why", help="The reason; it is kept, so do not repeat the value.")
    ] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Take personal values out for good. The chain holds, and an entry says what was taken."""
    from soc.cli.who.audit import redact  # start-up cost

    redact(entry, paths=path or [], text=text, why=why)


@audit_app.command("expire")
def expire(
    before: Annotated[str, typer.Option("--before", help="Entries from before this moment (2026-01-14).")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Delete old entries; a signed entry keeps where the chain begins from now on."""
    from soc.cli.who.audit import expire_before  # start-up cost

    expire_before(before)
