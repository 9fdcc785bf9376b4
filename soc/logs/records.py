"""The records of one block, by the file's format: a frame of raw lines and what the format itself tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.logs.formats.json_records import read_json
from soc.logs.layout import CsvShape, Layout, LogFormat
from soc.logs.opening.blocks import Loaded, gather
from soc.logs.opening.csv_records import csv_fields, csv_record_ends

Ints = npt.NDArray[np.int64]

#: Null in `reason` means parsed. `text` is the message to classify by template and search for fields.
SCHEMA = {
    "row": pl.Int64, "line": pl.Int64, "raw": pl.String, "text": pl.String, "source": pl.String,
    "time": pl.String, "reason": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Records:
    """`frame` has one row a record; `starts`/`ends` are the record's bytes in the block's data.

    `line` in the frame counts physical lines from 0 within the block. `extra` holds ECS fields that the
    format itself names (JSON keys), row for row. `long_lines` are the numbers (within the block) of cut lines.
    `is_text`: each record's text is its raw line.
    """

    frame: pl.DataFrame
    starts: Ints
    ends: Ints
    extra: pl.DataFrame
    long_lines: tuple[int, ...]
    is_text: bool = False


def read_records(loaded: Loaded, layout: Layout) -> Records:
    """All records of a block; blank lines are no records."""
    if layout.csv is not None:
        return _read_csv(loaded, layout.csv)
    starts, ends = loaded.starts, _content_ends(loaded, _line_ends(loaded))
    line = np.arange(len(starts))
    keep = _not_blank(loaded, starts, ends)
    if not keep.all():
        line, starts, ends = line[keep], starts[keep], ends[keep]
    frame = pl.DataFrame({"line": line, "raw": gather(loaded, starts, ends - starts)})
    long_lines = _long(frame, starts, ends)
    if layout.format is LogFormat.JSON_LINES:
        frame, extra = read_json(frame)
        return Records(frame, starts, ends, extra, long_lines)
    nothing = pl.lit(None, dtype=pl.String)
    frame = frame.with_columns(
        pl.col("raw").alias("text"), nothing.alias("source"), nothing.alias("time"), nothing.alias("reason")
    )
    return Records(frame, starts, ends, frame.select(), long_lines, is_text=True)


def _not_blank(loaded: Loaded, starts: Ints, ends: Ints) -> npt.NDArray[np.bool_]:
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


def _content_ends(loaded: Loaded, ends: Ints) -> Ints:
    """Ends without the newline (LF, CRLF)."""
    array = loaded.array
    if not len(array):
        return ends
    ends = ends - (array[np.maximum(ends - 1, 0)] == 10)
    return np.asarray(ends - ((ends > 0) & (array[np.maximum(ends - 1, 0)] == 13)), np.int64)


def _long(frame: pl.DataFrame, starts: Ints, ends: Ints) -> tuple[int, ...]:
    from soc.logs.layout import LINE_CAP

    rows = np.flatnonzero(ends - starts > LINE_CAP)
    return tuple(int(frame["line"][int(row)]) for row in rows[:5])


def _read_csv(loaded: Loaded, shape: CsvShape) -> Records:
    ends, unclosed = csv_record_ends(loaded.array, shape.delimiter, at_eof=True)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1])) if len(ends) else ends
    content = np.maximum(_content_ends(loaded, ends), starts)
    keep = _not_blank(loaded, starts, content)
    starts, content, unclosed = starts[keep], content[keep], unclosed[keep]
    line = np.searchsorted(loaded.starts, starts, "right") - 1
    frame = pl.DataFrame({"line": line.astype(np.int64), "raw": gather(loaded, starts, content - starts)})
    last = len(shape.columns) - 1
    wanted = tuple(sorted({shape.message, shape.source, shape.time} - {-1}))
    open_end = last if shape.message == last else -1
    counts, places = csv_fields(loaded.array, shape.delimiter, starts, content, wanted, open_end=open_end)
    frame = frame.with_columns(
        _field(loaded, places, shape.message).alias("text"),
        _field(loaded, places, shape.source).alias("source"),
        _field(loaded, places, shape.time).alias("time"),
        pl.Series("fields", counts),
        pl.Series("unclosed", unclosed),
    )
    width = len(shape.columns)
    few, many = pl.col("fields") <= shape.message, pl.col("fields") > width
    reason = (
        pl.when("unclosed").then(pl.lit("a quote is opened here and never closed"))
        .when(few).then(pl.format("the row has {} fields, too few to have a message (the header has " + str(width) + ")", "fields"))
        .when(many & pl.lit(open_end < 0)).then(pl.format("the row has {} fields, the header has " + str(width), "fields"))
        .when(pl.col("text").str.strip_chars().str.len_bytes() == 0).then(pl.lit("the message is empty"))
        .otherwise(None)
    )  # fmt: skip
    frame = frame.with_columns(reason.alias("reason")).select(
        "line", "raw", "text", "source", "time", "reason"
    )
    return Records(frame, starts, content, frame.select(), _long(frame, starts, content))


def _field(loaded: Loaded, places: dict[int, tuple[Ints, Ints]], column: int) -> pl.Series:
    """The unquoted text of one column; null where the table has no such column."""
    if column not in places:
        some = next(iter(places.values()))[0]
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(some))
    left, right = places[column]
    text = gather(loaded, left, right - left).str.strip_chars(" ")
    quoted = text.str.starts_with('"')
    if not quoted.any():
        return text
    frame = pl.DataFrame({"text": text, "quoted": quoted})
    inner = (
        pl.col("text").str.strip_prefix('"').str.strip_suffix('"').str.replace_all('""', '"', literal=True)
    )
    return frame.select(pl.when("quoted").then(inner).otherwise(pl.col("text"))).to_series()
