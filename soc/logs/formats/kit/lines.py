"""The lines of a block as bytes: where they begin and end, what they begin with, and where their stops are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from soc.logs.text.clocks import Flags, Page, is_digit
from soc.logs.text.views import PADDING, Bytes, Ints

Result = TypeVar("Result")

#: Minutes from UTC that no zone is beyond.
FAR = 14 * 60
SPACE, QUOTE, COLON, OPEN, CLOSE, LESS, MORE = 32, 34, 58, 91, 93, 60, 62


def characters(characters: str, *ranges: tuple[int, int]) -> Flags:
    table = np.zeros(256, np.bool_)
    table[[ord(character) for character in characters]] = True
    for low, high in ranges:
        table[low:high] = True
    return table


#: What ends a host or program name; whatever is not ASCII or printable makes a line unusual.
STOPS = characters(' :[]()="', (0, 32), (127, 256))
STRANGE = characters("", (0, 9), (10, 32), (127, 256))
UPPER, LOWER = characters("", (65, 91)), characters("", (97, 123))
HEX = characters("0123456789abcdefABCDEF:.")
BLANK = characters(" ")
BETWEEN = characters(" \t,:|-")
AFTER_PROCESS = characters(":[(")
WORDS = {
    name: int.from_bytes(name.encode(), "little")
    for name in ("last", "GET ", "POST", "HEAD", "PUT ", "[cli", "ent ")
}


class Lines:
    """The lines [starts, ends) of a block's padded bytes, free of control characters. Flags are row for row."""

    def __init__(self, padded: bytes, starts: Ints, ends: Ints) -> None:
        self.page = Page.of(padded)
        self.array: Bytes = self.page.array
        self.starts, self.ends = starts, ends
        self.stops = np.flatnonzero(STOPS[self.array])
        kinds = self.array[self.stops]
        self.blanks = self.stops[(kinds <= SPACE) | (kinds >= 127)]
        self.quotes = np.append(self.stops[kinds == QUOTE], len(self.array) - PADDING // 2)
        closing = self.stops[kinds == CLOSE]
        closing = closing[closing + 2 < len(self.array)]
        self._before_quotes = closing[(self.array[closing + 1] == SPACE) & (self.array[closing + 2] == QUOTE)]
        self._once: dict[Callable[..., Any], Any] = {}

    def __len__(self) -> int:
        return len(self.starts)

    @staticmethod
    def after(positions: Ints, at: Ints) -> Ints:
        """The first of `positions` at or after each of `at` (the padding holds the last)."""
        return positions[np.minimum(np.searchsorted(positions, at), len(positions) - 1)]

    def once(self, work: Callable[[Lines], Result]) -> Result:
        """What `work` makes of these lines, made once: for what several formats look at."""
        if work not in self._once:
            self._once[work] = work(self)
        found: Result = self._once[work]
        return found

    def holding(self, text: str) -> Flags:
        """The lines that hold this plain text."""
        found = np.zeros(len(self.starts), np.bool_)
        wanted = text.encode()
        at = np.flatnonzero(self.array == wanted[0])
        for step, byte in enumerate(wanted[1:], start=1):
            at = at[at + step < len(self.array)]
            at = at[self.array[at + step] == byte]
        row = np.searchsorted(self.starts, at, "right") - 1
        sound = (row >= 0) & (at + len(wanted) <= self.ends[np.maximum(row, 0)])
        found[row[sound]] = True
        return found

    @cached_property
    def first(self) -> Bytes:
        return self.array[self.starts]

    @cached_property
    def digit(self) -> Flags:
        """The line begins with a digit."""
        return is_digit(self.page, self.starts)

    @cached_property
    def dated(self) -> Flags:
        """It begins as `2026-…` does."""
        return np.asarray(self.digit & (self.array[self.starts + 4] == ord("-")), np.bool_)

    @cached_property
    def tagged(self) -> Flags:
        """It begins with `<`."""
        return np.asarray(self.first == LESS, np.bool_)

    @cached_property
    def monthly(self) -> Flags:
        """It begins as `Mar …` does."""
        array, at = self.array, self.starts
        word = UPPER[self.first] & LOWER[array[at + 1]] & LOWER[array[at + 2]]
        return np.asarray(word & (array[at + 3] == SPACE), np.bool_)

    @cached_property
    def closing(self) -> Ints:
        """Where the line's first `] "` stands, -1 where it has none."""
        if not len(self._before_quotes):
            return np.full(len(self.starts), -1, np.int64)
        place = self.after(self._before_quotes, self.starts)
        return np.where((place >= self.starts) & (place < self.ends), place, -1)


def skip_past(lines: Lines, good: Flags, at: Ints, end: Ints, table: Flags) -> tuple[Flags, Ints]:
    """Past the characters of `table`; what has very many of them, or then something strange, is not good."""
    array = lines.array
    for _ in range(40):
        more = table[array[at]] & (at < end)
        if not more.any():
            break
        at = at + more
    return good & ~((table[array[at]] | (array[at] >= 127)) & (at < end)), at
