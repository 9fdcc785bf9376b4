"""Templates: how the lines of real systems fall into groups, beside groups that were made by hand."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.judged import is_held, judge_bytes
from benchmarks.accuracy.table import Figure, both

_WILD = re.compile(r"(<\*>)+")


@dataclass(frozen=True)
class _System:
    name: str
    true: Sequence[str]
    found: Sequence[str]
    true_words: Sequence[str]
    found_words: Sequence[str]


def measure_grouping(logs: Path) -> list[Figure]:
    systems = [
        _read(path, path.name.removesuffix("_2k.log")) for path in sorted((logs / "loghub").glob("*_2k.log"))
    ]
    return [
        both("grouping accuracy (GA)", systems, _is_held, _mean(_accuracy), "≥ .88"),
        both("F1 of groups (FGA)", systems, _is_held, _mean(_group_f1), "≥ .88"),
        both("parsing accuracy (PA)", systems, _is_held, _mean(_parsing), "≥ .65"),
        both("F1 of templates (FTA)", systems, _is_held, _mean(_template_f1), "≥ .57"),
    ]


def _read(path: Path, name: str) -> _System:
    with (path.parent / f"{name}_truth.csv").open(encoding="utf-8") as text:
        truth = list(csv.DictReader(text))
    judged = judge_bytes(path.read_bytes(), path.name)
    rows = [judged.rows.get(number, {}) for number in range(1, len(truth) + 1)]
    return _System(
        name,
        [one["EventId"] for one in truth],
        [str(row.get("template_id")) for row in rows],
        [_words(one["EventTemplate"]) for one in truth],
        [_words(str(row.get("template"))) for row in rows],
    )


def _words(template: str) -> str:
    """Two wild cards beside each other are one; blanks do not count."""
    return " ".join(_WILD.sub("<*>", template).split())


def _is_held(system: _System) -> bool:
    return is_held(system.name)


def _mean(of):  # type: ignore[no-untyped-def]
    def mean(some: Sequence[_System]) -> float | None:
        return sum(of(one) for one in some) / len(some) if some else None

    return mean


def _groups(labels: Sequence[str]) -> dict[str, frozenset[int]]:
    members: dict[str, set[int]] = {}
    for number, label in enumerate(labels):
        members.setdefault(label, set()).add(number)
    return {label: frozenset(some) for label, some in members.items()}


def _accuracy(system: _System) -> float:
    """Share of lines whose group holds exactly the lines that it should."""
    true = set(_groups(system.true).values())
    return sum(len(group) for group in _groups(system.found).values() if group in true) / len(system.true)


def _group_f1(system: _System) -> float:
    true, found = set(_groups(system.true).values()), set(_groups(system.found).values())
    return 2 * len(true & found) / (len(true) + len(found))


def _parsing(system: _System) -> float:
    """Share of lines whose template reads as it should."""
    same = [a == b for a, b in zip(system.true_words, system.found_words, strict=True)]
    return sum(same) / len(same)


def _template_f1(system: _System) -> float:
    """A template counts where its group is exact and it reads as it should."""
    true = _groups(system.true)
    exact = {group: label for label, group in true.items()}
    right = 0
    for group in _groups(system.found).values():
        if group in exact:
            words = Counter(system.found_words[number] for number in group)
            right += words.most_common(1)[0][0] == system.true_words[min(group)]
    return 2 * right / (len(true) + len(set(system.found)))
