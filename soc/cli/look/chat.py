"""`soc slack manifest`: the app that has to be made in Slack, so that its buttons reach this installation."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from soc.cli.endings import Ending
from soc.cli.say import end

CHAT = "slack"
chat_app = typer.Typer(help="The app that has to be made in Slack.", no_args_is_help=True)


@chat_app.command("manifest")
def print_manifest(
    url: Annotated[
        str,
        typer.Option(
            "--url", help="Where others reach this server (https://…); SOC_PUBLIC_URL if not given."
        ),
    ] = "",
    socket: Annotated[
        bool, typer.Option("--socket", help="Socket Mode: for a server that Slack cannot reach.")
    ] = False,
    replies: Annotated[
        bool, typer.Option("--replies", help="Also hear replies in threads, so that they become notes.")
    ] = False,
    name: Annotated[str, typer.Option("--name", help="What the app is called.")] = "",
) -> None:
    """Write the app manifest (JSON) to paste at api.slack.com/apps. Without an https address: for Socket Mode."""
    from soc.integrations.registry import KINDS  # start-up cost
    from soc.settings import get_settings  # start-up cost

    kind = KINDS[CHAT]
    base = (url or get_settings().public_url).rstrip("/")
    hook = f"{base}/hooks/{CHAT}/{kind.hooks[0].name}" if base and not socket else ""
    assert kind.manifest is not None
    through_ours = socket or (not url and not hook.startswith("https://"))
    try:
        made = kind.manifest("" if through_ours else hook, through_ours, replies, name)
    except ValueError as error:
        end(Ending.USAGE, str(error))
    print(json.dumps(made, indent=2))
