"""A quick look at a file: its format, columns and first records, from a sample only."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl

from soc import clock
from soc.analysis.block_job import build_events
from soc.analysis.result import FilePreview
from soc.detection.judging.verdict import unjudged
from soc.logs.layout import Intake, ReadOptions
from soc.logs.opening.blocks import load_block
from soc.logs.opening.decode import SAMPLE_BYTES
from soc.logs.opening.prepare import prepare_file
from soc.logs.reading import read_lines
from soc.logs.records import read_records
from soc.logs.text.display import clean_name, clean_text
from soc.logs.text.templates import mask_messages

ROWS = 20
#: No more of a file than this is looked at.
PREVIEW_BYTES = 4 * SAMPLE_BYTES
_AS_FOUND = ReadOptions()
_CELL = 500


def preview_file(path: Path, name: str, options: ReadOptions = _AS_FOUND) -> FilePreview:
    """What the file looks like. Never raises for bad content: `error` says what is wrong and what to do."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    with tempfile.TemporaryDirectory(prefix="soc-preview-") as folder:
        sample, cut = _sample(path, size, Path(folder))
        intake = prepare_file(
            sample,
            name,
            options,
            work_dir=Path(folder) / "text",
            max_bytes=2**62,
            block_bytes=SAMPLE_BYTES,
            stop_at=SAMPLE_BYTES,
            as_of=int(clock.now().timestamp() * 1e6),
        )
        rows = () if intake.error else _first_rows(intake)
    shape = intake.layout.table
    error = intake.error
    if not error and not rows:
        error = "The file holds no records: only blank lines or a header. Check the export that made it."
    warnings = tuple(text for text in intake.warnings if not (cut and "cut off" in text))
    return FilePreview(
        name=clean_name(name),
        size=size,
        format=intake.layout.format,
        encoding=intake.encoding,
        compression=intake.compression,
        columns=shape.columns if shape else (),
        source_column=shape.columns[shape.source] if shape and shape.source >= 0 else "",
        message_column=shape.columns[shape.message] if shape and shape.message >= 0 else "",
        time_column=shape.columns[shape.time] if shape and shape.time >= 0 else "",
        rows=rows,
        warnings=warnings,
        error=error,
    )


def _sample(path: Path, size: int, folder: Path) -> tuple[Path, bool]:
    """A copy of the beginning of a large file, so that nothing reads the rest."""
    if size <= PREVIEW_BYTES:
        return path, False
    copy = folder / "sample"
    with path.open("rb") as source:
        copy.write_bytes(source.read(PREVIEW_BYTES))
    return copy, True


def _first_rows(intake: Intake) -> tuple[dict[str, str], ...]:
    if not intake.blocks:
        return ()
    block = intake.blocks[0]
    loaded = load_block(intake.layout, block)
    records = read_records(loaded, intake.layout)
    few = replace(
        records,
        frame=records.frame.head(ROWS),
        starts=records.starts[:ROWS],
        ends=records.ends[:ROWS],
        extra=records.extra.head(ROWS),
    )
    said = read_lines(intake.layout, loaded, few)
    nobody = pl.Series([None], dtype=pl.String)
    events, _ = build_events(
        intake.layout, block, loaded, few, said, mask_messages(said.shapes), unjudged(len(few.frame)), nobody
    )
    moment = events["@timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S").fill_null("")
    shown = events.select(
        pl.col("line_no").cast(pl.String),
        moment.alias("@timestamp"),
        pl.col("source").fill_null(""),
        pl.when(pl.col("rejected_reason").is_null())
        .then(pl.col("message"))
        .otherwise(pl.format("(rejected: {}) {}", "rejected_reason", clean_text(events["raw"]).alias("raw")))
        .str.head(_CELL)
        .alias("message"),
    )
    return tuple(shown.to_dicts())
