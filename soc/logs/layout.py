"""A file to read, and how its bytes lie: options, layout, blocks. Plain values, no work done here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

#: A line longer than this (bytes) is kept and scanned only up to here; the rest is named in a warning.
LINE_CAP = 64 * 1024


class LogFormat(StrEnum):
    """How a file's bytes become records. `SYSLOG` is RFC 3164 and RFC 5424."""

    AUTO = "auto"
    CSV = "csv"
    PLAIN = "plain"
    SYSLOG = "syslog"
    JSON_LINES = "jsonl"


@dataclass(frozen=True)
class ReadOptions:
    """What the user chose on the preview. Empty: found by the product. Columns are those of a CSV header."""

    format: LogFormat = LogFormat.AUTO
    source_column: str = ""
    message_column: str = ""
    time_column: str = ""
    default_source: str = ""


@dataclass(frozen=True)
class SourceFile:
    """A file to read. `name` is the user's and hostile: shown, never used as a path. `path` is ours."""

    name: str
    path: Path
    options: ReadOptions = ReadOptions()


@dataclass(frozen=True)
class CsvShape:
    """How a CSV is laid out. `columns` is the header (or made-up names); indexes are -1 where absent."""

    delimiter: str
    columns: tuple[str, ...]
    source: int
    message: int
    time: int
    has_header: bool


@dataclass(frozen=True)
class Block:
    """Whole records of one file: bytes [start, end) of its text, whose first line is number `first_line`.

    `load` bytes are read: less than `end - start` only for a single line too long to hold.
    """

    index: int
    start: int
    end: int
    first_line: int
    load: int


@dataclass(frozen=True)
class Layout:
    """What the blocks of a file need to know of it."""

    name: str
    text_path: Path
    format: LogFormat
    lone_cr: bool = False
    csv: CsvShape | None = None
    default_source: str = ""
    strict_syslog: bool = False


@dataclass(frozen=True)
class Intake:
    """A file made ready: its layout and blocks, or `error` where it cannot be read."""

    layout: Layout
    encoding: str
    compression: str
    blocks: tuple[Block, ...] = ()
    text_bytes: int = 0
    warnings: tuple[str, ...] = ()
    error: str = ""
    truncated: bool = field(default=False)
