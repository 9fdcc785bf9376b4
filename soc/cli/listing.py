"""The commands as docs/commands.md lists them, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from soc.cli.endings import ending_table
from soc.documentation import Table


def command_tables(app: typer.Typer) -> Iterator[Table]:
    """The tables of docs/commands.md."""
    yield Table("commands.md", "commands", lambda: command_table(app))
    yield Table("commands.md", "exit codes", ending_table)


def command_table(app: typer.Typer) -> str:
    """Every command with its arguments, options and what it is for, as a Markdown table."""
    rows = ["| command | what it does | options |", "|---|---|---|"]
    for words, command in walk_commands(typer.main.get_command(app), "soc"):
        arguments = [
            str(one.metavar or one.name.upper())
            for one in command.params
            if one.param_type_name == "argument"
        ]
        options = ", ".join(_option(one) for one in command.params if one.param_type_name == "option")
        says = str(command.help or "").strip().partition("\n\n")[0].replace("\n", " ")
        cells = (f"`{' '.join([words, *arguments])}`", says, options or "–")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def walk_commands(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    """(what is typed, the command) of every command below this one, in their order."""
    if not hasattr(command, "commands"):
        yield words, command
        return
    for name, below in command.commands.items():
        yield from walk_commands(below, f"{words} {name}")


def _option(option: Any) -> str:
    long = [one for one in (*option.opts, *option.secondary_opts) if one.startswith("--")]
    return f"`{'/'.join(long)}`"
