"""A block of lines that has been read and judged: what detectors look at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from soc.detection.judging.scanning.scan import Ints, Matches
from soc.detection.judging.verdict import Verdicts
from soc.detection.ruleset import Ruleset


@dataclass(frozen=True)
class JudgedBlock:
    """Row for row the same lines: `events` (EVENT_COLUMNS, `raw`, `file_no`), `clock` (microseconds, null where
    a line has no time), `verdicts`, and where lines begin in `data` (`starts`).

    Once the block's sessions are known, `events` also has `part`: which of them the line belongs to, or null.
    """

    number: int
    events: pl.DataFrame
    clock: pl.Series
    matches: Matches
    verdicts: Verdicts
    starts: Ints
    data: bytes
    ruleset: Ruleset

    def with_parts(self, part: pl.Series) -> JudgedBlock:
        return replace(self, events=self.events.with_columns(part.alias("part")))

    def rule_among(self, ids: tuple[str, ...]) -> pl.Series:
        """Which lines were judged by one of these signatures; false where none was."""
        return self.events.select(pl.col("rule_id").is_in(list(ids)).fill_null(False)).to_series()
