"""What was found in shapes of earlier blocks: the blocks of a file, and files of a kind, have mostly the same shapes."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.logs.text.eager import take
from soc.logs.text.placed import find_group
from soc.logs.text.views import Ints

#: So many shapes are remembered, none longer than this (characters); then all are forgotten.
MOST, LONGEST = 40_000, 2_000
_UNKNOWN = -2

_Places = npt.NDArray[np.int32]


class ShapeMemory:
    """By pattern and shape where the pattern's group was found (`find_group`). Used by several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}
        self._places: dict[str, tuple[_Places, _Places]] = {}

    def number(self, shapes: pl.Series) -> Ints | None:
        """The number of each shape, -1 of one that is too long; None where there is no room for them all."""
        with self._lock:
            known = self._numbers
            if len(known) + len(shapes) > self._most:
                return None
            numbers = [
                known.setdefault(text, len(known)) if len(text) <= LONGEST else -1
                for text in shapes.to_list()
            ]
        return np.array(numbers, np.int64)

    def find(self, texts: pl.Series, numbers: Ints, pattern: str, within: int | None) -> tuple[Ints, Ints]:
        """`find_group` of the texts, asked only of those of which it is not known.

        `numbers` are those of the shapes; of these the texts are the first `within` characters.
        """
        begins, sizes = self._of(f"{within} {pattern}")
        known = numbers >= 0
        begin, size = np.zeros(len(texts), np.int64), np.full(len(texts), _UNKNOWN, np.int64)
        # the size is read first and written last: where it is known, the beginning that another thread wrote is there
        size[known] = sizes[numbers[known]]
        begin[known] = begins[numbers[known]]
        new = np.flatnonzero(size == _UNKNOWN)
        if len(new):
            begin[new], size[new] = find_group(take(texts, new), pattern)
            keep = new[known[new]]
            begins[numbers[keep]] = begin[keep]
            sizes[numbers[keep]] = size[keep]
        return begin, size

    def _of(self, pattern: str) -> tuple[_Places, _Places]:
        with self._lock:
            if pattern not in self._places:
                nowhere = np.zeros(self._most, np.int32)
                self._places[pattern] = nowhere, np.full(self._most, _UNKNOWN, np.int32)
            return self._places[pattern]


_memory = ShapeMemory()


def remember(shapes: pl.Series) -> tuple[ShapeMemory, Ints]:
    """The memory that knows the shapes, and their numbers in it."""
    global _memory
    memory = _memory
    numbers = memory.number(shapes)
    if numbers is None:
        memory = _memory = ShapeMemory()
        numbers = memory.number(shapes)
    return memory, np.full(len(shapes), -1, np.int64) if numbers is None else numbers
