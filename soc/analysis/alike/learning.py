"""Learns of a shape of lines from two of them what all have alike, and where what differs is to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.analysis.alike.memory import (
    HAD,
    KIND,
    OF_LINE,
    SAID,
    TIME,
    Learned,
    Sayings,
    Spans,
    fill_in,
    times_of,
)
from soc.analysis.alike.rows import VERDICT, JudgedRows
from soc.detection.judging.scan import Ints, Matches
from soc.logs.text.placed import find_each
from soc.logs.text.times import kinds_of

Flags = npt.NDArray[np.bool_]

#: Columns that are a shape's, whatever digits they hold.
_OF_SHAPE = frozenset(
    [
        "classification",
        "score",
        "confidence",
        "rule_id",
        "evidence_start",
        "evidence_end",
        "decided_by",
        "evidence_field",
        "template_id",
        "template",
        "format",
        "rejected_reason",
    ]
)
_DIGIT = r"\d"
_NUMBERS = str.maketrans("0123456789", "0000000000")


@dataclass(frozen=True)
class Examples:
    """Lines that have been judged one by one, one a shape: also their text and that of their time.

    `starts`: where they begin in `data` (padded).
    """

    judged: JudgedRows
    raw: pl.Series
    time: pl.Series
    data: bytes
    starts: Ints

    def at(self, rows: Ints) -> Examples:
        return Examples(
            self.judged.at(rows), self.raw.gather(rows), self.time.gather(rows), self.data, self.starts[rows]
        )


@dataclass(frozen=True)
class Setting:
    """What reading depends on beside the line."""

    default_source: str
    as_of: int
    zone: str


def learn(
    shapes: Sequence[str], one: Examples, other: Examples, setting: Setting, sayings: Sayings
) -> tuple[Flags, Learned]:
    """Learn the shapes from two examples of each (or twice the same), row for row: which could be learned, and what of all.

    Of the good ones it gives back both examples, cell by cell.
    """
    good, same, spans = _columns(shapes, one, other, setting)
    verdicts = one.judged.verdicts
    same |= {SAID + name: pl.Series(getattr(verdicts, name)) for name in VERDICT}
    same |= {KIND: kinds_of(one.time), HAD: one.judged.times["had_time"]}
    good &= _fixed_evidence(one.raw, verdicts.evidence_start, verdicts.evidence_end, verdicts.field)
    columns = [column.alias(name) for name, column in same.items()]
    learned = Learned(pl.DataFrame(columns), spans, one.judged.matches, sayings.number(verdicts))
    told, rows = sayings.told(), np.arange(len(shapes))
    for some in (one, other):
        again = fill_in(learned, told, rows, some.data, some.starts)
        times = times_of(learned, rows, some.data, some.starts, setting.as_of, setting.zone)
        good &= _equal(again, some.judged) & _equal_columns(times, some.judged.times)
    return good, learned


def _columns(
    shapes: Sequence[str], one: Examples, other: Examples, setting: Setting
) -> tuple[Flags, dict[str, pl.Series], Spans]:
    """Which shapes are plain, and of each column what is the same in all lines of a shape and where it stands else."""
    good = np.ones(len(one.raw), np.bool_)
    same: dict[str, pl.Series] = {}
    spans: dict[str, tuple[Ints, Ints]] = {}
    for column in [*one.judged.events, one.time.alias(TIME)]:
        name = column.name
        if name in OF_LINE or column.null_count() == len(column):
            continue
        if name in _OF_SHAPE:
            same[name] = column
            continue
        text = column.cast(pl.String)
        varies = text.str.contains(_DIGIT).fill_null(False)
        if name == "source":
            given = (text == setting.default_source).fill_null(False)
            good &= ~(given & varies & find_each(one.raw, text).is_not_null()).to_numpy()
            varies &= ~given
        rows = varies.arg_true()
        if len(rows):
            others = (other.time if name == TIME else other.judged.events[name]).cast(pl.String)
            at, size = _places(
                [shapes[row] for row in rows.to_list()],
                (one.raw.gather(rows), other.raw.gather(rows)),
                (text.gather(rows), others.gather(rows)),
            )
            begins, sizes = np.zeros(len(good), np.int64), np.full(len(good), -1, np.int64)
            begins[rows.to_numpy()], sizes[rows.to_numpy()] = at, size
            good[rows.to_numpy()] &= size >= 0
            spans[name] = begins, sizes
            column = column.scatter(rows, None)
        if name != TIME:
            same[name] = column
    return good, same, spans


def _places(
    shapes: Sequence[str], lines: tuple[pl.Series, pl.Series], values: tuple[pl.Series, pl.Series]
) -> tuple[Ints, Ints]:
    """Where the values stand in both lines of a row, and their size; -1 where that cannot be said for certain."""
    at = find_each(lines[0], values[0])
    behind = pl.select(lines[0].str.slice(at.fill_null(0) + 1)).to_series()
    once = find_each(behind, values[0]).is_null() & at.is_not_null()
    size = values[0].str.len_bytes().cast(pl.Int64).to_numpy().copy()
    begin = at.fill_null(-1).cast(pl.Int64).to_numpy().copy()
    for row in (~once & at.is_not_null()).arg_true().to_list():
        begin[row] = _common(shapes[row], lines[0][row], lines[1][row], values[0][row], values[1][row])
    size[begin < 0] = -1
    return begin, size


def _common(shape: str, line: str, other: str, value: str, others: str | None) -> int:
    """The one place where the values stand in both lines; -1 where there is none, or several of which one may have another value."""
    if others is None or len(others) != len(value):
        return -1
    found, at = [], line.find(value)
    while at >= 0:
        if other[at : at + len(value)] == others and _whole(line, at, at + len(value)):
            found.append(at)
        at = line.find(value, at + 1)
    kept = [at for at in found if shape[at : at + len(value)] == value]
    return found[0] if len(found) == 1 or (found and len(kept) == len(found)) else -1


def _whole(line: str, start: int, end: int) -> bool:
    """Whether no number is cut in two there."""
    return not (line[start - 1 : start].isdigit() and line[start].isdigit()) and not (
        line[end - 1].isdigit() and line[end : end + 1].isdigit()
    )


def _fixed_evidence(lines: pl.Series, start: Ints, end: Ints, field: Ints) -> Flags:
    """Whether the words that a stage found stand first in the same place of each line of the shape."""
    good = np.ones(len(lines), np.bool_)
    for row in np.flatnonzero((field >= 0) & (start >= 0)).tolist():
        line = lines[row]
        words = line[int(start[row]) : int(end[row])]
        if any(one.isdigit() for one in words):
            good[row] = line.translate(_NUMBERS).find(words.translate(_NUMBERS)) == start[row]
    return good


def _equal(again: JudgedRows, judged: JudgedRows) -> Flags:
    """Row for row whether they are the same in all that is not a matter of their place and time."""
    columns = [name for name in judged.events.columns if name not in OF_LINE]
    same = _equal_columns(again.events, judged.events.select(columns))
    for name in VERDICT:
        same &= getattr(again.verdicts, name) == getattr(judged.verdicts, name)
    return same & _same_matches(again.matches, judged.matches, len(same))


def _equal_columns(again: pl.DataFrame, wanted: pl.DataFrame) -> Flags:
    same = np.ones(len(wanted), np.bool_)
    for column in wanted:
        if column.name not in again.columns:
            same &= column.is_null().to_numpy()
        else:
            same &= column.eq_missing(again[column.name].cast(column.dtype)).to_numpy()
    return same


def _same_matches(one: Matches, other: Matches, size: int) -> Flags:
    counts = np.bincount(one.line, minlength=size), np.bincount(other.line, minlength=size)
    same = counts[0] == counts[1]
    keep = same[one.line], same[other.line]
    differs = np.zeros(int(keep[0].sum()), np.bool_)
    for name in ("pattern", "start", "end"):
        differs |= getattr(one, name)[keep[0]] != getattr(other, name)[keep[1]]
    same[one.line[keep[0]][differs]] = False
    return np.asarray(same, np.bool_)
