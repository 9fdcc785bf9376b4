"""Tables: columns that look the same everywhere, rows in ids, pages fetched in SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from soc.domain.severity import Severity
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.ui.kit import quoted, times
from soc.ui.kit.grid import Column, Mode, Table, draw_table, make_table, table_of
from soc.ui.kit.severity import BATCH_COLOR, DELIVERY_COLOR, PALETTE, SLA_COLOR, THEME_NAME

Rows = Sequence[Mapping[str, Any]]
Columns = Mapping[str, Column]

PAGE_SIZE = 50


def severity_column(label: str = "Severity", *, sort: str = "") -> Column:
    """Takes a severity's word."""
    return Column(
        label,
        "badge",
        colors={band.value: THEME_NAME[band] for band in Severity},
        # critical is filled so that it stands out; white on the other colours would be hard to read
        filled={Severity.CRITICAL.value: PALETTE[Severity.CRITICAL]},
        sort=sort,
    )


def sla_column(label: str = "SLA") -> Column:
    """Takes an SLA state's word."""
    return Column(label, "badge", colors={state.value: color for state, color in SLA_COLOR.items()})


def delivery_column(label: str = "State", *, sort: str = "") -> Column:
    """Takes a delivery state's word."""
    return Column(label, "badge", colors=dict(DELIVERY_COLOR), sort=sort)


def batch_column(label: str = "State") -> Column:
    """Takes a batch state's word."""
    return Column(label, "badge", colors=dict(BATCH_COLOR))


def moment_column(label: str, *, sort: str = "") -> Column:
    """Takes aware datetimes; shows them in the analyst's zone, named in the head's tooltip, with UTC on hover."""
    return Column(
        label, "moment", help=f"Local time ({times.zone_name()}); UTC when you point at it.", sort=sort
    )


def count_column(label: str, *, help: str | None = None, form: str = "{:,}", sort: str = "") -> Column:
    return Column(label, "number", help=help, form=form, sort=sort)


def share_column(label: str, *, help: str | None = None) -> Column:
    """Takes per cents; a bar beside the number."""
    return Column(label, "bar", width=110, help=help)


def text_column(label: str, width: int | None = None, *, help: str | None = None, sort: str = "") -> Column:
    """Words that may take two lines; what does not fit ends in an ellipsis and is whole on hover."""
    return Column(label, "text", width=width, widest=_widest(width), help=help, sort=sort)


def whole_column(label: str, width: int | None = None, *, help: str | None = None, sort: str = "") -> Column:
    """An address, a name, a reason: never cut, it goes on in the next line."""
    return Column(label, "whole", width=width, widest=_widest(width), help=help, sort=sort)


def line_column(label: str, width: int | None = None) -> Column:
    """A raw line: never cut, every space shown."""
    return Column(label, "code", width=width)


def _widest(width: int | None) -> int | None:
    return None if width is None else max(2 * width, 160)


def show_rows(
    rows: Rows | Callable[[], Rows],
    columns: Columns,
    *,
    alt: str,
    key: str | None = None,
    most: int = 14,
    of: object = None,
) -> None:
    """A table to read; `most` rows are visible at once, the rest scrolls.

    `of`: the kept read that `rows` makes its rows of, and nothing else: then they are put into words once, for all who look.
    """
    draw_table(_table(rows, columns, of, alt=alt, mode="read", most=most), key=key)


def choose_row(
    rows: Rows | Callable[[], Rows],
    columns: Columns,
    *,
    key: str,
    alt: str,
    most: int = 18,
    of: object = None,
) -> str:
    """A table in which a click opens a row: returns the row's own `id`, as the browser showed it; empty without a click.

    Each row holds its `id`. A click on a link opens the link only. `of` is what it is for `show_rows`.
    """
    return draw_table(_table(rows, columns, of, alt=alt, mode="open", most=most), key=key).opened


def _table(
    rows: Rows | Callable[[], Rows], columns: Columns, of: object, *, alt: str, mode: Mode, most: int
) -> Table:
    def make() -> Table:
        return make_table(rows() if callable(rows) else rows, columns, alt=alt, mode=mode, most=most)

    return make() if of is None else table_of(of, make, alt, mode, most, times.zone_name())


def choose_page(total: int, *, key: str, size: int = PAGE_SIZE) -> int:
    """Page buttons where there is more than one page; returns the offset of the chosen page."""
    pages = max(1, -(-total // size))
    if pages == 1:
        return 0
    with st.container(horizontal=True, vertical_alignment="center"):
        number = st.pagination(pages, key=f"{key}-{pages}", width=330)
        st.caption(f"{(number - 1) * size + 1:,}–{min(number * size, total):,} of {total:,}")
    return (number - 1) * size


def incident_rows(incidents: Sequence[IncidentRow]) -> list[dict[str, Any]]:
    """What a list of incidents shows; texts from logs are made visible."""
    return [
        {
            "id": row.id,
            "severity": row.severity,
            "score": row.score,
            "title": quoted.cell(row.title),
            "classification": row.classification,
            "source": quoted.cell(row.source),
            "entity": quoted.cell(row.entity),
            "count": row.count,
            "last_seen": row.last_seen,
            "created_at": row.created_at,
            "message": quoted.cell(row.message),
            "status": row.status.replace("_", " "),
        }
        for row in incidents
    ]


def incident_columns(*, short: bool = False) -> dict[str, Column]:
    columns = {
        "severity": severity_column(),
        "score": count_column("Score", help="1–10; 9 and 10 are critical.", sort="score"),
        "title": text_column("Incident", 290, sort="title"),
        "entity": whole_column("Host or address", 112, sort="entity"),
        "classification": text_column("Class", 96, sort="classification"),
        "source": whole_column("Source", 90, sort="source"),
        "count": count_column("Lines", help="How many lines of the log are this incident.", sort="count"),
        "last_seen": moment_column("Last seen"),
        "created_at": moment_column("Found", sort="created_at"),
        "status": text_column("Status", 70),
    }
    for name in ("classification", "last_seen", "status") if short else ("source",):
        del columns[name]
    if short:  # a few rows in an order of their own
        columns = {name: replace(column, sort="") for name, column in columns.items()}
    return columns
