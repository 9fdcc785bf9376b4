"""What is counted while blocks come in: lines by file, and templates."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl
import structlog

from soc.analysis.block_job import BlockResult
from soc.analysis.result import FileResult
from soc.errors import where_it_broke
from soc.logs.layout import Intake, LogFormat, SourceFile

log = structlog.get_logger(__name__)


@dataclass
class FileCount:
    """A file's running account."""

    intake: Intake | None = None
    lines: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    invalid: int = 0
    nuls: int = 0
    naive: int = 0
    yearless: int = 0
    bad_times: int = 0
    long_lines: list[int] = field(default_factory=list)
    problem: str = ""

    def add(self, result: BlockResult) -> None:
        self.lines += result.lines_in
        for reason, count in result.rejected_by_reason.items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count
        self.invalid += result.invalid_bytes
        self.nuls += result.nuls
        self.naive += result.naive_times
        self.yearless += result.yearless_times
        self.bad_times += result.bad_times
        self.long_lines = sorted([*self.long_lines, *result.long_lines])[:5]

    def failed(self, problem: BaseException) -> None:
        """A block that could not be analysed, which is our fault: said, never passed over."""
        log.error("block_not_analysed", **where_it_broke(problem))
        self.problem = (
            f"A part of the file could not be analysed ({type(problem).__name__}); its lines are missing. "
            "Report this with the file; the other parts are complete."
        )

    def warnings(self) -> tuple[str, ...]:
        found: list[str] = list(self.intake.warnings) if self.intake else []
        if self.invalid:
            found.append(f"{self.invalid:,} bytes are not UTF-8 and are shown as �.")
        if self.nuls:
            found.append(f"{self.nuls:,} NUL bytes were removed; evidence offsets do not count them.")
        if self.long_lines:
            numbers = ", ".join(map(str, self.long_lines))
            found.append(
                f"Lines longer than 64 KiB were cut there: line {numbers}{' …' if len(self.long_lines) == 5 else ''}."
            )
        if self.yearless:
            found.append(
                _times(
                    self.yearless,
                    "1 time has no year: the latest one before the file was handed in was taken.",
                    "times have no year: the latest one before the file was handed in was taken.",
                )
            )
        if self.naive:
            zone = (self.intake.layout.zone if self.intake else "") or "UTC"
            found.append(
                _times(
                    self.naive,
                    f"1 time has no zone and was taken as {zone}.",
                    f"times have no zone and were taken as {zone}.",
                )
            )
        if self.bad_times:
            found.append(
                _times(
                    self.bad_times,
                    "1 time is impossible or not understood and was left out.",
                    "times are impossible or not understood and were left out.",
                )
            )
        return tuple(found)


def _times(number: int, one: str, many: str) -> str:
    return one if number == 1 else f"{number:,} {many}"


def file_result(file: SourceFile, count: FileCount) -> FileResult:
    intake = count.intake
    rejected = sum(count.reasons.values())
    error = (intake.error or count.problem) if intake else "The file was not read."
    if intake and not error and count.lines == 0:
        error = "The file holds no records: only blank lines or a header. Check the export that made it."
    return FileResult(
        name=file.name,
        format=intake.layout.format if intake else LogFormat.AUTO,
        encoding=intake.encoding if intake else "",
        compression=intake.compression if intake else "",
        lines_in=count.lines,
        parsed=count.lines - rejected,
        rejected=rejected,
        rejected_by_reason=dict(sorted(count.reasons.items())),
        warnings=count.warnings(),
        error=error,
    )


def merge_templates(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Counts by template, most frequent first."""
    rows = pl.concat(frames).sort("score", "classification", descending=[True, False])
    return (
        rows.group_by("template_id", maintain_order=True)
        .agg(pl.first("template"), pl.sum("n"), pl.first("score"), pl.first("classification"))
        .sort("n", "template_id", descending=[True, False])
    )
