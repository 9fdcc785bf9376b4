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
from soc.analysis.result import Analysis, AnalysisStopped, FileResult, Progress, TemplateCount
from soc.detection.detectors.brute_force import TrailLedger, brute_force_incidents, lift
from soc.detection.detectors.scanning import PORT_SCAN, WEB_SCAN, scan_incidents
from soc.detection.session_window import GroupLedger, build_incident
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
        on_progress: OnProgress | None, should_stop: ShouldStop | None,
    ) -> None:  # fmt: skip
        self.files, self.batch_id, self.settings = files, batch_id, settings
        self.events_dir, self.work_dir = out_dir / "events", out_dir / "work"
        self.window_us = settings.incident_window_minutes * 60_000_000
        self._on_progress, self._should_stop = on_progress, should_stop
        self.counts = [FileCount() for _ in files]
        self.groups, self.trails = GroupLedger(self.window_us), TrailLedger(self.window_us)
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
                        min_score=self.settings.incident_min_score, window_us=self.window_us,
                        cache_dir=self.settings.data_dir / "cache",
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
        self.groups.add(result.groups)
        self.trails.add(result.trail)
        for total, part in ((self.by_class, result.by_class), (self.by_severity, result.by_severity)):
            for name, count in part.items():
                total[name] = total.get(name, 0) + count
        self.templates.append(result.templates)
        if len(self.templates) >= 16:
            self.templates = [merge_templates(self.templates).head(_TEMPLATE_LIMIT)]
        self.tell(self.files[result.file].name)

    def incidents(self) -> tuple[Incident, ...]:
        """Sessions and stateful findings; which line belongs to which is written beside the parts."""
        sessions = self.groups.sessions()
        rows = sessions.to_dicts() if len(sessions) else []
        scans = scan_incidents(self.batch_id, rows, self.window_us)
        owner = {number: scan.id for scan, numbers in scans for number in numbers}
        grouped = []
        for row in rows:
            if row["session"] not in owner and row["rule_id"] not in (PORT_SCAN, WEB_SCAN):
                grouped.append(build_incident(self.batch_id, row))
                owner[row["session"]] = grouped[-1].id
        grouped += [scan for scan, _ in scans]
        places = self.groups.places(sessions) if rows else pl.DataFrame()
        if rows:
            named = pl.DataFrame(
                {"session": list(owner), "incident_id": list(owner.values())},
                schema={"session": sessions.schema["session"], "incident_id": pl.String},
            )
            places = places.join(named, on="session").drop("session")
        broken = brute_force_incidents(self.batch_id, self.trails.broken_in(), grouped, self.window_us)
        taken = [{**line, "incident_id": incident.id} for incident, lines in broken for line in lines]
        grouped = _without(grouped, places, taken)
        grouped = lift(grouped, self.trails.busiest(), self.settings.incident_window_minutes)
        write_places(self.events_dir, places, taken)
        found = [*(incident for incident, _ in broken), *grouped]
        return tuple(sorted(found, key=lambda incident: -incident.score))

    def results(self) -> tuple[FileResult, ...]:
        return tuple(file_result(file, count) for file, count in zip(self.files, self.counts, strict=True))


def _without(grouped: list[Incident], places: pl.DataFrame, taken: list[dict[str, Any]]) -> list[Incident]:
    """Lines that a stateful rule took no longer count in their group; an emptied group goes."""
    lost: dict[str, int] = {}
    inside = [line for line in taken if line["part"] is not None]
    for line in inside:
        spot = places.filter(
            (pl.col("file_no") == line["file_no"])
            & (pl.col("block") == line["block"])
            & (pl.col("part") == line["part"])
        )
        if len(spot):
            lost[spot["incident_id"][0]] = lost.get(spot["incident_id"][0], 0) + 1
    kept = (
        incident.model_copy(update={"count": incident.count - lost[incident.id]})
        if incident.id in lost
        else incident
        for incident in grouped
    )
    return [incident for incident in kept if incident.count > 0]


def analyse_files(
    files: Sequence[SourceFile],
    *,
    batch_id: str,
    out_dir: Path,
    settings: Settings,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Analysis:
    """Read, classify and group all `files`; lines and verdicts go to Parquet under `out_dir/events`.

    The same files and `batch_id` give the same incident ids. A file that cannot be read has its
    `error`; the others are read. Raises AnalysisStopped when `should_stop` says so, and LogParseError
    when a worker process died.
    """
    began = time.monotonic()
    run = _Run(files, batch_id, out_dir, settings, on_progress, should_stop)
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
    run.tell("", "grouping")
    incidents = run.incidents()
    results = run.results()
    top = merge_templates(run.templates).head(TOP_TEMPLATES) if run.templates else pl.DataFrame()
    run.tell("", "writing")
    return Analysis(
        files=results,
        incidents=incidents,
        templates=tuple(
            TemplateCount(row["template_id"], row["template"], row["n"], row["classification"], row["score"])
            for row in top.iter_rows(named=True)
        ),
        by_class=dict(sorted(run.by_class.items())),
        by_severity=dict(sorted(run.by_severity.items())),
        lines_in=sum(result.lines_in for result in results),
        parsed=sum(result.parsed for result in results),
        rejected=sum(result.rejected for result in results),
        seconds=time.monotonic() - began,
        events_dir=run.events_dir,
    )


def analyse_records(
    records: Sequence[tuple[str, str]],
    *,
    batch_id: str,
    out_dir: Path,
    settings: Settings,
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
            batch_id=batch_id, out_dir=out_dir, settings=settings, on_progress=on_progress,
        )  # fmt: skip
    finally:
        shutil.rmtree(work, ignore_errors=True)
