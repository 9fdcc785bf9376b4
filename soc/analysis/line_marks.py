"""Marks of lines: by what the same event is known when another batch has it too."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from soc.analysis.events_file import owned_lines
from soc.store.files import Folder

MARKS = pl.Schema({"incident_id": pl.String, "mark": pl.UInt64, "nth": pl.UInt32})


def read_marks(events_dir: Path | Folder, incident_ids: Collection[str]) -> pl.DataFrame:
    """`incident_id, mark, nth`: a row a line of these incidents. `nth` tells equal lines of one incident apart.

    One part is held at a time, and of it these lines alone. Raises NotFound when the batch's parts are gone.
    """
    frames = [
        frame.select("incident_id", pl.col("raw").hash(seed=11).alias("mark"))
        for frame in owned_lines(events_dir, incident_ids)
    ]
    if not frames:
        return MARKS.to_frame()
    rows = pl.concat(frames)
    nth = pl.int_range(pl.len(), dtype=pl.UInt32).over("incident_id", "mark")
    return rows.with_columns(nth.alias("nth"))
