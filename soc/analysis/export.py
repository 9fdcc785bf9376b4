"""The events of a batch as one file for other tools: Parquet, CSV or JSON lines, by the end of its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow.parquet as pq

from soc.analysis.events_file import EVENT_ARROW_SCHEMA, EVENT_SCHEMA, walk_events
from soc.domain.event import Moved
from soc.store.files import Folder

#: A cell that begins so is a formula to some spreadsheet; an apostrophe before it makes it text.
_FORMULA = r"^ *[=+\-@|%\t\r\n＝＋－＠]"
_TEXTS = [name for name, kind in EVENT_SCHEMA.items() if kind == pl.String]


def export_events(events_dir: Path | Folder, target: Path, *, moved: Sequence[Moved] = ()) -> int:
    """Write all lines, rejected ones too, a row each, with EVENT_COLUMNS. `moved` are the batch's splits. Returns the number of rows.

    `.csv` and `.jsonl` (`.ndjson`) are written as they are called, all else as Parquet. The file appears whole or not at
    all; its folder must be there. One part is held at a time. Raises NotFound when the batch's parts are gone, OSError.
    """
    frames = walk_events(events_dir, moved=moved)
    write = _FORMS.get(target.suffix.lower(), _write_parquet)
    with whole_file(target) as place:
        return write(frames, place)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A place beside the target that takes its name when the block ends; what is no plain file is written as it is."""
    if target.exists() and not target.is_file():
        yield target
        return
    place = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield place
        place.replace(target)
    finally:
        with suppress(FileNotFoundError):
            place.unlink()


def _write_parquet(frames: Iterator[pl.DataFrame], place: Path) -> int:
    rows = 0
    with pq.ParquetWriter(place, EVENT_ARROW_SCHEMA, compression="zstd") as writer:
        for frame in frames:
            writer.write_table(frame.to_arrow().cast(EVENT_ARROW_SCHEMA))
            rows += len(frame)
    return rows


def _write_csv(frames: Iterator[pl.DataFrame], place: Path) -> int:
    """UTF-8 with a head line; times are ISO-8601 in UTC."""
    text = pl.col(_TEXTS)
    harmless = pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).name.keep()

    def write(frame: pl.DataFrame, target: BinaryIO, first: bool) -> None:
        frame.with_columns(harmless).write_csv(
            target, include_header=first, datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ"
        )

    return _write_pieces(frames, place, write)


def _write_jsonl(frames: Iterator[pl.DataFrame], place: Path) -> int:
    def write(frame: pl.DataFrame, target: BinaryIO, _first: bool) -> None:
        moments = pl.selectors.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        frame.with_columns(moments).write_ndjson(target)

    return _write_pieces(frames, place, write)


def _write_pieces(
    frames: Iterator[pl.DataFrame], place: Path, write: Callable[[pl.DataFrame, BinaryIO, bool], None]
) -> int:
    """Frame by frame into one file; without any frame the empty one, for its head line."""
    rows, first = 0, True
    with place.open("wb") as target:
        for frame in frames:
            write(frame, target, first)
            rows, first = rows + len(frame), False
        if first:
            write(pl.DataFrame(schema=EVENT_SCHEMA), target, True)
    return rows


_FORMS: dict[str, Callable[[Iterator[pl.DataFrame], Path], int]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".ndjson": _write_jsonl,
}
