"""What goes into the log path and what comes out of it. Plain values, no work done here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

from soc.domain.incident import Incident
from soc.errors import LogParseError

#: A line longer than this (bytes) is kept and scanned only up to here; the rest is named in a warning.
LINE_CAP = 64 * 1024


class AnalysisStopped(LogParseError):
    """`should_stop` said so. What had been written is incomplete and must not be read."""


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
class FilePreview:
    """What a file looks like. `size` in bytes as stored; `rows` are the first ≤ 20 records."""

    name: str
    size: int
    format: LogFormat
    encoding: str
    compression: str
    columns: tuple[str, ...]
    source_column: str
    message_column: str
    time_column: str
    rows: tuple[dict[str, str], ...]
    warnings: tuple[str, ...]
    error: str


@dataclass(frozen=True)
class Progress:
    """`lines` and `bytes_done` of all files so far; `bytes_total` counts decoded text as far as known."""

    lines: int
    bytes_done: int
    bytes_total: int
    file: str
    stage: Literal["reading", "grouping", "writing"]


@dataclass(frozen=True)
class FileResult:
    """One file's account: `lines_in == parsed + rejected`. `error`: why it could not be read at all."""

    name: str
    format: LogFormat
    encoding: str
    compression: str
    lines_in: int
    parsed: int
    rejected: int
    rejected_by_reason: dict[str, int]
    warnings: tuple[str, ...]
    error: str


@dataclass(frozen=True)
class TemplateCount:
    """A masked message, how many lines had it, and the strongest verdict among them."""

    template_id: str
    template: str
    count: int
    classification: str
    score: int


@dataclass(frozen=True)
class Analysis:
    """A batch, read. `by_class` and `by_severity` count parsed lines; `templates` the 2,000 most frequent."""

    files: tuple[FileResult, ...]
    incidents: tuple[Incident, ...]
    templates: tuple[TemplateCount, ...]
    by_class: dict[str, int]
    by_severity: dict[str, int]
    lines_in: int
    parsed: int
    rejected: int
    seconds: float
    events_dir: Path


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
