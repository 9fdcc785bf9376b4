"""The log path from files to an analysis. This process only coordinates: the work is done in the pool."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from soc import clock
from soc.analysis.account import FileCount, file_result, merge_templates
from soc.analysis.block_job import BlockResult, run_block
from soc.analysis.events_file import write_places
from soc.analysis.lanes import Lane
from soc.analysis.pool import Inline, Runner
from soc.analysis.result import (
    Analysis,
    AnalysisHeld,
    AnalysisStopped,
    ProcessDied,
    Progress,
    TemplateCount,
)
from soc.detection.detect import Detection
from soc.detection.judging.scanning.patterns import is_compiled
from soc.detection.rulebook import build_ruleset
from soc.detection.ruleset import Ruleset
from soc.domain.incident import Incident
from soc.logs.layout import NO_BUDGET, Block, Budget, Intake, SourceFile
from soc.logs.opening.archives import is_gzip
from soc.logs.opening.bounds import Bounds
from soc.logs.opening.prepare import prepare_file
from soc.settings import Settings
from soc.tracing.spans import Stopwatch

#: Inputs smaller than this (bytes, all files, uncompressed) are read in this process, unless the caller allows more.
INLINE_BYTES = 200_000
#: To open a packed file larger than this, or a plain one so many times larger, may take long.
LONG_BYTES, LONG_PLAIN_BYTES = 1024 * 1024, 64 * 1024 * 1024
#: How long (seconds) a run that was stopped waits for the blocks that are being read.
STOP_SECONDS = 10.0
TOP_TEMPLATES = 2_000
#: Beyond this many distinct templates the rarest are forgotten while counting.
_TEMPLATE_LIMIT = 100_000

_DECIDE = "Let it go on if you trust the file; else stop it."

OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


class _Run:
    """One analysis while it runs."""

    def __init__(
        self, files: Sequence[SourceFile], batch_id: str, out_dir: Path, settings: Settings,
        ruleset: Ruleset, on_progress: OnProgress | None, should_stop: ShouldStop | None, budget: Budget, as_of: datetime, read_here: int,
    ) -> None:  # fmt: skip
        self.as_of = int(as_of.timestamp() * 1e6)
        self.files, self.batch_id, self.settings, self.ruleset = files, batch_id, settings, ruleset
        self.events_dir, self.work_dir = out_dir / "events", out_dir / "work"
        self._on_progress, self._should_stop = on_progress, should_stop
        self.counts = [FileCount() for _ in files]
        self.detection = Detection(ruleset)
        self.by_class: dict[str, int] = {}
        self.by_severity: dict[str, int] = {}
        self.templates: list[pl.DataFrame] = []
        self.lines = self.bytes_done = 0
        self.budget, self.text_lines, self.text_bytes = budget, 0, 0
        self.wanted = self.work_dir / "wanted"
        there = [file.path.is_file() for file in files]
        self.sizes = [
            file.path.stat().st_size if here else 0 for file, here in zip(files, there, strict=True)
        ]
        self.packed = [here and _is_packed(file.path) for file, here in zip(files, there, strict=True)]
        self.bytes_total = sum(self.sizes)
        self.ahead = settings.worker_count + 1
        small = self.bytes_total < max(read_here, INLINE_BYTES) and not any(self.packed)
        self.runner: Runner = Inline() if small else Lane(settings.worker_count)

    def check_stop(self) -> None:
        if self._should_stop is not None and self._should_stop():
            raise AnalysisStopped(
                "The analysis was stopped.", hint="Run the batch again to analyse it whole."
            )

    def tell(self, file: str, stage: Any = "reading") -> None:
        if self._on_progress is not None:
            self._on_progress(
                Progress(self.lines, self.bytes_done, max(self.bytes_total, self.bytes_done), file, stage)
            )

    def prepare_all(self) -> None:
        """Make every file ready; a file that cannot be read is noted and the others go on. Raises AnalysisHeld."""
        self.wanted.touch()
        waiting = list(enumerate(self.files))
        pending: dict[Future[Any], int] = {}
        while waiting or pending:
            while waiting and len(pending) < self.ahead:
                number, file = waiting.pop(0)
                left = self.budget.without(self.text_lines, self.text_bytes)
                pending[
                    self.runner.submit(
                        prepare_file, file.path, file.name, file.options, work_dir=self.work_dir / str(number),
                        max_bytes=self.settings.max_upload_bytes, block_bytes=self.settings.block_bytes,
                        bounds=Bounds(left, self.wanted), as_of=self.as_of, long=self._takes_long(number),
                    )
                ] = number  # fmt: skip
            for future in self._finished(pending):
                number = pending.pop(future)
                self._take_intake(number, future.result())

    def _takes_long(self, number: int) -> bool:
        if self.packed[number]:
            return self.sizes[number] > LONG_BYTES or not self.budget.ratio
        return self.sizes[number] > LONG_PLAIN_BYTES

    def _take_intake(self, number: int, intake: Intake) -> None:
        if intake.question:
            raise AnalysisHeld(intake.question, hint=_DECIDE)
        self.counts[number].intake = intake
        self.text_lines += intake.lines
        self.text_bytes += intake.text_bytes
        self.bytes_total += intake.text_bytes - self.sizes[number]
        budget = self.budget
        if budget.lines and self.text_lines > budget.lines:
            raise AnalysisHeld(f"Its files together have more than {budget.lines:,} lines.", hint=_DECIDE)
        if budget.bytes and self.text_bytes > budget.bytes:
            raise AnalysisHeld(f"Its files unpack to more than {budget.bytes / 1e9:,.1f} GB.", hint=_DECIDE)

    def read_all(self) -> None:
        """Run all blocks, no more than `ahead` at a time."""
        jobs = self._jobs()
        pending: dict[Future[Any], int] = {}
        exhausted, watch = False, Stopwatch("read block")
        while pending or not exhausted:
            while not exhausted and len(pending) < self.ahead:
                job = next(jobs, None)
                if job is None:
                    exhausted = True
                    break
                number, intake, block = job
                began = watch.now()
                future = self.runner.submit(
                    run_block, intake.layout, block, file=number, events_dir=self.events_dir,
                    ruleset=self.ruleset, cache_dir=self.settings.patterns_dir,
                )  # fmt: skip
                pending[future] = number
                watch.began(future, began)
            for future in self._finished(pending):
                number = pending.pop(future)
                problem = future.exception()
                if problem is None:
                    self._take(result := future.result())
                    watch.end(future, {"soc.block.file": number, "soc.block.lines": result.lines_in})
                elif isinstance(problem, (ProcessDied, OSError, MemoryError)):
                    raise problem  # this machine's fault, not the file's
                else:
                    self.counts[number].failed(problem)

    def _jobs(self) -> Iterator[tuple[int, Intake, Block]]:
        for number, count in enumerate(self.counts):
            if count.intake is not None and not count.intake.error:
                for block in count.intake.blocks:
                    yield number, count.intake, block

    def _finished(self, pending: dict[Future[Any], int]) -> set[Future[Any]]:
        self.check_stop()
        return wait(pending, timeout=0.5, return_when=FIRST_COMPLETED).done if pending else set()

    def _take(self, result: BlockResult) -> None:
        self.counts[result.file].add(result)
        self.lines += result.lines_in
        self.bytes_done += result.bytes_done
        self.detection.add(result.findings)
        for total, part in ((self.by_class, result.by_class), (self.by_severity, result.by_severity)):
            for name, count in part.items():
                total[name] = total.get(name, 0) + count
        self.templates.append(result.templates)
        if len(self.templates) >= 16:
            self.templates = [merge_templates(self.templates).head(_TEMPLATE_LIMIT)]
        self.tell(self.files[result.file].name)

    def end(self) -> None:
        """Call off what is under way, and clear the texts away."""
        self.wanted.unlink(missing_ok=True)
        self.runner.close(patience=STOP_SECONDS)
        shutil.rmtree(self.work_dir, ignore_errors=True)

    def incidents(self) -> tuple[Incident, ...]:
        """What was found; which line belongs to which incident is written beside the parts."""
        settled, places = self.detection.settle(self.batch_id)
        taken = [
            {
                "file_no": line.file_no,
                "block": line.block,
                "line_no": line.line_no,
                "incident_id": incident_id,
            }
            for line, incident_id in settled.taken
        ]
        write_places(self.events_dir, places, taken)
        return settled.incidents

    def result(self, began: float) -> Analysis:
        """The whole; `began` is when it started, by the monotonic clock."""
        self.tell("", "grouping")
        incidents = self.incidents()
        files = tuple(file_result(file, count) for file, count in zip(self.files, self.counts, strict=True))
        top = merge_templates(self.templates).head(TOP_TEMPLATES) if self.templates else pl.DataFrame()
        self.tell("", "writing")
        return Analysis(
            files=files,
            incidents=incidents,
            templates=tuple(
                TemplateCount(
                    row["template_id"], row["template"], row["n"], row["classification"], row["score"]
                )
                for row in top.iter_rows(named=True)
            ),
            by_class=dict(sorted(self.by_class.items())),
            by_severity=dict(sorted(self.by_severity.items())),
            lines_in=sum(file.lines_in for file in files),
            parsed=sum(file.parsed for file in files),
            rejected=sum(file.rejected for file in files),
            seconds=time.monotonic() - began,
            events_dir=self.events_dir,
            ruleset=self.ruleset.hash,
        )


def _is_packed(path: Path) -> bool:
    with path.open("rb") as raw:
        return is_gzip(raw.read(2))


def analyse_files(
    files: Sequence[SourceFile],
    *,
    batch_id: str,
    out_dir: Path,
    settings: Settings,
    ruleset: Ruleset | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    budget: Budget = NO_BUDGET,
    as_of: datetime | None = None,
    read_here: int = 0,
) -> Analysis:
    """Read, classify and group all `files`; lines and verdicts go to Parquet under `out_dir/events`.

    `as_of` is when they were handed in (now, where nothing is said): times without a year lie before it. Inputs of fewer bytes
    than `read_here` are read in this process.

    Without a `ruleset` the one that comes with the product judges. The same files, `batch_id` and ruleset
    give the same incident ids. A file that cannot be read has its `error`; the others are read. Raises
    AnalysisStopped when `should_stop` says so, AnalysisHeld when the files outgrow `budget`, ProcessDied when a process
    died over a block, and OSError where this machine cannot read or write.
    """
    began = time.monotonic()
    ruleset = ruleset or build_ruleset(
        min_score=settings.incident_min_score, window_minutes=settings.incident_window_minutes
    )
    events_dir, work_dir = out_dir / "events", out_dir / "work"
    shutil.rmtree(events_dir, ignore_errors=True)
    shutil.rmtree(work_dir, ignore_errors=True)
    events_dir.mkdir(parents=True)
    work_dir.mkdir()
    run = _Run(
        files, batch_id, out_dir, settings, ruleset, on_progress, should_stop, budget, as_of or clock.now(), read_here
    )  # fmt: skip
    try:
        first = files[0].name if files else ""
        run.tell(first, "opening")
        run.prepare_all()
        run.tell(first, "reading" if is_compiled(ruleset, settings.patterns_dir) else "compiling")
        run.read_all()
    finally:
        run.end()
    return run.result(began)
