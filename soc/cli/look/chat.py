"""`soc KIND manifest`: the app that has to be made at a vendor, so that its buttons reach this installation."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from soc.cli.endings import Ending
from soc.cli.process.channels import kind_names
from soc.cli.say import end


def add_manifests(app: typer.Typer) -> None:
    """A command for each kind that has a manifest."""
    for kind in kind_names(having="manifest.py"):
        app.add_typer(_commands_of(kind), name=kind)


def _commands_of(kind: str) -> typer.Typer:
    commands = typer.Typer(help=f"The app that has to be made at {kind.title()}.", no_args_is_help=True)

    @commands.command("manifest")
    def print_manifest(
        url: Annotated[
            str,
            typer.Option(
                "--url", help="Where others reach this server (https://…); SOC_PUBLIC_URL if not given."
            ),
        ] = "",
        socket: Annotated[
            bool,
            typer.Option("--socket", help="Socket Mode: for a server that cannot be reached from outside."),
        ] = False,
        replies: Annotated[
            bool, typer.Option("--replies", help="Also hear replies in threads, so that they become notes.")
        ] = False,
        name: Annotated[str, typer.Option("--name", help="What the app is called.")] = "",
    ) -> None:
        """Write the app's manifest (JSON), to paste where the vendor makes apps. Without an https address: for Socket Mode."""
        _print(kind, url, socket=socket, replies=replies, name=name)

    return commands


def _print(kind_name: str, url: str, *, socket: bool, replies: bool, name: str) -> None:
    from soc.integrations.registry import KINDS  # start-up cost
    from soc.settings import get_settings  # start-up cost

    kind = KINDS[kind_name]
    base = (url or get_settings().public_url).rstrip("/")
    hook = f"{base}/hooks/{kind_name}/{kind.hooks[0].name}" if base and not socket else ""
    assert kind.manifest is not None
    through_ours = socket or (not url and not hook.startswith("https://"))
    try:
        made = kind.manifest("" if through_ours else hook, through_ours, replies, name)
    except ValueError as error:
        end(Ending.USAGE, str(error))
    print(json.dumps(made, indent=2))
