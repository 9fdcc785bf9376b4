"""`soc backup`, `soc restore` and `soc migrate`: what each takes. What it does is imported when one is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soc.cli.say import Json, Quiet, refuse


def backup(
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to fill: new, or empty.")],
    with_key: Annotated[
        bool,
        typer.Option(
            "--with-key", help="The key goes along: whoever has the backup then has every credential."
        ),
    ] = False,
    with_files: Annotated[
        bool,
        typer.Option("--files/--no-files", help="Uploads and results, too. Without: the bucket keeps them."),
    ] = True,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Back up store, engine, files and the audit's heads, of one moment, while everything goes on working."""
    from soc.cli.keep.backing_up import back_up  # start-up cost

    back_up(target, with_key=with_key, with_files=with_files)


def restore(
    source: Annotated[
        Path | None, typer.Argument(metavar="IN", help="A folder that `soc backup` filled.")
    ] = None,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Only look whether it is whole and could be restored; change nothing."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Something is here already: put it aside first, deleting nothing.")
    ] = False,
    moment: Annotated[
        str,
        typer.Option(
            "--point-in-time",
            metavar="MOMENT",
            help="No IN: the database itself was put back to this moment (UTC), by PostgreSQL's log or a snapshot. Say so before anything starts.",
        ),
    ] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put a backup into this installation, in which nothing may run. What had not arrived is looked up before it is sent."""
    from soc.cli.keep.backing_up import note_moment, put_back, verify_backup  # start-up cost

    if (source is None) != bool(moment):
        refuse("Name either a backup or --point-in-time.", hint="docs/backup.md says when which.")
    if source is None:
        note_moment(moment)
    elif verify:
        verify_backup(source)
    else:
        put_back(source, force=force)


def migrate(
    role: Annotated[
        str,
        typer.Option(
            "--grant-to",
            metavar="ROLE",
            help="PostgreSQL: let this role run the product, and change no table.",
        ),
    ] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Bring the database to this version's schema. Every start does, unless SOC_MIGRATE_AT_START is off."""
    from soc.cli.keep.migrating import bring_up_to_date  # start-up cost

    bring_up_to_date(role=role)


def add_to(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("migrate")(migrate)
