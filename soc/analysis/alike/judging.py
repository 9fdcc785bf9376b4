"""Judges a block: one or two lines of each shape that is not known yet, and those lines that may not be taken together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from soc.analysis.alike.kinds import Shaped, made_up, memory_of, shaped_lines
from soc.analysis.alike.learning import Examples, Setting, learn
from soc.analysis.alike.line_shapes import Numbers, mask_lines, mask_moments
from soc.analysis.alike.loosely import find_loosely
from soc.analysis.alike.memory import (
    NOTHING,
    Keys,
    Learned,
    as_learned,
    fill_in,
    joined,
    times_of,
    with_times,
)
from soc.analysis.alike.rows import JudgedRows, some_records
from soc.detection.judging.scan import Ints
from soc.detection.ruleset import Ruleset
from soc.logs.layout import Layout
from soc.logs.reading import Reading, time_texts
from soc.logs.records import Records
from soc.logs.text.display import suspect_lines
from soc.logs.text.loaded import Loaded
from soc.logs.text.shapes import Flags
from soc.logs.text.views import PADDING

#: What judges records one by one: their rows, and what was read of them.
Judge = Callable[[Loaded, Records], tuple[JudgedRows, Reading]]

#: A longer line (bytes) is judged by itself, and so is every line of a smaller block (lines).
_LONGEST, FEWEST = 2_000, 2_000
#: Lines in which more of a number counts than a coarse shape keeps: escapes, records of pairs, rows of values.
_BY_NUMBERS = (
    r"%[0-9A-Fa-fuU]|\\|&#|&[A-Za-z]{2,8};|/\*|[{|]|\":|\",\"|,,|(?:,.*){8}|msg=audit|Account Name:|repeated \d|"
    r"(?:=.*){4}[A-Za-z]=\"?\d\d+(?:[^\d.:]|$)|[A-Za-z]=\"?\d\d+(?:[^\d.:].*(?:=.*){3})"
)
#: A shape that so many lines of a block have is learned at once, another when it comes again.
_WORTH = 6
#: Seeds that tell the keys of coarse and fine shapes and of whole lines apart.
_COARSE, _FINE, _LINE = 11, 12, 13


_lock = threading.Lock()


def judge_alike(
    layout: Layout, loaded: Loaded, records: Records, ruleset: Ruleset, judge: Judge
) -> JudgedRows:
    """Every record judged; cell by cell what `judge` says of each. Columns in which nothing stands may be left out."""
    size = len(records.frame)
    rows = _comparable(loaded, records) if records.is_text and size >= FEWEST else np.zeros(0, np.int64)
    if len(rows) < FEWEST:
        return judge(loaded, records)[0]
    with _lock:
        return _Block(layout, loaded, records, ruleset, judge, rows).judged()


class _Block:
    """One block while it is judged."""

    def __init__(
        self, layout: Layout, loaded: Loaded, records: Records, ruleset: Ruleset, judge: Judge, rows: Ints
    ) -> None:
        self.loaded, self.records, self.ruleset, self.judge = loaded, records, ruleset, judge
        self.setting = Setting(layout.default_source, layout.as_of, layout.zone)
        self.memory = memory_of(layout, ruleset)
        self.size = len(records.frame)
        self.sizes = records.ends - records.starts
        #: What is known of each row: a row of `table`, -1 where nothing is yet.
        self.place = np.full(self.size, -1, np.int64)
        self.table = NOTHING
        coarse = shaped_lines(
            mask_lines(Numbers.of(loaded.padded)), records.starts, self.sizes, rows, _COARSE
        )
        self.fine = np.zeros(self.size, np.bool_)
        self.fine[coarse.rows] = self._told_by_numbers(coarse)[coarse.code]
        self.shaped = self._refined(coarse)

    def _told_by_numbers(self, coarse: Shaped) -> Flags:
        """The shapes in which more of a number counts than they keep."""
        book = self.memory.fine
        new = np.flatnonzero(book.number(coarse.keys) == -2)
        if len(new):
            told = coarse.texts.gather(new).str.contains(_BY_NUMBERS).to_numpy()
            book.put(coarse.keys[new], told.astype(np.int64))
        return np.asarray(book.number(coarse.keys) == 1, np.bool_)

    def _refined(self, coarse: Shaped) -> list[Shaped]:
        """The coarse shapes, and fine ones of the lines that are told by their numbers."""
        fine = self.fine[coarse.rows]
        if not fine.any():
            return [coarse]
        rows = coarse.rows[fine]
        few, its = some_records(self.loaded, self.records, rows)
        finer = shaped_lines(
            mask_moments(Numbers.of(few.padded)),
            its.starts,
            its.ends - its.starts,
            np.arange(len(rows)),
            _FINE,
        )
        left = replace(coarse, rows=coarse.rows[~fine], code=coarse.code[~fine])
        return [left, replace(finer, rows=rows)]

    def judged(self) -> JudgedRows:
        """All rows."""
        alone = np.ones(self.size, np.bool_)
        new: list[Ints] = []
        unseen = np.zeros(self.size, np.bool_)
        for shaped in self.shaped:
            numbers = self.memory.shapes.number(shaped.keys)
            alone[shaped.rows] = numbers[shaped.code] == -1
            worth, once = self._worth_learning(shaped, numbers)
            unseen[shaped.rows] = once[shaped.code]
            new.append(worth)
        self._remember_lines(alone)
        pairs = [shaped.examples(shapes) for shaped, shapes in zip(self.shaped, new, strict=True)]
        first, last = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        asked = alone | unseen
        asked[first] = asked[last] = True
        if asked.any():
            texts = pl.concat([s.texts.gather(shapes) for s, shapes in zip(self.shaped, new, strict=True)])
            keys = np.concatenate([s.keys[shapes] for s, shapes in zip(self.shaped, new, strict=True)])
            self._judge_some(np.flatnonzero(asked), keys, texts.to_list(), first, last, alone)
        self._judge_rest()
        return self._together()

    def _worth_learning(self, shaped: Shaped, numbers: Ints) -> tuple[Ints, Flags]:
        """Of the shapes that are not known those that several lines have, or an earlier block had; and flags of the others."""
        seen = self.memory.seen.number(shaped.keys) != -2
        count = np.bincount(shaped.code, minlength=len(shaped.texts))
        there = (numbers == -2) & (count > 0)
        worth = there & (seen | (count >= _WORTH))
        self.memory.seen.give_up(shaped.keys[there & ~seen])
        return np.flatnonzero(worth), there & ~worth

    def _remember_lines(self, alone: Flags) -> None:
        """Of lines that are judged one by one: those that an earlier block had, word for word, are known. They leave `alone`."""
        rows = np.flatnonzero(alone)
        if not len(rows) or not len(self.memory.lines.learned):
            return
        numbers = self.memory.lines.number(self._line_keys(rows))
        self._take(rows[numbers >= 0], self.memory.lines.learned, numbers[numbers >= 0])
        alone[rows[numbers >= 0]] = False

    def _line_keys(self, rows: Ints) -> Keys:
        return self.records.frame["raw"].gather(rows).hash(_LINE).to_numpy()

    def _take(self, rows: Ints, learned: Learned, numbers: Ints) -> None:
        if len(rows):
            self.place[rows] = len(self.table) + numbers
            self.table = joined(self.table, learned)

    def _judge_some(
        self, asked: Ints, keys: Keys, texts: list[str], first: Ints, last: Ints, alone: Flags
    ) -> None:
        """Judge lines one by one, and learn the shapes (`keys`, `texts`) whose examples `first` and `last` are."""
        few, its = some_records(self.loaded, self.records, asked)
        judged, said = self.judge(few, its)
        self._keep(asked, judged, np.flatnonzero(alone[asked]))
        if not len(keys):
            return
        rows = np.searchsorted(asked, np.unique(np.concatenate((first, last))))
        times = time_texts(its.frame["text"], said, rows)
        some = Examples(judged.at(rows), its.frame["raw"].gather(rows), times, few.padded, its.starts[rows])
        odd = self._odd(*some_records(few, its, rows), self.fine[asked[rows]])
        one, other = np.searchsorted(asked[rows], first), np.searchsorted(asked[rows], last)
        odd = odd[one]
        self.memory.shapes.give_up(keys[odd])
        left = np.flatnonzero(~odd)
        bad = left[
            ~self._learn(
                keys[left], [texts[row] for row in left.tolist()], some.at(one[left]), some.at(other[left])
            )
        ]
        if len(bad):
            self._probe(
                keys[bad],
                [texts[row] for row in bad.tolist()],
                some.at(one[bad]),
                its,
                rows[one[bad]],
                self.fine[first[bad]],
            )

    def _keep(self, rows: Ints, judged: JudgedRows, some: Ints) -> None:
        """These rows are judged; `some` of them are remembered word for word."""
        learned = as_learned(judged, self.memory.sayings)
        some = some[self.sizes[rows[some]] <= _LONGEST]
        keys, where = np.unique(self._line_keys(rows[some]), return_index=True)
        fresh = self.memory.lines.number(keys) == -2
        if fresh.any():
            self.memory.lines.add(keys[fresh], learned.at(some[where[fresh]]))
        self._take(rows, learned, np.arange(len(rows)))

    def _learn(self, keys: Keys, texts: list[str], one: Examples, other: Examples) -> Flags:
        """Which of the shapes were learned."""
        good, learned = learn(texts, one, other, self.setting, self.memory.sayings)
        if good.any():
            self.memory.shapes.add(keys[good], learned.at(np.flatnonzero(good)))
        return good

    def _odd(self, few: Loaded, its: Records, fine: Flags) -> Flags:
        """In which lines a pattern looks at digits that the shape does not keep."""
        found = find_loosely(self.ruleset, few.data, its.starts, its.ends)
        numbers = Numbers.of(few.padded)
        hidden = [
            np.flatnonzero(np.frombuffer(masked, np.uint8)[: len(few.data)] != few.array)
            for masked in (mask_lines(numbers), mask_moments(numbers))
        ]
        odd = np.zeros(len(fine), np.bool_)
        for where, rows in zip(hidden, (~fine, fine), strict=True):
            asked = rows[found.line]
            begin = its.starts[found.line]
            hit = np.searchsorted(where, begin + found.end) > np.searchsorted(where, begin + found.start)
            odd[found.line[hit & asked]] = True
        return odd

    def _probe(
        self, keys: Keys, texts: list[str], some: Examples, its: Records, rows: Ints, fine: Flags
    ) -> None:
        """Learn shapes with a line made up as the second example; those of which that fails are given up."""
        lines = made_up(some.raw.to_list(), texts, fine)
        made = np.flatnonzero([line is not None for line in lines])
        good = np.zeros(len(keys), np.bool_)
        if len(made):
            column = pl.Series([lines[row] for row in made.tolist()], dtype=pl.String)
            data = "\n".join(column.to_list()).encode() + b"\n"
            sizes = column.str.len_bytes().cast(pl.Int64).to_numpy()
            starts = np.cumsum(sizes + 1) - sizes - 1
            few = replace(
                self.loaded, data=data, padded=data + bytes(PADDING), array=np.frombuffer(data, np.uint8), starts=starts,
            )  # fmt: skip
            frame = its.frame[rows[made]].with_columns(column.alias("raw"), column.alias("text"))
            judged, said = self.judge(few, replace(its, frame=frame, starts=starts, ends=starts + sizes))
            times = time_texts(column, said, np.arange(len(made)))
            probes = Examples(judged, column, times, few.padded, starts)
            good[made] = self._learn(keys[made], [texts[row] for row in made.tolist()], some.at(made), probes)
        self.memory.shapes.give_up(keys[~good])

    def _judge_rest(self) -> None:
        """Lines of shapes that could not be learned."""
        left = np.zeros(self.size, np.bool_)
        for shaped in self.shaped:
            left[shaped.rows] = self.memory.shapes.number(shaped.keys)[shaped.code] == -1
        rows = np.flatnonzero(left & (self.place < 0))
        if len(rows):
            judged, _ = self.judge(*some_records(self.loaded, self.records, rows))
            self._keep(rows, judged, np.arange(len(rows)))

    def _together(self) -> JudgedRows:
        """All rows, from those that were judged and from what is known."""
        by_shape = np.flatnonzero(self.place < 0)
        book = self.memory.shapes
        if len(by_shape):
            of_row = np.empty(self.size, np.int64)
            for shaped in self.shaped:
                of_row[shaped.rows] = book.number(shaped.keys)[shaped.code]
            numbers, starts = of_row[by_shape], self.records.starts[by_shape]
            times = times_of(
                book.learned, numbers, self.loaded.padded, starts, self.setting.as_of, self.setting.zone
            )
            self._take(by_shape, book.learned, numbers)
        told = self.memory.sayings.told()
        whole = fill_in(self.table, told, self.place, self.loaded.padded, self.records.starts)
        return with_times(whole, by_shape, times) if len(by_shape) else whole


def _comparable(loaded: Loaded, records: Records) -> Ints:
    """Lines of plain ASCII without controls, none too long."""
    sizes = records.ends - records.starts
    good = (sizes > 0) & (sizes <= _LONGEST) & records.frame["reason"].is_null().to_numpy()
    return np.flatnonzero(good & ~suspect_lines(loaded.array, records.starts, records.ends, ascii=True))
