"""Audit records of seventy services, written by us after what is known of their shape: deeds that somebody writes a rule for, and
what looks like them and is of every day (the same switch turned on, a role that may do less, a look, a login that succeeds).

`records/open.jsonl` may be looked at; `held.jsonl`, of other services, is only counted. A line holds `product`, `security`
(whether a rule should tell of it) and `event`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.judged import Line, judge_truth, read_truth
from benchmarks.accuracy.table import Figure, share

RECORDS = Path(__file__).with_name("records")


@dataclass(frozen=True)
class _Part:
    """One of the two parts: its records, judged."""

    lines: Sequence[Line]

    def security(self, told: bool) -> float | None:
        return share([line.is_security for line in self.lines if line.truth["security"] is told])

    def precision(self) -> float | None:
        return share([bool(line.truth["security"]) for line in self.lines if line.is_security])


def measure_services(_logs: Path) -> list[Figure]:
    mine, other = (
        _Part(judge_truth(read_truth(RECORDS / f"{name}.jsonl"), key="event")) for name in ("open", "held")
    )
    count = len(mine.lines) + len(other.lines)
    return [
        Figure("own records of services: recall", mine.security(True), other.security(True), "–", count),
        Figure("own records of services: precision", mine.precision(), other.precision(), "–", count),
        Figure(
            "their everyday ones called Security", mine.security(False), other.security(False), "–", count
        ),
    ]
