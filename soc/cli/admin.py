"""`soc keys`, `soc config` and `soc batches`, for whoever runs the installation: what each command takes.

What they do is imported when one is called: the store brings half a second along.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soc.cli.say import Json, Quiet

keys_app = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)
config_app = typer.Typer(help="Configurations: show, set, test, export, import.", no_args_is_help=True)

batches_app = typer.Typer(
    help="Batches: stop one, run it again, let a held one go on, release what waits.", no_args_is_help=True
)

BatchId = Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id (bat-…).")]
Wait = Annotated[int, typer.Option(help="Seconds to wait for deliveries.")]


@batches_app.command("stop")
def stop_batch(batch_id: BatchId, json: Json = False, quiet: Quiet = False) -> None:
    """End it at once, whichever process reads it. Nothing of it is stored; it can be run again."""
    from soc.cli.process.processing import stop  # start-up cost

    stop(batch_id)


@batches_app.command("run-again")
def run_batch_again(batch_id: BatchId, wait: Wait = 300, json: Json = False, quiet: Quiet = False) -> None:
    """Read it anew, where it failed, was stopped or is held; one that waits for its next try has it at once."""
    from soc.cli.process.processing import take_up  # start-up cost

    take_up(batch_id, wait=wait)


@batches_app.command("continue")
def continue_batch(batch_id: BatchId, wait: Wait = 300, json: Json = False, quiet: Quiet = False) -> None:
    """Let a held batch go on, whatever it unpacks to."""
    from soc.cli.process.processing import take_up  # start-up cost

    take_up(batch_id, wait=wait, anyway=True)


@batches_app.command("release")
def release_batch(
    batch_id: BatchId,
    incidents: Annotated[
        list[str] | None, typer.Argument(metavar="[INCIDENT]...", help="Some of them; left out: all.")
    ] = None,
    wait: Wait = 300,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell of the incidents that await release, because the batch found more than are told at once."""
    from soc.cli.process.processing import release  # start-up cost

    release(batch_id, incidents or (), wait=wait)


@keys_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Who or what uses it.")],
    scope: Annotated[str, typer.Option(help="read, act, lead, audit or admin.")] = "read",
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="After so many days it is over; left out: never.")
    ] = None,
    owner: Annotated[
        str,
        typer.Option(
            help="The service account (svc-…, or its name) or person (per-…) it belongs to and ends with; empty: nobody."
        ),
    ] = "",
) -> None:
    """Make a key and print it once. From the first key on, the API needs one."""
    from soc.cli.who.keys import create_key  # start-up cost

    create_key(name, scope, days=days, owner=owner)


@keys_app.command("rotate")
def rotate(
    key_id: Annotated[str, typer.Argument(help="The key's id (key-…).")],
    overlap: Annotated[
        int,
        typer.Option("--overlap-hours", min=0, max=720, help="So long the old key works beside the new one."),
    ] = 24,
) -> None:
    """Make the key's successor and print it once; the old one works for the overlap."""
    from soc.cli.who.keys import rotate_key  # start-up cost

    rotate_key(key_id, overlap_hours=overlap)


@keys_app.command("list")
def show() -> None:
    """Every key with its scope and last use."""
    from soc.cli.who.keys import print_keys  # start-up cost

    print_keys()


@keys_app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="The key's id (key-…).")]) -> None:
    """Put a key out of force."""
    from soc.cli.who.keys import revoke_key  # start-up cost

    revoke_key(key_id)


Why = Annotated[
    str, typer.Option("--why", help="Where it takes a second administrator: ask for it, with this reason.")
]


@config_app.command("export")
def export_config(
    target: Annotated[Path, typer.Argument(help="The JSON file to write.")],
    seal: Annotated[
        bool, typer.Option("--seal", help="Ask for a passphrase and seal the secrets with it.")
    ] = False,
    why: Why = "",
) -> None:
    """Write every saved configuration; secrets are sealed with a passphrase or left out."""
    from soc.cli.configurations import export_to  # start-up cost

    export_to(target, seal=seal, why=why)


@config_app.command("new-key")
def new_key() -> None:
    """After the loss of the key: forget what it sealed. Credentials have to be entered again."""
    from soc.cli.configurations import take_key  # start-up cost

    take_key()


@config_app.command("import")
def import_config(
    source: Annotated[Path, typer.Argument(help="A file that `soc config export` wrote.")],
    why: Why = "",
) -> None:
    """Save the configurations of a file, all or none; sealed secrets need their passphrase."""
    from soc.cli.configurations import import_from  # start-up cost

    import_from(source, why=why)


Kind = Annotated[str, typer.Argument(metavar="KIND", help="An integration, as `soc status` names it.")]


@config_app.command("show")
def show_config(kind: Kind, json: Json = False) -> None:
    """An integration's configuration, secrets masked."""
    from soc.cli.configurations import print_configuration  # start-up cost

    print_configuration(kind)


@config_app.command("set")
def set_config(
    kind: Kind,
    values: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=VALUE...",
            help="Settings by their names. NAME=- asks for it unseen; NAME=@FILE reads it from a file.",
        ),
    ],
    why: Why = "",
    json: Json = False,
) -> None:
    """Change settings of an integration and save it; what is not named stays. It is not tested by that."""
    from soc.cli.configurations import set_values  # start-up cost

    set_values(kind, values, why=why)


@config_app.command("test")
def check_config(kind: Kind, json: Json = False) -> None:
    """Ask the vendor whether the saved configuration works; what waited goes on if it does."""
    from soc.cli.configurations import run_test  # start-up cost

    run_test(kind)
