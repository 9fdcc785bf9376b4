"""The log path from files to an analysis. This process only coordinates: the work is done in the pool."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import Any

import polars as pl

from soc.analysis.account import FileCount, file_result, merge_templates
from soc.analysis.block_job import BlockResult, run_block
from soc.analysis.events_file import write_places
from soc.analysis.pool import BrokenProcessPool, Inline, Runner, broken_pool, get_pool
from soc.analysis.result import Analysis, AnalysisStopped, Progress, TemplateCount
from soc.detection.detect import Detection
from soc.detection.rulebook import build_ruleset
from soc.detection.ruleset import Ruleset
from soc.domain.incident import Incident
from soc.errors import LogParseError
from soc.logs.layout import Block, Intake, LogFormat, ReadOptions, SourceFile
from soc.logs.opening.prepare import prepare_file
from soc.settings import Settings

#: Inputs smaller than this (bytes, all files, uncompressed) are read in this process.
INLINE_BYTES = 200_000
TOP_TEMPLATES = 2_000
#: Beyond this many distinct templates the rarest are forgotten while counting.
_TEMPLATE_LIMIT = 100_000

_RECORD_OPTIONS = ReadOptions(format=LogFormat.JSON_LINES, default_source="records")

OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


class _Run:
    """One analysis while it runs."""

    def __init__(
        self, files: Sequence[SourceFile], batch_id: str, out_dir: Path, settings: Settings,
        ruleset: Ruleset, on_progress: OnProgress | None, should_stop: ShouldStop | None,
    ) -> None:  # fmt: skip
        self.files, self.batch_id, self.settings, self.ruleset = files, batch_id, settings, ruleset
        self.events_dir, self.work_dir = out_dir / "events", out_dir / "work"
        self._on_progress, self._should_stop = on_progress, should_stop
        self.counts = [FileCount() for _ in files]
        self.detection = Detection(ruleset)
        self.by_class: dict[str, int] = {}
        self.by_severity: dict[str, int] = {}
        self.templates: list[pl.DataFrame] = []
        self.lines = self.bytes_done = 0
        self.bytes_total = sum(file.path.stat().st_size for file in files if file.path.exists())
        self.ahead = settings.worker_count + 1
        self.runner: Runner = (
            Inline()
            if self.bytes_total < INLINE_BYTES and not self._packed()
            else get_pool(settings.worker_count)
        )

    def _packed(self) -> bool:
        return any(file.name.lower().endswith(".gz") for file in self.files)

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
        """Make every file ready; a file that cannot be read is noted and the others go on."""
        waiting = list(enumerate(self.files))
        pending: dict[Future[Any], int] = {}
        while waiting or pending:
            while waiting and len(pending) < self.ahead:
                number, file = waiting.pop(0)
                pending[
                    self.runner.submit(
                        prepare_file, file.path, file.name, file.options, work_dir=self.work_dir / str(number),
                        max_bytes=self.settings.max_upload_bytes, block_bytes=self.settings.block_bytes,
                    )
                ] = number  # fmt: skip
            for future in self._finished(pending):
                number = pending.pop(future)
                intake: Intake = future.result()
                self.counts[number].intake = intake
                stored = self.files[number].path.stat().st_size if self.files[number].path.exists() else 0
                self.bytes_total += (0 if intake.error else intake.text_bytes) - stored

    def read_all(self) -> None:
        """Run all blocks, no more than `ahead` at a time."""
        jobs = self._jobs()
        pending: dict[Future[Any], int] = {}
        exhausted = False
        while pending or not exhausted:
            while not exhausted and len(pending) < self.ahead:
                job = next(jobs, None)
                if job is None:
                    exhausted = True
                    break
                number, intake, block = job
                pending[
                    self.runner.submit(
                        run_block, intake.layout, block, file=number, events_dir=self.events_dir,
                        ruleset=self.ruleset, cache_dir=self.settings.data_dir / "cache",
                    )
                ] = number  # fmt: skip
            for future in self._finished(pending):
                number = pending.pop(future)
                problem = future.exception()
                if problem is None:
                    self._take(future.result())
                elif isinstance(problem, BrokenProcessPool):
                    raise problem
                else:
                    self.counts[number].failed(problem)

    def _jobs(self) -> Iterator[tuple[int, Intake, Block]]:
        for number, count in enumerate(self.counts):
            if count.intake is not None and not count.intake.error:
                for block in count.intake.blocks:
                    yield number, count.intake, block

    def _finished(self, pending: dict[Future[Any], int]) -> set[Future[Any]]:
        try:
            self.check_stop()
        except AnalysisStopped:
            for future in pending:
                future.cancel()
            raise
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


def analyse_files(
    files: Sequence[SourceFile],
    *,
    batch_id: str,
    out_dir: Path,
    settings: Settings,
    ruleset: Ruleset | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Analysis:
    """Read, classify and group all `files`; lines and verdicts go to Parquet under `out_dir/events`.

    Without a `ruleset` the one that comes with the product judges. The same files, `batch_id` and ruleset
    give the same incident ids. A file that cannot be read has its `error`; the others are read. Raises
    AnalysisStopped when `should_stop` says so, and LogParseError when a worker process died.
    """
    began = time.monotonic()
    ruleset = ruleset or build_ruleset(
        min_score=settings.incident_min_score, window_minutes=settings.incident_window_minutes
    )
    run = _Run(files, batch_id, out_dir, settings, ruleset, on_progress, should_stop)
    shutil.rmtree(run.events_dir, ignore_errors=True)
    shutil.rmtree(run.work_dir, ignore_errors=True)
    run.events_dir.mkdir(parents=True)
    try:
        run.tell(files[0].name if files else "")
        run.prepare_all()
        run.read_all()
    except BrokenProcessPool as death:
        raise broken_pool() from death
    finally:
        shutil.rmtree(run.work_dir, ignore_errors=True)
    return run.result(began)


def analyse_records(
    records: Sequence[tuple[str, str]],
    *,
    batch_id: str,
    out_dir: Path,
    settings: Settings,
    ruleset: Ruleset | None = None,
    on_progress: OnProgress | None = None,
) -> Analysis:
    """The same for a list of (source, message). Offsets refer to one JSON record a line.

    Raises LogParseError where a record is not two strings.
    """
    work = out_dir / "records"
    work.mkdir(parents=True, exist_ok=True)
    path = work / "records.jsonl"
    try:
        frame = pl.DataFrame(
            records, schema={"source": pl.String, "message": pl.String}, orient="row", strict=True
        )
    except (TypeError, ValueError, pl.exceptions.PolarsError) as problem:
        raise LogParseError(
            "Records must be (source, message) pairs of strings.", hint=str(problem)[:200]
        ) from problem
    frame.with_columns(pl.all().fill_null("")).write_ndjson(path)
    try:
        return analyse_files(
            [SourceFile("records", path, _RECORD_OPTIONS)],
            batch_id=batch_id, out_dir=out_dir, settings=settings, ruleset=ruleset, on_progress=on_progress,
        )  # fmt: skip
    finally:
        shutil.rmtree(work, ignore_errors=True)
