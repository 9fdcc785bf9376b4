"""What reading headers from bytes works with: the lines, where their stops are, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soc.logs.text.clocks import Flags, Page
from soc.logs.text.views import PADDING, Bytes, Ints

#: Families by code; UNDECIDED goes to the expressions, "" fits none.
NAMES = ("", "rfc3164", "access", "time-first", "hdfs", "apache-error")
UNDECIDED = -1
NONE, RFC3164, ACCESS, TIME_FIRST, HDFS, APACHE = range(6)

#: Header fields that are slices of the line.
SLICED = ("host", "process", "pid", "level", "source_ip", "user", "action", "url", "status")

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


@dataclass
class Headers:
    """Row for row: family code, where the body and the header fields stand (length -1: none), and the time.

    `micros` counts from 1970 (or from the year 2000's start for a time without year) where `timed`.
    """

    family: Ints
    body: Ints
    body_end: Ints
    starts: dict[str, Ints]
    lengths: dict[str, Ints]
    micros: Ints
    timed: Flags
    naive: Flags
    yearless: Flags
    used: set[str] = field(default_factory=set)

    def put(self, name: str, rows: Ints, start: Ints, length: Ints) -> None:
        if len(rows):
            self.starts[name][rows], self.lengths[name][rows] = start, length
            self.used.add(name)

    def put_time(
        self, rows: Ints, micros: Ints, good: Flags, *, naive: Flags | bool, yearless: bool = False
    ) -> None:
        self.micros[rows], self.timed[rows] = micros, good
        self.naive[rows] = good & naive
        self.yearless[rows] = good & yearless


class Lines:
    """The lines of a block and where its stops are."""

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
        self.times_end = closing[(self.array[closing + 1] == SPACE) & (self.array[closing + 2] == QUOTE)]

    @staticmethod
    def after(positions: Ints, at: Ints) -> Ints:
        """The first of `positions` at or after each of `at` (the padding holds the last)."""
        return positions[np.minimum(np.searchsorted(positions, at), len(positions) - 1)]


def skip_past(lines: Lines, good: Flags, at: Ints, end: Ints, table: Flags) -> tuple[Flags, Ints]:
    """Past the characters of `table`; what has very many of them, or then something strange, is not good."""
    array = lines.array
    for _ in range(40):
        more = table[array[at]] & (at < end)
        if not more.any():
            break
        at = at + more
    return good & ~((table[array[at]] | (array[at] >= 127)) & (at < end)), at
