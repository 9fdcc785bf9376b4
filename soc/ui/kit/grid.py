"""The table itself: a component of ours, because its events have to name the row that the browser showed.

Streamlit's own table answers with row numbers, which mean another row as soon as the list has changed; it also cuts
text without a sign, and sorts, searches and saves the rows it holds as if they were the list.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from soc.access.scopes import Scope
from soc.ui import covered
from soc.ui.kit import quoted, times

Kind = Literal["text", "whole", "number", "moment", "badge", "bar", "code", "acts"]
Mode = Literal["read", "open", "tick"]

_HERE = Path(__file__).parent
_TABLE = st.components.v2.component(
    "soc.table",
    css=(_HERE / "table.css").read_text(encoding="utf-8"),
    js=(_HERE / "table.js").read_text(encoding="utf-8"),
)
#: Pixels of a line of text in a row, and of what is around it.
_LINE = 30
#: The style sheet has room for so many lines.
_MOST_ROOM = 20


@dataclass(frozen=True)
class Column:
    """How a column's values are shown.

    `text` may take two lines and ends in an ellipsis, whole on hover; `whole` is never cut; `code` is a raw line, never cut.
    `sort` is the name by which the database sorts the list when the head is clicked. `colors` are a badge's, by word.
    """

    label: str
    kind: Kind = "text"
    width: int | None = None
    widest: int | None = None
    help: str | None = None
    sort: str = ""
    form: str = "{:,}"
    colors: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, str] = field(default_factory=dict)
    #: As narrow as what stands in it; the others have the room.
    tight: bool = False


@dataclass(frozen=True)
class Link:
    """A cell that leads out of the product."""

    text: str
    url: str


@dataclass(frozen=True)
class Lines:
    """A cell of two lines: what it is, and below it smaller what else is known."""

    text: str
    below: str


@dataclass(frozen=True)
class Badge:
    """A badge whose colour does not follow from its words."""

    text: str
    color: str


@dataclass(frozen=True)
class RowAct:
    """A button in a row, drawn for whose role covers it. `label` is short, `help` says what it does."""

    name: str
    label: str
    help: str
    needed: Scope


@dataclass(frozen=True)
class RowActs:
    """A cell of a column of kind `acts`: a badge, and below it the row's buttons."""

    badge: Badge | None
    acts: Sequence[RowAct]


@dataclass(frozen=True)
class Picked:
    """What was done with the table, in ids of rows that the browser showed then. `acted` is the name of a row's act and the row."""

    opened: str = ""
    acted: tuple[str, str] | None = None
    ticked: tuple[str, ...] = ()
    sorted: str = ""


@dataclass(frozen=True)
class Table:
    """A table as it goes to the browser: its bytes (JSON), its rows' ids, and for how many rows room is kept."""

    content: bytes
    ids: frozenset[str]
    room: int
    mode: Mode
    alt: str


def make_table(
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, Column],
    *,
    alt: str,
    mode: Mode = "read",
    most: int = 14,
    sort: str = "",
    short: bool = False,
) -> Table:
    """Put it into words. A row that can be opened or ticked holds its `id`. `sort` is the order in force, as its head shows it.

    About `most` rows are visible at once, the rest scrolls; `short`: on a narrow screen only some, so that what follows is seen too.
    """
    data = {
        "mode": mode,
        "alt": alt,
        "short": short,
        "height": _LINE * (most + 1) + 8 if len(rows) > most else 0,
        "columns": [_head(name, column, sort) for name, column in columns.items()],
        "rows": [
            {
                "id": str(row.get("id", at)),
                "cells": [_cell(column, row.get(name)) for name, column in columns.items()],
            }
            for at, row in enumerate(rows)
        ],
    }
    return Table(
        content=json.dumps(data, separators=(",", ":")).encode(),
        ids=frozenset(str(row["id"]) for row in data["rows"]),  # type: ignore[attr-defined]
        room=max(1, min(len(rows), most, _MOST_ROOM)),
        mode=mode,
        alt=alt,
    )


#: The tables that were made last, by the identity of their rows, which are held so that no others get it.
_made: OrderedDict[tuple[int, Hashable], tuple[object, Table]] = OrderedDict()
_MOST_MADE = 256
_lock = threading.Lock()


def table_of(rows: object, make: Callable[[], Table], *about: Hashable) -> Table:
    """What `make` makes of the rows, which nobody changes: made once for this very object and `about`, for all who may do as much.

    A read that is kept while nothing was written (`soc.store.unchanged`) gives the same object again.
    """
    mark = (id(rows), (covered.role_here(), *about))
    with _lock:
        found = _made.get(mark)
        if found is not None:
            _made.move_to_end(mark)
            return found[1]
    table = make()
    with _lock:
        _made[mark] = (rows, table)
        while len(_made) > _MOST_MADE:
            _made.popitem(last=False)
    return table


def draw_grid(
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, Column],
    *,
    alt: str,
    key: str | None = None,
    mode: Mode = "read",
    most: int = 14,
    sort: str = "",
    short: bool = False,
) -> Picked:
    """Make the table and draw it."""
    table = make_table(rows, columns, alt=alt, mode=mode, most=most, sort=sort, short=short)
    return draw_table(table, key=key)


def draw_table(table: Table, *, key: str | None = None) -> Picked:
    """Draw it. Only ids of rows that are drawn now are returned as ticked."""
    name = (key or f"read-{table.alt}").replace("__", "--")  # Streamlit's own mark within a component's id
    # the style sheet keeps the room free while the table loads
    with st.container(border=False, gap=None, key=f"room-{table.room}-{name}"):
        if table.mode == "read":
            _TABLE(key=name, data=table.content)
            return Picked()
        told = _TABLE(
            key=name,
            data=table.content,
            on_opened_change=_nothing,
            on_ticked_change=_nothing,
            on_sorted_change=_nothing,
            on_acted_change=_nothing,
        )
    name, colon, row = str(told.get("acted") or "").partition(":")
    ticked = told.get("ticked") or ()
    return Picked(
        opened=str(told.get("opened") or ""),
        acted=(name, row) if colon and row in table.ids else None,
        ticked=tuple(one for one in map(str, ticked) if one in table.ids),
        sorted=str(told.get("sorted") or ""),
    )


def _nothing() -> None:
    """The component only returns what has a callback."""


def _head(name: str, column: Column, sort: str) -> dict[str, Any]:
    mine = column.sort and sort.removeprefix("-") == column.sort
    return {
        "name": name,
        "label": column.label,
        "kind": column.kind,
        "width": column.width,
        "widest": column.widest,
        "tight": column.tight,
        "help": column.help,
        "sort": column.sort,
        "sorted": ("down" if sort.startswith("-") else "up") if mine else "",
    }


def _cell(column: Column, value: Any) -> Any:
    """What the browser gets: a text, or a text with what belongs to it. None stays an empty cell."""
    if value is None or value == "":
        return None
    if isinstance(value, Link):
        return {"text": value.text, "href": quoted.link_target(value.url)}
    if isinstance(value, Badge):
        return {"text": value.text, "color": value.color}
    if isinstance(value, Lines):
        return {"text": value.text, "below": value.below, "title": value.text}
    if isinstance(value, RowActs):
        acts = [
            {"name": one.name, "text": one.label, "title": one.help}
            for one in value.acts
            if not covered.withheld(one.needed)
        ]
        return {
            "acts": acts,
            **({"text": value.badge.text, "color": value.badge.color} if value.badge else {}),
        }
    if isinstance(value, datetime):
        return {"text": times.shown(value), "title": times.in_utc(value)}
    if column.kind == "badge":
        word = str(value)
        return {"text": word, "color": column.colors.get(word, "gray"), "filled": column.filled.get(word)}
    if column.kind == "bar":
        return {"text": f"{value:.0f} %", "share": float(value)}
    if column.kind == "number" and not isinstance(value, str):
        return column.form.format(value)
    return str(value)
