"""The model: on patterns of its own that it did not learn, and on lines of ordinary systems."""

from __future__ import annotations

from pathlib import Path

from benchmarks.accuracy.judged import is_held, judge_bytes
from benchmarks.accuracy.table import Figure, both, share
from soc.detection.model.training.train import learn, make_lesson, measure, temper

#: Logs in which nothing happens that concerns security.
_ORDINARY = ("Apache", "BGL", "HDFS", "OpenStack", "Windows", "Zookeeper")


def measure_model(logs: Path) -> list[Figure]:
    held = make_lesson(held=True)
    seen = measure(temper(learn(make_lesson(held=False)), held), held)
    rows = [
        (name, row)
        for name in _ORDINARY
        if (path := logs / "loghub" / f"{name}_2k.log").is_file()
        for row in judge_bytes(path.read_bytes(), path.name).rows.values()
    ]

    def by_model(kind: str | None):  # type: ignore[no-untyped-def]
        def of(some):  # type: ignore[no-untyped-def]
            said = [row["decided_by"] == "model" and kind in (None, row["classification"]) for _, row in some]
            return share(said)

        return of

    count = len(held.label)
    return [
        Figure("model, own patterns held back: right", None, seen["right"], "≥ .87", count),
        Figure(
            "model, own patterns held back: right where it speaks",
            None,
            seen["right_where_spoken"],
            "–",
            count,
        ),
        Figure(
            "model, own patterns held back: mean confidence there",
            None,
            seen["sure_where_spoken"],
            "–",
            count,
        ),
        both(
            "ordinary logs: lines the model calls Security", rows, _held, by_model("Security Alert"), "≤ .001"
        ),
        both("ordinary logs: lines the model gives a class", rows, _held, by_model(None), "–"),
    ]


def _held(one: tuple[str, object]) -> bool:
    return is_held(one[0])
