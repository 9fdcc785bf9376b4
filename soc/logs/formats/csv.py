"""Tables as text: CSV with a comma, semicolon, tab or bar."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import numpy as np
import polars as pl

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
from soc.logs.formats.kit.tables.column_locale import has_day_first, in_english, with_day_first
from soc.logs.formats.kit.tables.columns import (
    MESSAGE_NAMES,
    SOURCE_NAMES,
    TIME_NAMES,
    choose_columns,
    plain_name,
    title_column,
)
from soc.logs.formats.kit.tables.csv_records import csv_fields, csv_record_ends
from soc.logs.formats.kit.tables.row_message import said_in
from soc.logs.formats.kit.tables.timelines import columns_of_hits, read_hits
from soc.logs.formats.kit.tables.unnamed import call_columns
from soc.logs.general.columns import known_fields, read_columns, wanted_columns, with_zone_of
from soc.logs.general.reader import TIME
from soc.logs.text.clocks import Flags
from soc.logs.text.loaded import Loaded, gather
from soc.logs.text.views import Bytes, Ints
from soc.logs.windows.rows import read_numbers

DELIMITERS = ",;\t|"
_ENDINGS = (".csv", ".tsv")
#: A name of a column is no longer than this and no value: a date, a clock, a number, an address.
_LONGEST_NAME, _FEW = 60, 3
#: So many rows below a header are looked at.
_BELOW = 50
_VALUE = re.compile(r"[=|]|\d{4}-\d\d|\d:\d\d|^-?[\d.]+$|\d/\d")
_NAME = re.compile(r"[A-Za-z_@][\w .@/()-]{0,40}")


def _sniff(sample: Sample) -> Likely:
    if sample.is_named(*_ENDINGS):
        return Likely.BY_NAME
    return Likely.BY_HEADER if _has_known_header(sample.lines) else Likely.NO


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _records(rows: list[str], delimiter: str) -> list[list[str]]:
    """The first of these rows cut into cells, those whose quotes hold ends of lines as one."""
    found: list[list[str]] = []
    try:
        for cells in csv.reader(io.StringIO("\n".join(rows)), delimiter=delimiter):
            found += [cells] if any(cells) else []
            if len(found) >= _BELOW:
                break
    except csv.Error:
        return [row.split(delimiter) for row in rows[:_BELOW] if row.strip()]
    return found


def _has_known_header(lines: list[str]) -> bool:
    """A known message name and another known name among the first line's cells; or names of several fields above rows as wide."""
    lines = lines[_preamble(lines)[0] :]
    if not lines:
        return False
    for delimiter in DELIMITERS:
        cells = _split(lines[0], delimiter)
        names = [plain_name(cell) for cell in cells]
        if len(names) > 1 and any(name in MESSAGE_NAMES for name in names):
            return any(name in SOURCE_NAMES or name in TIME_NAMES for name in names) or len(lines) == 1
        if len(cells) > _FEW and len(lines) > 1 and _is_header(cells, [_split(lines[1], delimiter)]):
            widths = [len(_split(line, delimiter)) for line in lines[1:6]]
            if known_fields(tuple(cells)) >= _FEW and all(abs(width - len(cells)) <= 1 for width in widths):
                return True
    return False


def _preamble(lines: list[str]) -> tuple[int, str]:
    """How many lines stand before the header (`sep=;`, `#TYPE …`), and the delimiter that one of them names."""
    delimiter = ""
    for number, line in enumerate(lines):
        named = re.match(r"^\ufeff?\"?sep=(.)\"?\s*$", line, re.IGNORECASE)
        if named is None and not re.match(r"^\ufeff?\"?#TYPE\b", line):
            return number, delimiter
        delimiter = named[1] if named else delimiter
    return len(lines), delimiter


def _delimiter(lines: list[str]) -> str:
    """The delimiter that splits the first line into most cells, provided that later lines have it too."""
    best, cells = ",", 1
    for delimiter in DELIMITERS:
        width = len(_split(lines[0], delimiter))
        others = sum(delimiter in line for line in lines[1:50])
        if width > cells and (others * 3 >= min(len(lines) - 1, 49) or len(lines) == 1):
            best, cells = delimiter, width
    return best


def _is_header(cells: list[str], body: list[list[str]]) -> bool:
    """Names, and not the first row: known ones, or ones unlike what stands below them. One cell alone must be a known name."""
    known = {*MESSAGE_NAMES, *SOURCE_NAMES, *TIME_NAMES}
    words = [cell.strip() for cell in cells]
    if any(len(word) > _LONGEST_NAME or _VALUE.search(word) for word in words):
        return False
    if any(plain_name(word) in known for word in words):
        return len(words) > 1 or plain_name(words[0]) in MESSAGE_NAMES
    named = all(_NAME.fullmatch(word) is not None and len(word.split()) <= _FEW + 1 for word in words if word)
    if not named or len(words) == 1:
        return False
    return not body or known_fields(tuple(words)) > 1 or _is_unlike(words, body)


def _is_unlike(names: list[str], body: list[list[str]]) -> bool:
    """Whether in some column most cells have digits or are long, and the name is neither."""
    for number, name in enumerate(names):
        below = [row[number] for row in body if number < len(row) and row[number].strip()]
        values = sum(bool(re.search(r"\d", cell)) or len(cell) > len(name) * 2 for cell in below)
        if name and not re.search(r"\d", name) and below and values * 2 > len(below):
            return True
    return False


def _named(header: list[str], body: list[list[str]]) -> list[str]:
    """The header with a name for each column: rows may have one more (a message without a name, or a delimiter at the end)."""
    wide = [row for row in body if len(row) == len(header) + 1]
    if len(wide) * 2 > len(body):
        said = [row[-1] for row in wide if row[-1].strip()]
        header = [*header, "Message" if said else ""]
    return [name or f"column {number}" for number, name in enumerate(header, 1)]


def _lay_out(sample: Sample, wishes: ColumnWishes) -> Found:
    rows = sample.text.splitlines()
    first = next(index for index, row in enumerate(rows) if row.strip())
    before, said = _preamble(rows[first : first + 3])
    first += before
    lines = [row for row in rows[first : first + 200] if row.strip()]
    if not lines:
        return Found(other=True)
    delimiter = said if said in DELIMITERS and said else _delimiter(lines)
    header = [cell.strip().lstrip("\ufeff") for cell in _split(lines[0], delimiter)]
    warnings: list[str] = []
    below = _records(rows[first + 1 : first + 400], delimiter)
    has_header = _is_header(header, below)
    if not has_header:
        if len(header) == 1 or not any(delimiter in line for line in lines[1:]):
            warnings.append("The file has no header and one column: each line is read as one message.")
            return Found(other=True, warnings=tuple(warnings))
        warnings.append(
            "The file has no header: its columns are numbered. Choose the message column if this is wrong."
        )
        below = [_split(line, delimiter) for line in lines[:50]]
        header = call_columns(below, len(header))
    else:
        header = [in_english(name) for name in _named(header, below)]
    begin = 1 if has_header else 0
    found = choose_columns(
        header, below, delimiter, has_header=has_header, lead=first + begin, wishes=wishes, warnings=warnings
    )
    if found.table is None or not has_day_first(below):
        return found
    return replace(found, table=replace(found.table, day_first=True))


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
    more = wanted_columns(shape.columns)
    title, hits = title_column(shape), columns_of_hits(shape.columns)
    wanted = tuple(sorted({shape.message, shape.source, shape.time, title, *hits, *more} - {-1}))
    open_end = last if shape.message == last else -1
    counts, places = csv_fields(loaded.array, shape.delimiter, starts, content, wanted, open_end=open_end)
    given = {number: with_day_first(_field(loaded, places, number), shape) for number in more}
    fields = read_columns(shape.columns, given) if given and len(frame) else {}
    if "event.code" in fields and shape.source >= 0:
        fields = {**read_numbers(_field(loaded, places, shape.source), fields["event.code"]), **fields}
    if hits:
        level = _field(loaded, places, hits[1]) if hits[1] >= 0 else None
        fields |= read_hits(_field(loaded, places, hits[0]), level)
    own = with_zone_of(shape.columns[shape.time], with_day_first(_field(loaded, places, shape.time), shape))
    if TIME in fields and not shape.chosen_time:
        own = pl.select(pl.coalesce(fields[TIME], own)).to_series()
    frame = frame.with_columns(
        said_in(_field(loaded, places, shape.message), _field(loaded, places, title), frame["raw"], shape),
        _field(loaded, places, shape.source).alias("source"),
        own.alias("time"),
        pl.Series("fields", counts),
        pl.Series("unclosed", unclosed),
    )
    reason = _reason(len(shape.columns), shape.message, keeps_rest=open_end >= 0)
    frame = frame.with_columns(reason.alias("reason")).select(
        "line", "raw", "text", "source", "time", "reason"
    )
    extra = pl.DataFrame({name: column for name, column in fields.items() if name != TIME})
    again = _is_repeated(frame, shape)
    if again.any():
        keep = (~again).to_numpy()
        frame, starts, content = frame.filter(~again), starts[keep], content[keep]
        extra = extra.filter(~again) if extra.columns else extra
    return Records(frame, starts, content, extra, long_lines(frame, starts, content))


def _is_repeated(frame: pl.DataFrame, shape: Table) -> pl.Series:
    """Rows that are the header once more, as where files were put together."""
    if not shape.has_header or len(shape.columns) < 2:
        return pl.Series([False]).new_from_index(0, len(frame))
    # without quotes and blanks: what is left of a header is its names
    names = "".join(shape.columns)
    plain = pl.col("raw").str.replace_all(rf"[{re.escape(shape.delimiter)}\"\s]", "")
    same = plain == re.sub(r"\s", "", names)
    return frame.select(same.fill_null(False)).to_series()


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
    about="When the name ends in `.csv`/`.tsv`, or the first line names a message column and a source or time column, or three "
    "fields above rows as wide. `sep=;` and `#TYPE` lines above the header are passed over, and so is a header that comes again. "
    "Columns whose names tell a field (`src_ip`, `suser`, ECS names) fill it. A last column without a name is the message. Delimiter "
    "`,` `;` tab or `|`. Columns are found by name without regard to case, blanks and underscores: message (`log_message`, "
    "`message`, `msg`, `log`, `text`, `event`, `description` …), source (`source`, `log_source`, `host`, `hostname`, `logger`, "
    "`application`, `service` …), time (`timestamp`, `time`, `datetime`, `date` …). No known message name: up to 30 columns the "
    "one with the longest text is taken, with a warning; beyond that the file is refused and asks. A title of what was found (`RuleTitle`, `detections`, `title`) stands before the message. Of columns without a header those "
    "that hold times or levels are known. One column without header is "
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
