"""Tables: columns that look the same everywhere, pages fetched in SQL, rows that can be chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from soc.domain.delivery import DeliveryState
from soc.domain.severity import Severity
from soc.domain.sla import SlaState
from soc.store.nouns.incidents import IncidentRow
from soc.ui.kit import quoted, times
from soc.ui.kit.severity import BATCH_COLOR, DELIVERY_COLOR, PALETTE, SLA_COLOR, THEME_NAME

Rows = Sequence[Mapping[str, Any]]
Columns = Mapping[str, Any]

PAGE_SIZE = 50
ROW_HEIGHT = 32


def severity_column(label: str = "Severity") -> Any:
    """Takes a list of one severity."""
    return st.column_config.MultiselectColumn(
        label,
        options=[band.value for band in Severity],
        # critical is filled so that it stands out; white on the other colours would be hard to read
        color=[PALETTE[band] if band is Severity.CRITICAL else THEME_NAME[band] for band in Severity],
        width=88,
    )


def sla_column(label: str = "SLA") -> Any:
    """Takes a list of one SLA state."""
    return st.column_config.MultiselectColumn(
        label,
        options=[state.value for state in SlaState],
        color=[SLA_COLOR[state] for state in SlaState],
        width=92,
    )


def delivery_column(label: str = "State") -> Any:
    """Takes a list of one delivery state."""
    states = [state.value for state in DeliveryState]
    return st.column_config.MultiselectColumn(
        label, options=states, color=[DELIVERY_COLOR[state] for state in states], width=100
    )


def batch_column(label: str = "State") -> Any:
    """Takes a list of one batch state."""
    return st.column_config.MultiselectColumn(
        label, options=list(BATCH_COLOR), color=list(BATCH_COLOR.values()), width=88
    )


def moment_column(label: str) -> Any:
    """Takes aware datetimes; shows them in the analyst's zone, named in the column's tooltip."""
    name = times.zone_name()
    return st.column_config.DatetimeColumn(
        label,
        format="YYYY-MM-DD HH:mm:ss",
        timezone=name,
        width=140,
        help=f"Local time ({name}). The detail view also says UTC.",
    )


def count_column(label: str, *, help: str | None = None) -> Any:
    return st.column_config.NumberColumn(label, format="localized", width="small", help=help)


def text_column(label: str, width: Any = None, *, help: str | None = None) -> Any:
    return st.column_config.TextColumn(label, width=width, help=help)


def _frame(rows: Rows) -> pd.DataFrame:
    return pd.DataFrame.from_records([dict(row) for row in rows])


def _height(rows: Rows, most: int) -> int:
    return ROW_HEIGHT * (min(len(rows), most) + 1) + 1


def show_rows(rows: Rows, columns: Columns, *, alt: str, key: str | None = None, most: int = 14) -> None:
    """A table to read; `most` rows are visible at once, the rest scrolls."""
    st.dataframe(
        _frame(rows),
        column_config=dict(columns),
        column_order=list(columns),
        hide_index=True,
        height=_height(rows, most),
        row_height=ROW_HEIGHT,
        key=key,
        alt=alt,
    )


def choose_row(rows: Rows, columns: Columns, *, key: str, alt: str, most: int = 18) -> int | None:
    """A table in which one row can be chosen, by its box or by a click anywhere in it; returns its index.

    A click on a link opens the link only.
    """
    ticked, clicked = _choose(rows, columns, key=key, alt=alt, most=most, mode=["single-row", "single-cell"])
    return next(iter((*ticked, *clicked)), None)


def choose_rows(
    rows: Rows, columns: Columns, *, key: str, alt: str, most: int = 18
) -> tuple[list[int], int | None]:
    """A table in which several rows can be ticked and one can be clicked; returns both, as indexes."""
    ticked, clicked = _choose(rows, columns, key=key, alt=alt, most=most, mode=["multi-row", "single-cell"])
    return ticked, next(iter(clicked), None)


def _is_link(column: Any) -> bool:
    return isinstance(column, dict) and column.get("type_config", {}).get("type") == "link"


def _choose(
    rows: Rows, columns: Columns, *, key: str, alt: str, most: int, mode: Any
) -> tuple[list[int], list[int]]:
    event: Any = st.dataframe(
        _frame(rows),
        column_config=dict(columns),
        column_order=list(columns),
        hide_index=True,
        height=_height(rows, most),
        row_height=ROW_HEIGHT,
        on_select="rerun",
        selection_mode=mode,
        key=key,
        alt=alt,
    )
    clicked = [row for row, column in event.selection.cells if not _is_link(columns.get(column))]
    # a selection may outlive the rows it was made on
    return [row for row in event.selection.rows if row < len(rows)], [
        row for row in clicked if row < len(rows)
    ]


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
            "severity": [row.severity],
            "score": row.score,
            "title": quoted.cell(row.title),
            "classification": row.classification,
            "source": quoted.cell(row.source, 80),
            "entity": quoted.cell(row.entity, 80),
            "count": row.count,
            "last_seen": row.last_seen,
            "created_at": row.created_at,
            "message": quoted.cell(row.message),
            "status": row.status.replace("_", " "),
        }
        for row in incidents
    ]


def incident_columns(*, short: bool = False) -> dict[str, Any]:
    columns = {
        "severity": severity_column(),
        "score": st.column_config.NumberColumn("Score", width=56, help="1–10; 9 and 10 are critical."),
        "title": text_column("Incident", 270),
        "classification": text_column("Class", 142),
        "source": text_column("Source", 118),
        "entity": text_column("Host or address", 118),
        "count": count_column("Lines", help="How many lines of the log are this incident."),
        "created_at": moment_column("Found"),
        "message": text_column("First line", 420),
        "status": text_column("Status", 84),
    }
    if short:
        for name in ("classification", "entity", "message", "status"):
            del columns[name]
    return columns
