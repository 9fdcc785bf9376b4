"""Of all commands the one that was asked for: to build the others takes longer than most of them run."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import typer


def only_asked(app: typer.Typer, words: Sequence[str]) -> typer.Typer:
    """The app with the command or the group alone that the first of the words names; whole where it names none."""
    asked = words[0] if words else ""
    groups = [one for one in app.registered_groups if one.name == asked]
    commands = [one for one in app.registered_commands if _name_of(one) == asked]
    if not (groups or commands):
        return app
    small = copy(app)
    small.registered_groups, small.registered_commands = groups, commands
    return small


def _name_of(command: typer.models.CommandInfo) -> str:
    """As it is typed: its own name, else its function's."""
    function = getattr(command.callback, "__name__", "")
    return command.name or function.lower().replace("_", "-").strip("-")
