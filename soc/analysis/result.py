"""What comes out of an analysis. Plain values, no work done here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from soc.domain.incident import Incident
from soc.errors import LogParseError, SocError
from soc.logs.layout import LogFormat


class AnalysisStopped(LogParseError):
    """`should_stop` said so. What had been written is incomplete and must not be read."""


class AnalysisHeld(LogParseError):
    """It would grow beyond its budget: a person has to decide. Nothing of it is kept."""


class ProcessDied(SocError):
    """A process of the pool died over the work, and died again when the work was given to another alone."""


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
    #: Before the first line is read, files are opened and, once for an installation, the signatures compiled.
    stage: Literal["opening", "compiling", "reading", "grouping", "writing"]


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
    """A batch, read. `ruleset` is the hash of what judged it. `by_class` and `by_severity` count parsed lines; `templates` the 2,000 most frequent."""

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
    ruleset: str = ""
