"""Lines that have been read and judged, row for row, as the events file and the detectors want them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from soc.detection.judging.scan import Ints, Matches
from soc.detection.judging.stage import Move
from soc.detection.judging.verdict import Verdicts
from soc.logs.records import Records
from soc.logs.text.loaded import Loaded
from soc.logs.text.views import PADDING

#: The arrays of Verdicts that have one entry a line.
VERDICT = (
    "rule",
    "classification",
    "score",
    "confidence",
    "evidence_start",
    "evidence_end",
    "decided",
    "field",
)


@dataclass(frozen=True)
class JudgedRows:
    """`events` (EVENT_SCHEMA and `raw`), what is known of their `times`, and what judging said."""

    events: pl.DataFrame
    times: pl.DataFrame
    verdicts: Verdicts
    matches: Matches

    def at(self, rows: Ints) -> JudgedRows:
        """Some of the rows (ascending)."""
        return JudgedRows(
            self.events[rows],
            self.times[rows],
            verdicts_at(self.verdicts, rows),
            matches_at(self.matches, rows),
        )


def verdicts_at(verdicts: Verdicts, rows: Ints) -> Verdicts:
    named = {name: getattr(verdicts, name)[rows] for name in VERDICT}
    moves = tuple(Move(move.id, move.title, move.weight[rows]) for move in verdicts.moves)
    return Verdicts(**named, moves=moves)


def matches_at(matches: Matches, rows: Ints) -> Matches:
    """Of `rows`, each as often as it is named, numbered anew in their order."""
    low = np.searchsorted(matches.line, rows, "left")
    count = np.searchsorted(matches.line, rows, "right") - low
    begins = np.cumsum(count) - count
    at = np.arange(int(count.sum())) - np.repeat(begins, count) + np.repeat(low, count)
    return Matches(
        np.repeat(np.arange(len(rows)), count), matches.pattern[at], matches.start[at], matches.end[at]
    )


def some_records(loaded: Loaded, records: Records, rows: Ints) -> tuple[Loaded, Records]:
    """Some of the records, one after the other in bytes of their own."""
    starts, ends, data = records.starts[rows], records.ends[rows], loaded.data
    pieces = [data[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    own = b"\n".join(pieces) + b"\n"
    sizes = ends - starts
    begins = np.cumsum(sizes + 1) - sizes - 1
    few = replace(
        loaded, data=own, padded=own + bytes(PADDING), array=np.frombuffer(own, np.uint8), starts=begins,
    )  # fmt: skip
    return few, replace(
        records,
        frame=records.frame[rows],
        starts=begins,
        ends=begins + sizes,
        extra=records.extra[rows] if records.extra.width else records.extra,
    )
