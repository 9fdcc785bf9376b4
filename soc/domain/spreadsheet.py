"""Rows as CSV that a spreadsheet opens as they are: nothing in them is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from soc.clock import isoformat

#: A cell that begins so is a formula to some spreadsheet (also full-width, and behind a tab or a line's end).
FORMULA_STARTS = tuple("=+-@|%\t\r\n＝＋－＠")
#: Excel reads a file as UTF-8 only when it begins with this.
BOM = "\ufeff"
ROWS_A_PIECE = 500


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The rows as CSV (UTF-8 with BOM) in pieces, always with a head line.

    A time becomes ISO-8601 in UTC, None an empty cell, True `yes` and False an empty cell.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    text.write(BOM)
    writer.writerow(columns)
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(_plain(value)) for value in row])
        if number % ROWS_A_PIECE == 0:
            yield _taken(text)
    yield _taken(text)


def harmless(value: Any) -> Any:
    """Text that no spreadsheet takes for a formula: an apostrophe before it, which spreadsheets do not show."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return isoformat(value)
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else value


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece
