"""Records of a block: raw lines and what the format itself tells of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from soc.logs.formats.kit.continued import goes_on
from soc.logs.text.clocks import Flags
from soc.logs.text.loaded import LINE_CAP, Loaded, gather
from soc.logs.text.views import Ints


@dataclass(frozen=True)
class Records:
    """`frame` has one row a record; `starts`/`ends` are the record's bytes in the block's data.

    Columns of `frame`: `line` (physical line from 0 within the block), `raw`, `text` (the message to read), `source` and
    `time` (what the format gives of them, or null) and `reason` (why the record is refused, null where it is parsed).
    `extra` holds ECS fields that the format itself names (JSON keys) as strings, row for row. `long_lines` are the
    numbers (within the block) of cut lines. `is_text`: each record's text is its raw line.
    """

    frame: pl.DataFrame
    starts: Ints
    ends: Ints
    extra: pl.DataFrame
    long_lines: tuple[int, ...]
    is_text: bool = False


def read_each_line(loaded: Loaded, table: object = None) -> Records:
    """Each line is a record, and its own text; blank lines are no records."""
    starts, ends = loaded.starts, content_ends(loaded, _line_ends(loaded))
    line = np.arange(len(starts))
    keep = not_blank(loaded, starts, ends)
    if not keep.all():
        line, starts, ends = line[keep], starts[keep], ends[keep]
    frame = pl.DataFrame({"line": line, "raw": gather(loaded, starts, ends - starts)})
    cut = long_lines(frame, starts, ends)
    nothing = pl.lit(None, dtype=pl.String)
    frame = frame.with_columns(
        pl.col("raw").alias("text"), nothing.alias("source"), nothing.alias("time"), nothing.alias("reason")
    )
    return Records(frame, starts, ends, frame.select(), cut, is_text=True)


def read_joined_lines(loaded: Loaded, table: object = None) -> Records:
    """As `read_each_line`, with the lines that go on from one as part of it (`soc.logs.formats.kit.continued`)."""
    each = read_each_line(loaded)
    array = np.frombuffer(loaded.padded, np.uint8)
    more = goes_on(array, each.starts, each.frame["raw"])
    if not more.any():
        return each
    first = np.flatnonzero(~more)
    last = np.append(first[1:], len(more)) - 1
    starts, ends = each.starts[first], each.ends[last]
    raw = gather(loaded, starts, ends - starts)
    frame = each.frame[pl.Series(first)].with_columns(raw.alias("raw"), raw.alias("text"))
    return Records(frame, starts, ends, frame.select(), long_lines(frame, starts, ends), is_text=True)


def not_blank(loaded: Loaded, starts: Ints, ends: Ints) -> Flags:
    """Which lines hold more than blanks: told by the first byte where that is plain, else by looking."""
    if not len(starts):
        return np.zeros(0, np.bool_)
    first = np.frombuffer(loaded.padded, np.uint8)[starts]
    keep = (first > 32) & (first < 127) & (ends > starts)
    unsure = np.flatnonzero(~keep & (ends > starts))
    if len(unsure):
        text = gather(loaded, starts[unsure], (ends - starts)[unsure])
        keep[unsure] = (text.str.strip_chars().str.len_bytes() > 0).to_numpy()
    return np.asarray(keep, np.bool_)


def _line_ends(loaded: Loaded) -> Ints:
    return np.append(loaded.starts[1:], np.int64(len(loaded.data)))


def content_ends(loaded: Loaded, ends: Ints) -> Ints:
    """Ends without the newline (LF, CRLF)."""
    array = loaded.array
    if not len(array):
        return ends
    ends = ends - (array[np.maximum(ends - 1, 0)] == 10)
    return np.asarray(ends - ((ends > 0) & (array[np.maximum(ends - 1, 0)] == 13)), np.int64)


def long_lines(frame: pl.DataFrame, starts: Ints, ends: Ints) -> tuple[int, ...]:
    """The numbers of the first lines that are cut."""
    rows = np.flatnonzero(ends - starts > LINE_CAP)
    return tuple(int(frame["line"][int(row)]) for row in rows[:5])
