"""Find a file's format on a sample of its text; the user's choice wins where there is one."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import polars as pl

from soc.logs.formats.families import SYSLOG_FAMILIES
from soc.logs.formats.fields import split_header
from soc.logs.layout import CsvShape, LogFormat, ReadOptions
from soc.logs.text.display import clean_text

DELIMITERS = ",;\t|"

MESSAGE_NAMES = (
    "logmessage",
    "message",
    "msg",
    "log",
    "text",
    "event",
    "description",
    "body",
    "rawlog",
    "raw",
    "details",
    "eventmessage",
    "logline",
    "line",
    "content",
    "info",
)
SOURCE_NAMES = (
    "source",
    "logsource",
    "host",
    "hostname",
    "logger",
    "application",
    "app",
    "service",
    "servicename",
    "component",
    "process",
    "program",
    "device",
    "system",
    "sourcename",
    "server",
    "computer",
)
TIME_NAMES = (
    "timestamp",
    "time",
    "datetime",
    "date",
    "eventtime",
    "ts",
    "created",
    "createdat",
    "logtime",
    "occurredat",
)

#: A header of more columns than this without a known message name is not guessed at.
_GUESSABLE = 30


@dataclass(frozen=True)
class Found:
    """The format, where its first record begins (line index in the sample), or what to ask the user."""

    format: LogFormat
    csv: CsvShape | None = None
    header_lines: int = 0
    json_array: bool = False
    warnings: tuple[str, ...] = ()
    error: str = ""


def find_format(sample: str, name: str, options: ReadOptions) -> Found:
    """`sample` is the beginning of the text, cut at a line's end."""
    stripped = sample.lstrip("\ufeff \t\r\n")
    lines = [line for line in sample.splitlines()[:400] if line.strip()]
    chosen = options.format
    if not lines:
        return Found(
            LogFormat.PLAIN, error="The file holds only blanks: there is nothing to read. Check the export."
        )
    if chosen is LogFormat.AUTO:
        chosen = _guess(stripped, lines, name)
    if chosen is LogFormat.CSV:
        return _csv(sample, name, options)
    if chosen is LogFormat.JSON_LINES:
        return Found(chosen, json_array=_is_json_document(stripped, lines))
    return Found(chosen)


def _guess(stripped: str, lines: list[str], name: str) -> LogFormat:
    bare = name.lower().removesuffix(".gz")
    if stripped[:1] in ("{", "[") and _looks_like_json(stripped, lines):
        return LogFormat.JSON_LINES
    if bare.endswith((".csv", ".tsv")):
        return LogFormat.CSV
    families = split_header(clean_text(pl.Series(lines[:200], dtype=pl.String)))["family"]
    if int(families.is_in(list(SYSLOG_FAMILIES)).sum()) * 2 > len(families):
        return LogFormat.SYSLOG
    if _has_csv_header(lines):
        return LogFormat.CSV
    return LogFormat.PLAIN


def _looks_like_json(stripped: str, lines: list[str]) -> bool:
    if stripped[0] == "[":
        return stripped[1:].lstrip()[:1] in ("{", "[", "]") and not re.match(r"\[\w+\]", stripped)
    objects = sum(line.lstrip().startswith("{") for line in lines)
    return bool(re.match(r"\{\s*[\"}]", stripped)) and (objects * 2 > len(lines) or lines[0].strip() == "{")


def _is_json_document(stripped: str, lines: list[str]) -> bool:
    """An array, or objects spread over lines: either must be cut into one record a line."""
    if stripped.startswith("["):
        return True
    return (
        stripped.startswith("{")
        and lines[0].strip() in ("{", "{}")
        and len(lines) > 1
        and lines[0].strip() == "{"
    )


def plain_name(column: str) -> str:
    """`Log Message`, `log_message` and `LogMessage` are one name."""
    return re.sub(r"[^a-z0-9]", "", column.lower())


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _has_csv_header(lines: list[str]) -> bool:
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


def _csv(sample: str, name: str, options: ReadOptions) -> Found:
    rows = sample.splitlines()
    first = next(index for index, row in enumerate(rows) if row.strip())
    lines = [row for row in rows[first : first + 200] if row.strip()]
    delimiter = _delimiter(lines)
    header = [cell.strip().lstrip("\ufeff") for cell in _split(lines[0], delimiter)]
    warnings: list[str] = []
    has_header = _is_header(header)
    if not has_header:
        if len(header) == 1 or not any(delimiter in line for line in lines[1:]):
            warnings.append("The file has no header and one column: each line is read as one message.")
            return Found(LogFormat.PLAIN, warnings=tuple(warnings))
        warnings.append(
            "The file has no header: its columns are numbered. Choose the message column if this is wrong."
        )
        header = [f"column {number}" for number in range(1, len(header) + 1)]
    return _choose_columns(header, lines, delimiter, has_header, first, options, warnings)


def _choose_columns(
    header: list[str],
    lines: list[str],
    delimiter: str,
    has_header: bool,
    first: int,
    options: ReadOptions,
    warnings: list[str],
) -> Found:
    names = [plain_name(cell) for cell in header]
    if len(set(header)) < len(header):
        twice = sorted({cell for cell in header if header.count(cell) > 1})
        warnings.append(
            f"The header names {', '.join(twice[:5])} more than once: the first column of a name is used."
        )
    message = _column(header, names, options.message_column, MESSAGE_NAMES)
    source = _column(header, names, options.source_column, SOURCE_NAMES, taken=message)
    time = _column(header, names, options.time_column, TIME_NAMES, taken=message)
    body = [_split(line, delimiter) for line in lines[1 if has_header else 0 :][:50]]
    if message < 0 and len(header) == 1:
        message = 0
    if message < 0 and not options.message_column and len(header) <= _GUESSABLE:
        message = _longest(body, {source, time}, len(header))
        if message >= 0:
            warnings.append(
                f"No column is called message: “{header[message]}” is taken. Choose another if this is wrong."
            )
    shape = CsvShape(delimiter, tuple(header), source, message, time, has_header)
    lead = first + (1 if has_header else 0)
    if message < 0:
        shown = ", ".join(header[:8]) + (f" … ({len(header):,} columns)" if len(header) > 8 else "")
        wrong = f"There is no column “{options.message_column}”. " if options.message_column else ""
        return Found(
            LogFormat.CSV, shape, lead, False, tuple(warnings),
            f"{wrong}Which column holds the message? Choose one of: {shown}.",
        )  # fmt: skip
    return Found(LogFormat.CSV, shape, lead, False, tuple(warnings))


def _column(header: list[str], names: list[str], wish: str, known: tuple[str, ...], taken: int = -1) -> int:
    if wish:
        if wish in header:
            return header.index(wish)
        return names.index(plain_name(wish)) if plain_name(wish) in names else -1
    return next((names.index(name) for name in known if name in names and names.index(name) != taken), -1)


def _longest(body: list[list[str]], taken: set[int], width: int) -> int:
    """The column with the longest text on average, -1 where none has words."""
    lengths = [
        (sum(len(row[column]) for row in body if column < len(row)), -column)
        for column in range(width)
        if column not in taken
    ]
    best = max(lengths, default=(0, 0))
    return -best[1] if best[0] > 0 else -1
