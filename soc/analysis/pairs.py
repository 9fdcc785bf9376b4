"""An analysis of (source, message) pairs that a program has in hand, as if they came in a file."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from soc.analysis.analyse import OnProgress, ShouldStop, analyse_files
from soc.analysis.result import Analysis
from soc.detection.ruleset import Ruleset
from soc.errors import LogParseError
from soc.logs.layout import LogFormat, ReadOptions, SourceFile
from soc.settings import Settings

_RECORD_OPTIONS = ReadOptions(format=LogFormat.JSON_LINES, default_source="records")


def analyse_records(
    records: Sequence[tuple[str, str]],
    *,
    batch_id: str,
    out_dir: Path,
    settings: Settings,
    ruleset: Ruleset | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Analysis:
    """As `analyse_files` for a list of (source, message). Offsets refer to one JSON record a line.

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
            should_stop=should_stop,
        )  # fmt: skip
    finally:
        shutil.rmtree(work, ignore_errors=True)
