"""Tables as text: CSV with a comma, semicolon, tab or bar."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import polars as pl

from soc.logs.formats.kit.columns import MESSAGE_NAMES, SOURCE_NAMES, TIME_NAMES, choose_columns, plain_name
from soc.logs.formats.kit.csv_records import csv_fields, csv_record_ends
from soc.logs.formats.kit.declare import (
    ColumnWishes,
    Container,
    Format,
    Found,
    Likely,
    Sample,
    Table,
    example,
)
from soc.logs.formats.kit.records import Records, content_ends, long_lines, not_blank
from soc.logs.text.clocks import Flags
from soc.logs.text.loaded import Loaded, gather
from soc.logs.text.views import Bytes, Ints

DELIMITERS = ",;\t|"
_ENDINGS = (".csv", ".tsv")


def _sniff(sample: Sample) -> Likely:
    if sample.is_named(*_ENDINGS):
        return Likely.BY_NAME
    return Likely.BY_HEADER if _has_known_header(sample.lines) else Likely.NO


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _has_known_header(lines: list[str]) -> bool:
    """A known message name and another known name among the first line's cells."""
    for delimiter in DELIMITERS:
        cells = [plain_name(cell) for cell in _split(lines[0], delimiter)]
        if len(cells) > 1 and any(cell in MESSAGE_NAMES for cell in cells):
            return any(cell in SOURCE_NAMES or cell in TIME_NAMES for cell in cells) or len(lines) == 1
    return False


def _delimiter(lines: list[str]) -> str:
    """The delimiter that splits the first line into most cells, provided that later lines have it too."""
    best, cells = ",", 1
    for delimiter in DELIMITERS:
        width = len(_split(lines[0], delimiter))
        others = sum(delimiter in line for line in lines[1:50])
        if width > cells and (others * 3 >= min(len(lines) - 1, 49) or len(lines) == 1):
            best, cells = delimiter, width
    return best


def _is_header(cells: list[str]) -> bool:
    known = {*MESSAGE_NAMES, *SOURCE_NAMES, *TIME_NAMES}
    if any(plain_name(cell) in known for cell in cells):
        return all(len(cell) <= 60 for cell in cells)
    words = [cell.strip() for cell in cells]
    return all(
        re.fullmatch(r"[A-Za-z_@][\w .@/()-]{0,40}", word) is not None and len(word.split()) <= 4
        for word in words
    )


def _lay_out(sample: Sample, wishes: ColumnWishes) -> Found:
    rows = sample.text.splitlines()
    first = next(index for index, row in enumerate(rows) if row.strip())
    lines = [row for row in rows[first : first + 200] if row.strip()]
    delimiter = _delimiter(lines)
    header = [cell.strip().lstrip("\ufeff") for cell in _split(lines[0], delimiter)]
    warnings: list[str] = []
    has_header = _is_header(header)
    if not has_header:
        if len(header) == 1 or not any(delimiter in line for line in lines[1:]):
            warnings.append("The file has no header and one column: each line is read as one message.")
            return Found(other=True, warnings=tuple(warnings))
        warnings.append(
            "The file has no header: its columns are numbered. Choose the message column if this is wrong."
        )
        header = [f"column {number}" for number in range(1, len(header) + 1)]
    begin = 1 if has_header else 0
    body = [_split(line, delimiter) for line in lines[begin:][:50]]
    return choose_columns(
        header, body, delimiter, has_header=has_header, lead=first + begin, wishes=wishes, warnings=warnings
    )


def _record_ends(array: Bytes, table: Table, at_eof: bool) -> tuple[Ints, Flags]:
    return csv_record_ends(array, table.delimiter, at_eof=at_eof)


def _read(loaded: Loaded, shape: Table | None) -> Records:
    assert shape is not None
    ends, unclosed = csv_record_ends(loaded.array, shape.delimiter, at_eof=True)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1])) if len(ends) else ends
    content = np.maximum(content_ends(loaded, ends), starts)
    keep = not_blank(loaded, starts, content)
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
    reason = _reason(len(shape.columns), shape.message, keeps_rest=open_end >= 0)
    frame = frame.with_columns(reason.alias("reason")).select(
        "line", "raw", "text", "source", "time", "reason"
    )
    return Records(frame, starts, content, frame.select(), long_lines(frame, starts, content))


def _reason(width: int, message: int, *, keeps_rest: bool) -> pl.Expr:
    """Why a row is refused; with `keeps_rest` the message is the last column and may hold delimiters."""
    few, many = pl.col("fields") <= message, pl.col("fields") > width
    return (
        pl.when("unclosed").then(pl.lit("a quote is opened here and never closed"))
        .when(few).then(pl.format(f"the row has {{}} fields, too few to have a message (the header has {width})", "fields"))
        .when(many & pl.lit(not keeps_rest)).then(pl.format(f"the row has {{}} fields, the header has {width}", "fields"))
        .when(pl.col("text").str.strip_chars().str.len_bytes() == 0).then(pl.lit("the message is empty"))
        .otherwise(None)
    )  # fmt: skip


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


FORMAT = Format(
    name="csv",
    title="CSV",
    about="When the name ends in `.csv`/`.tsv`, or the first line names a message column and a source or time column. Delimiter "
    "`,` `;` tab or `|`. Columns are found by name without regard to case, blanks and underscores: message (`log_message`, "
    "`message`, `msg`, `log`, `text`, `event`, `description` …), source (`source`, `log_source`, `host`, `hostname`, `logger`, "
    "`application`, `service` …), time (`timestamp`, `time`, `datetime`, `date` …). No known message name: up to 30 columns the "
    "one with the longest text is taken, with a warning; beyond that the file is refused and asks. One column without header is "
    "read as plain lines. Quoted fields may hold newlines (up to 256 KiB a record). *Rejected:* a row with too few fields to have "
    "a message; a row with too many, unless the message is the last column (then it keeps the rest); an empty message; a line "
    "that opens a quote which is never closed (only that line).",
    order=10,
    choosable=True,
    endings=_ENDINGS,
    container=Container(
        sniff=_sniff, lay_out=_lay_out, read=_read, record_ends=_record_ends, has_columns=True
    ),
    examples=(
        example(
            'Time;Source;Message\n2026-03-01T02:00:00Z;web1;"user ""bob"" logged in from 192.0.2.1;\nby key"\nnow;web1\n',
            {
                "source": "web1",
                "message": 'user "bob" logged in from 192.0.2.1;\nby key',
                "user.name": "bob",
                "source.ip": "192.0.2.1",
                "event.outcome": "success",
                "@timestamp": "2026-03-01T02:00:00Z",
            },
            {
                "source": "web1",
                "message": "",
                "rejected_reason": "the row has 2 fields, too few to have a message (the header has 3)",
            },
        ),
        example(
            "a\tb\n1\tthe longest text is the message\n",
            {"message": "the longest text is the message"},
            file="x.tsv",
        ),
    ),
)
