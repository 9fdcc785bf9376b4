"""Texts that differ only in their numbers have one shape: what a search says of the shape it says of each of them.

A shape is as long as its texts, byte for byte, so what is found in it stands at the same place in each text. Of a number a
shape keeps what searches look at: that it is one digit and which, whether it can be a part of an IPv4 address, a status of
HTTP or a year. A search that looks at more of a number (`sha256`) must be asked of the texts themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.logs.text.eager import take
from soc.logs.text.shaping.memory import ShapeMemory, remember
from soc.logs.text.shaping.numbers import mask_numbers
from soc.logs.text.views import PADDING, Ints, text_views

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Shapes:
    """The distinct shapes of a column of texts. `rows`: the texts; `text`: one a shape; `code`: the shape of each row.

    Masks of rows (`rows` of the methods) are columns without null.
    """

    rows: pl.Series
    text: pl.Series
    code: Ints
    _data: bytes
    _starts: Ints
    #: The texts are the first so many characters of those of `_whole`.
    _within: int | None = None
    _whole: Shapes | None = None

    @cached_property
    def _remembered(self) -> tuple[ShapeMemory, Ints]:
        return remember(self.text) if self._whole is None else self._whole._remembered

    def spread(self, of_shapes: pl.Series) -> pl.Series:
        """Row for row, what is known of each shape."""
        return take(of_shapes, self.code)

    def contains(self, pattern: str, *, literal: bool = False) -> pl.Series:
        """Of each row whether it holds the pattern."""
        return self.spread(self.text.str.contains(pattern, literal=literal))

    def contains_any(self, words: Sequence[str]) -> pl.Series:
        """Of each row whether it holds one of the words."""
        return self.spread(self.text.str.contains_any(list(words)))

    def among(self, rows: pl.Series, pattern: str) -> pl.Series:
        """Which of the rows hold the pattern; no other row is looked at."""
        asked = self.asked(rows)
        if not len(asked):
            return rows
        holds = np.zeros(len(self.text), np.bool_)
        holds[asked.to_numpy()] = take(self.text, asked).str.contains(pattern).to_numpy()
        return rows & pl.Series(holds[self.code])

    def head(self, characters: int) -> Shapes:
        """The beginnings of all texts; those of shapes that begin alike are not put together."""
        return replace(
            self,
            rows=self.rows.str.head(characters),
            text=self.text.str.head(characters),
            _within=characters,
            _whole=self,
        )

    def asked(self, rows: pl.Series) -> pl.Series:
        """The numbers of the shapes of the rows, in order."""
        some = np.zeros(len(self.text), np.bool_)
        some[self.code[rows.to_numpy()]] = True
        return pl.Series(np.flatnonzero(some))

    def extract(self, rows: pl.Series, *patterns: str) -> pl.Series:
        """The first group of the first pattern that finds one, row for row; null where none does and outside `rows`."""
        start = np.zeros(len(self.text), np.int64)
        size = np.full(len(self.text), -1, np.int64)
        left = self.asked(rows)
        memory, numbers = self._remembered
        for pattern in patterns:
            if not len(left):
                break
            begins, sizes = memory.find(
                take(self.text, left), numbers[left.to_numpy()], pattern, self._within
            )
            hit = sizes >= 0
            places = left.to_numpy()[hit]
            start[places], size[places] = begins[hit], sizes[hit]
            left = left.filter(pl.Series(~hit))
        return self.cut(rows, start, size)

    def cut(self, rows: pl.Series, start: Ints, size: Ints) -> pl.Series:
        """Of `rows` the slices that begin at `start` and have `size` bytes, both by shape; null where that is negative."""
        if not (size >= 0).any():
            return pl.Series([None], dtype=pl.String).new_from_index(0, len(self.code))
        lengths = np.where(rows.to_numpy(), size[self.code], -1)
        return text_views(self._data, self._starts + start[self.code], lengths)


def shapes_of(texts: pl.Series) -> Shapes:
    """The shapes of texts, of which none is null."""
    if not len(texts):
        nothing = np.zeros(0, np.int64)
        return Shapes(texts, texts, nothing, bytes(PADDING), nothing)
    # a number ends with its text
    apart = (texts.rechunk() + "\n").to_arrow()
    _, offsets, data = apart.buffers()
    stops = np.frombuffer(offsets, np.int64, len(texts) + 1, apart.offset * 8)
    padded = data.to_pybytes() + bytes(PADDING)
    text, code = number_distinct(text_views(mask_numbers(padded), stops[:-1], np.diff(stops) - 1))
    return Shapes(texts, text, code, padded, stops[:-1])


def number_distinct(texts: pl.Series) -> tuple[pl.Series, Ints]:
    """The distinct texts, in the order in which they come, and of each text its number among them."""
    groups = texts.to_frame("text").with_row_index("row").group_by("text", maintain_order=True).agg("row")
    code = np.empty(len(texts), np.int64)
    sizes = groups["row"].list.len().to_numpy()
    code[groups["row"].explode().to_numpy()] = np.repeat(np.arange(len(groups)), sizes)
    return groups["text"], code
