"""`soc users …` and `soc sessions …`: what each command takes. What it does is imported when one is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soc.cli.say import Json, Quiet

users_app = typer.Typer(
    help="Who may sign in: list, add, invite, role, sync, disable, enable.", no_args_is_help=True
)
sessions_app = typer.Typer(help="Who is signed in: list, end.", no_args_is_help=True)
approvals_app = typer.Typer(
    help="What waits for a second administrator: list, withdraw, refuse, fetch.", no_args_is_help=True
)

User = Annotated[
    str, typer.Argument(metavar="USER", help="The name to sign in with, or the account's id (acc-…).")
]
RoleOfUser = Annotated[str, typer.Option("--role", help="viewer, analyst, lead, admin or auditor.")]


@users_app.command("list")
def show_users(json: Json = False) -> None:
    """Everybody who may sign in, with role and state."""
    from soc.cli.who.users import print_users  # start-up cost

    print_users()


@users_app.command("add")
def add_user(
    user: Annotated[
        str, typer.Argument(metavar="USER", help="The name to sign in with; a provider's subject.")
    ],
    role: RoleOfUser = "viewer",
    name: Annotated[str, typer.Option("--name", help="First and last name, for a new person.")] = "",
    issuer: Annotated[
        str, typer.Option("--issuer", help="The provider's address, or proxy; empty: a password kept here.")
    ] = "",
    person: Annotated[
        str, typer.Option("--person", help="Somebody of the roster (per-…, or e-mail); empty: a new person.")
    ] = "",
    service: Annotated[
        bool, typer.Option("--service", help="A program: it owns keys and cannot sign in.")
    ] = False,
    team: Annotated[str, typer.Option("--team", help="With --service: the team that answers for it.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Let somebody sign in. With a password kept here: prints a one-time link by which it is set."""
    from soc.cli.who.users import add_user as add  # start-up cost

    add(user, role=role, name=name, issuer=issuer, person=person, service=service, team=team)


@users_app.command("invite")
def invite_user(user: User) -> None:
    """A new one-time link to set the password."""
    from soc.cli.who.users import invite_user as invite  # start-up cost

    invite(user)


@users_app.command("role")
def set_role(
    user: User, role: Annotated[str, typer.Argument(help="viewer, analyst, lead, admin or auditor.")]
) -> None:
    """Give another role. It holds at once, and groups do not change it any more."""
    from soc.cli.who.users import set_user_role  # start-up cost

    set_user_role(user, role)


@users_app.command("sync")
def sync(json: Json = False, quiet: Quiet = False) -> None:
    """After SOC_ROLES changed: give everybody the role that their groups of the last sign-in give now."""
    from soc.cli.who.users import sync_roles  # start-up cost

    sync_roles()


@users_app.command("drop-codes")
def drop_codes(user: User) -> None:
    """Ask for no one-time code any more: the app was lost."""
    from soc.cli.who.users import forget_codes  # start-up cost

    forget_codes(user)


@users_app.command("disable")
def disable_user(user: User, json: Json = False, quiet: Quiet = False) -> None:
    """End every session of the person, and let nobody sign in as them; a service account's keys open nothing any more."""
    from soc.cli.who.users import switch_user  # start-up cost

    switch_user(user, enabled=False)


@users_app.command("enable")
def enable_user(user: User, json: Json = False, quiet: Quiet = False) -> None:
    """Let the person sign in again, or a service account's keys in."""
    from soc.cli.who.users import switch_user  # start-up cost

    switch_user(user, enabled=True)


@sessions_app.command("list")
def show_sessions(json: Json = False) -> None:
    """Who is signed in now, the last used first."""
    from soc.cli.who.users import print_sessions  # start-up cost

    print_sessions()


@sessions_app.command("end")
def end_session(
    session: Annotated[str, typer.Argument(metavar="SESSION", help="The session's id (ses-…).")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Whoever signed in there is out, at once."""
    from soc.cli.who.users import end_one_session  # start-up cost

    end_one_session(session)


Request = Annotated[str, typer.Argument(metavar="REQUEST", help="The request's id (apr-…).")]


@approvals_app.command("list")
def show_approvals(json: Json = False) -> None:
    """What was asked for, by whom, why, until when, and what became of it. It is approved on the page or by the API."""
    from soc.cli.who.approvals import print_approvals  # start-up cost

    print_approvals()


@approvals_app.command("withdraw")
def withdraw_request(request: Request, quiet: Quiet = False) -> None:
    """Take back what was asked for at this shell."""
    from soc.cli.who.approvals import withdraw  # start-up cost

    withdraw(request)


@approvals_app.command("refuse")
def refuse_request(
    request: Request,
    why: Annotated[str, typer.Option("--why", help="Why not.")] = "",
    quiet: Quiet = False,
) -> None:
    """Say no to a request."""
    from soc.cli.who.approvals import refuse  # start-up cost

    refuse(request, why=why)


@approvals_app.command("fetch")
def fetch_approved(
    request: Request,
    target: Annotated[Path, typer.Argument(help="The JSON file to write.")],
    quiet: Quiet = False,
) -> None:
    """Write the export that was asked for at this shell and approved; once."""
    from soc.cli.who.approvals import fetch  # start-up cost

    fetch(request, target)
