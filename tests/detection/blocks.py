"""Judged blocks made by hand: lines with what detectors ask of them, cut wherever a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from soc.analysis.events_file import EVENT_SCHEMA
from soc.detection.block import JudgedBlock
from soc.detection.judging.scanning.scan import no_matches
from soc.detection.judging.verdict import unjudged
from soc.detection.ruleset import Ruleset


@dataclass(frozen=True)
class Judged:
    """A line as it was judged. `at` is in microseconds, None without a time."""

    rule_id: str | None
    at: int | None = 0
    ip: str | None = "203.0.113.9"
    score: int = 6
    template: str = "t"
    path: str | None = None
    status: int | None = None
    host: str | None = None
    user: str | None = None


def block_of(ruleset: Ruleset, lines: Sequence[Judged], number: int = 0, first_line: int = 1) -> JudgedBlock:
    rows = [
        {
            "file": "a.log", "line_no": first_line + n, "offset": first_line + n, "source": "s", "message": f"line {first_line + n}",
            "classification": "Security Alert", "score": line.score, "confidence": 0.9, "rule_id": line.rule_id,
            "evidence_start": 0, "evidence_end": 4, "template_id": line.template, "template": line.template,
            "source.ip": line.ip, "http.response.status_code": 404 if line.path else line.status,
            "url.path": line.path, "host.name": line.host, "user.name": line.user,
            "raw": f"line {first_line + n}",
        }
        for n, line in enumerate(lines)
    ]  # fmt: skip
    schema = {**EVENT_SCHEMA, "raw": pl.String()}
    clock = pl.Series([line.at for line in lines], dtype=pl.Int64)
    moments = clock.cast(pl.Datetime("us", "UTC"))
    events = pl.DataFrame(rows, schema=schema).with_columns(
        moments.alias("@timestamp"), pl.lit(0, pl.Int32).alias("file_no")
    )
    return JudgedBlock(
        number=number, events=events, clock=clock, matches=no_matches(), verdicts=unjudged(len(lines)),
        starts=np.zeros(len(lines), np.int64), data=b"", ruleset=ruleset,
    )  # fmt: skip
