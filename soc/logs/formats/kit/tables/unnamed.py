"""Columns that nobody names, called by what stands in them: a time, a level; all others by their number."""

from __future__ import annotations

import polars as pl

from soc.logs.general.sender.scales import LEVEL_WORDS
from soc.logs.text.times import kinds_of, read_clocks

#: Of so many of a column's cells it must be true.
_MOST = 0.8


def call_columns(rows: list[list[str]], width: int) -> list[str]:
    """A name for each of `width` columns whose first rows are `rows`; each of `time` and `level` at most once."""
    names = [f"column {number}" for number in range(1, width + 1)]
    columns = [[row[at].strip() for row in rows if at < len(row) and row[at].strip()] for at in range(width)]
    for called, is_one in (("time", _are_times), ("level", _are_levels)):
        found = next((at for at, cells in enumerate(columns) if cells and is_one(cells)), -1)
        if found >= 0:
            names[found] = called
    return names


def _are_times(cells: list[str]) -> bool:
    if not any(
        mark in cells[0] for mark in ":T-/"
    ):  # most columns end here: to read times costs milliseconds
        return False
    text = pl.Series(cells, dtype=pl.String)
    clocks = read_clocks(text, kinds_of(text))["clock"]
    return len(clocks) - clocks.null_count() >= _MOST * len(cells)


def _are_levels(cells: list[str]) -> bool:
    return sum(cell.lower() in LEVEL_WORDS for cell in cells) >= _MOST * len(cells)
