"""The nine classes and nothing: sentences of our own whose author had seen neither patterns nor signatures.

`sentences/open.tsv` may be looked at; `held.tsv`, of other kinds of products, is only counted. A line is a class, a tab and a
message; what goes in is a table of `source,log_message`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy.judged import judge_bytes
from benchmarks.accuracy.table import Figure, share
from soc.domain.classification import Classification

SENTENCES = Path(__file__).with_name("sentences")


def measure_classes(_logs: Path) -> list[Figure]:
    mine, other = (_judge(name) for name in ("open", "held"))
    count = len(mine) + len(other)
    return [
        Figure("sentences of nine classes and nothing: right", _right(mine), _right(other), "≥ .90", count),
        Figure("sentences of nine classes: macro-F1", macro_f1(mine), macro_f1(other), "≥ .87", count),
    ]


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """The mean of the nine classes' F1, of (truth, said)."""
    nine = [kind.value for kind in Classification if kind is not Classification.UNCLASSIFIED]
    found = []
    for kind in nine:
        both = sum(truth == said == kind for truth, said in pairs)
        either = sum((truth == kind) + (said == kind) for truth, said in pairs)
        found.append(2 * both / either if either else 0.0)
    return sum(found) / len(found)


def _right(pairs: Sequence[tuple[str, str]]) -> float | None:
    return share([truth == said for truth, said in pairs])


def _judge(name: str) -> list[tuple[str, str]]:
    """What each sentence is, and what it was called."""
    lines = (SENTENCES / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    told = [tuple(line.split("\t", 1)) for line in lines if line]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerows([("source", "log_message"), *(("app", words) for _, words in told)])
    rows = [row for _, row in sorted(judge_bytes(text.getvalue().encode(), f"{name}.csv").rows.items())]
    return [(truth, row["classification"]) for (truth, _), row in zip(told, rows, strict=True)]
