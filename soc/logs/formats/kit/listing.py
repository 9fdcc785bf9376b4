"""The formats as docs/log-formats.md lists them."""

from __future__ import annotations

from collections.abc import Sequence

from soc.logs.formats.kit.declare import Format


def list_choosable(formats: Sequence[Format]) -> str:
    """What a file can be: title, name and how it is found and read."""
    return "\n".join(f"- **{one.title}** (`{one.name}`): {one.about}" for one in formats if one.choosable)


def header_table(formats: Sequence[Format]) -> str:
    """What a line can be, in the order in which it is tried: what it looks like and the fields that its header gives."""
    rows = [
        f"| `{one.name}` | {_cell(one.title)} | {_cell(one.about)} | {', '.join(f'`{name}`' for name in one.header.fields.values())} |"
        for one in formats
        if one.header is not None
    ]
    return "\n".join(["| name | format | a line | fields of the header |", "|---|---|---|---|", *rows])


def body_table(formats: Sequence[Format]) -> str:
    """Whose statements are read as what they mean: under which program's name, and how many kinds of them."""
    rows = [
        f"| `{one.name}` | {_cell(one.title)} | {_cell(one.about)} | {', '.join(f'`{name}`' for name in one.body.programs)} | {len(one.body.statements)} |"
        for one in formats
        if one.body is not None
    ]
    return "\n".join(["| name | who | what | programs | statements |", "|---|---|---|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
