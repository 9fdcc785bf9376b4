"""A text read as a file is read, without judging: what the formats' examples are held against."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from soc.logs.layout import Intake, LogFormat, ReadOptions
from soc.logs.opening.blocks import load_block
from soc.logs.opening.prepare import prepare_file
from soc.logs.reading import read_lines
from soc.logs.records import read_records


def prepare(text: str, file: str, folder: Path, options: ReadOptions) -> Intake:
    path = folder / "file"
    path.write_text(text, newline="")
    return prepare_file(path, file, options, work_dir=folder / "work", max_bytes=10**9, block_bytes=10**6)


def read_text(
    text: str, file: str = "example.log", options: ReadOptions | None = None
) -> tuple[LogFormat, list[dict[str, Any]]]:
    """The format that was found, and for each record what is not null: fields, message, time and so on.

    Left out are `source` where it is only the file's name and `message` where it is the line. `line format` is the format
    of the line's header.
    """
    with tempfile.TemporaryDirectory() as folder:
        intake = prepare(text, file, Path(folder), options or ReadOptions())
        assert not intake.error, intake.error
        rows = [row for block in intake.blocks for row in _rows(intake, block)]
    return intake.layout.format, rows


def _rows(intake: Intake, block: Any) -> list[dict[str, Any]]:
    loaded = load_block(intake.layout, block)
    records = read_records(loaded, intake.layout)
    said = read_lines(intake.layout, loaded, records)
    frame = said.fields.with_columns(
        pl.select(pl.when(said.message != records.frame["raw"]).then(said.message))
        .to_series()
        .alias("message"),
        said.source.alias("source"),
        said.times["@timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ").alias("@timestamp"),
        said.reason.alias("rejected_reason"),
        said.format.alias("line format"),
    )
    stem = pl.when(pl.col("source") != intake.layout.default_source).then("source").alias("source")
    return [
        {
            name: value
            for name, value in row.items()
            if value is not None and (name, value) != ("line format", "")
        }
        for row in frame.with_columns(stem).to_dicts()
    ]
