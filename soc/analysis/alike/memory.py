"""What is known of shapes of lines: what all lines of a shape have, and where in them stands what each has of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.analysis.alike.placed_clocks import read_placed_clocks
from soc.analysis.alike.rows import VERDICT, JudgedRows, matches_at
from soc.detection.judging.scan import Ints, Matches, no_matches
from soc.detection.judging.stage import Move
from soc.detection.judging.verdict import Verdicts
from soc.logs.text.times import stamped
from soc.logs.text.views import own_text, text_views

Keys = npt.NDArray[np.uint64]
#: Where values stand in lines: their first byte and size (-1: nowhere), by the name of their column.
Spans = Mapping[str, tuple[Ints, Ints]]
#: The time's text, among the places; what is known of it, among the columns.
TIME, KIND, HAD = "time", "time.kind", "time.had"
#: Columns of a line's times where it is known by itself, and of its verdict.
TIMES, SAID = "times.", "verdict."
#: Columns that are told from a line's place and its time.
OF_LINE = frozenset(("file", "line_no", "offset", "@timestamp", "time_assumed", "incident_id", "raw", "part"))
#: What moved a score: id, title and weight of each, in order.
Told = tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Learned:
    """Row for row what is known: `same` (columns of the events file, SAID, KIND and HAD or TIMES; null where a line has its
    own), `spans` (where that stands in the line), `matches`, `moves` (a number in Sayings).
    """

    same: pl.DataFrame
    spans: Spans
    matches: Matches
    moves: Ints

    def __len__(self) -> int:
        return len(self.moves)

    def at(self, rows: Ints) -> Learned:
        """Some of the rows, in memory of their own."""
        spans = {name: (at[rows], size[rows]) for name, (at, size) in self.spans.items()}
        same = self.same[rows]
        owned = same.with_columns(own_text(column) for column in same if column.dtype == pl.String)
        return Learned(owned, spans, matches_at(self.matches, rows), self.moves[rows])


NOTHING = Learned(pl.DataFrame(), {}, no_matches(), np.zeros(0, np.int64))


class Sayings:
    """Numbers what moved scores."""

    def __init__(self) -> None:
        self._numbers: dict[Told, int] = {(): 0}

    def told(self) -> list[Told]:
        return list(self._numbers)

    def number(self, verdicts: Verdicts) -> Ints:
        """Of each line."""
        numbers = np.zeros(len(verdicts.rule), np.int64)
        if not verdicts.moves:
            return numbers
        weights = np.stack([move.weight for move in verdicts.moves])
        for row in np.flatnonzero(weights.any(axis=0)).tolist():
            told = zip(verdicts.moves, weights[:, row].tolist(), strict=True)
            key = tuple((move.id, move.title, int(weight)) for move, weight in told if weight)
            numbers[row] = self._numbers.setdefault(key, len(self._numbers))
        return numbers


@dataclass
class Book:
    """A growing Learned, by keys (64 bits of a text)."""

    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    places: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    learned: Learned = NOTHING

    def number(self, keys: Keys) -> Ints:
        """The row of each; -1 of what was given up, -2 of what is not known."""
        if not len(self.keys):
            return np.full(len(keys), -2, np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.places[at], -2)

    def give_up(self, keys: Keys) -> None:
        """These are of no use."""
        self.put(keys, np.full(len(keys), -1, np.int64))

    def add(self, keys: Keys, learned: Learned) -> None:
        """Row for row; no key twice, and none that is known."""
        first = len(self.learned)
        self.put(keys, first + np.arange(len(keys)))
        self.learned = joined(self.learned, learned)

    def put(self, keys: Keys, places: Ints) -> None:
        """Say of new keys where they lie."""
        if len(keys):
            every = np.concatenate((self.keys, keys))
            order = np.argsort(every, kind="stable")
            self.keys, self.places = every[order], np.concatenate((self.places, places))[order]


def joined(one: Learned, other: Learned) -> Learned:
    """The rows of both."""
    size, more = len(one), len(other)
    if not size or not more:
        return one if size else other
    here = np.zeros(size, np.int64), np.full(size, -1, np.int64)
    there = np.zeros(more, np.int64), np.full(more, -1, np.int64)
    pairs = {
        name: (one.spans.get(name, here), other.spans.get(name, there))
        for name in {**one.spans, **other.spans}
    }
    return Learned(
        pl.concat([one.same, other.same], how="diagonal", rechunk=True),
        {
            name: (np.concatenate((a[0], b[0])), np.concatenate((a[1], b[1])))
            for name, (a, b) in pairs.items()
        },
        Matches(
            np.concatenate((one.matches.line, other.matches.line + size)),
            *(
                np.concatenate((getattr(one.matches, name), getattr(other.matches, name)))
                for name in ("pattern", "start", "end")
            ),
        ),
        np.concatenate((one.moves, other.moves)),
    )


def as_learned(judged: JudgedRows, sayings: Sayings) -> Learned:
    """Rows that were judged, as what is known of each by itself."""
    used = [
        column for column in judged.events if column.name not in OF_LINE and column.null_count() < len(column)
    ]
    verdicts = [pl.Series(SAID + name, getattr(judged.verdicts, name)) for name in VERDICT]
    times = [column.alias(TIMES + column.name) for column in judged.times]
    return Learned(
        pl.DataFrame([*used, *verdicts, *times]), {}, judged.matches, sayings.number(judged.verdicts)
    )


def fill_in(learned: Learned, told: Sequence[Told], rows: Ints, data: bytes, starts: Ints) -> JudgedRows:
    """Lines by what is known of them (`rows`) and what stands in them; they begin at `starts` in `data`, which is padded.

    Columns in which nothing stands are left out; of times there are those of lines that are known by themselves.
    """
    columns = {column.name: column for column in learned.same[rows]}
    for name, (begin, size) in learned.spans.items():
        sizes = size[rows]
        if name == TIME or not (sizes >= 0).any():
            continue
        own = text_views(data, starts + begin[rows], sizes)
        if name in columns:
            own = own if columns[name].dtype == pl.String else own.cast(columns[name].dtype)
            own = pl.select(pl.coalesce(own, columns[name])).to_series()
        columns[name] = own.alias(name)
    arrays = {name: columns.pop(SAID + name).to_numpy() for name in VERDICT}
    code = learned.moves[rows]
    moves = []
    for number in np.unique(code[code > 0]).tolist():
        here = code == number
        moves += [Move(id, title, np.where(here, weight, 0)) for id, title, weight in told[number]]
    times = pl.DataFrame(
        [column.alias(name.removeprefix(TIMES)) for name, column in columns.items() if name.startswith(TIMES)]
    )
    events = [
        column for name, column in columns.items() if name not in (KIND, HAD) and not name.startswith(TIMES)
    ]
    verdicts = Verdicts(**arrays, moves=tuple(moves))
    return JudgedRows(pl.DataFrame(events), times, verdicts, matches_at(learned.matches, rows))


def times_of(learned: Learned, rows: Ints, data: bytes, starts: Ints, as_of: int, zone: str) -> pl.DataFrame:
    """The times that stand in lines of which `rows` are known by their shapes, as Reading has them."""
    nowhere = np.zeros(len(learned), np.int64), np.full(len(learned), -1, np.int64)
    begin, size = learned.spans.get(TIME, nowhere)
    kinds = learned.same[KIND].gather(rows)
    clocks = read_placed_clocks(data, starts + begin[rows], size[rows], kinds)
    return stamped(clocks, as_of, zone).with_columns(learned.same[HAD].gather(rows).alias("had_time"))


def with_times(judged: JudgedRows, rows: Ints, times: pl.DataFrame) -> JudgedRows:
    """With the times of `rows` (ascending); the others have theirs."""
    if not len(rows):
        return judged
    if not judged.times.width:
        return replace(judged, times=times)
    order = np.arange(len(judged.events))
    order[rows] = len(order) + np.arange(len(rows))
    return replace(judged, times=pl.concat([judged.times, times.select(judged.times.columns)])[order])
