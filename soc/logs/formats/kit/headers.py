"""What the byte readers of the formats decide of a block's lines, all lines at once, without expressions.

The expressions say what a format is. A byte reader decides what they would decide: a line that is in any way unusual is
left undecided, and goes to them. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from soc.logs.text.clocks import Flags
from soc.logs.text.views import Ints

#: Instead of a format's number: nothing was decided; no format fits.
UNDECIDED, NONE = -2, -1


class Headers:
    """Row for row: the format (its number), where the body and the header's fields stand (length -1: none), the time.

    `micros` counts from 1970 (or from the year 2000's start for a time without year) where `timed`. A field that no line
    has is not in `slices`.
    """

    def __init__(self, starts: Ints, ends: Ints) -> None:
        size = len(starts)
        self.format = np.full(size, UNDECIDED, np.int64)
        self.body, self.body_end = starts.copy(), ends.copy()
        self.slices: dict[str, tuple[Ints, Ints]] = {}
        self.micros = np.zeros(size, np.int64)
        self.timed, self.naive, self.yearless = (np.zeros(size, np.bool_) for _ in range(3))


class Claim:
    """The lines that one format takes for its own. Fields are called as its expression calls them."""

    def __init__(self, headers: Headers, number: int, fields: Mapping[str, str]) -> None:
        self._headers, self._number, self._fields = headers, number, fields

    def take(self, rows: Ints, body: Ints, body_end: Ints | None = None) -> None:
        """These rows are mine; their bodies begin at `body` and end with the line, or at `body_end`."""
        headers = self._headers
        headers.format[rows], headers.body[rows] = self._number, body
        if body_end is not None:
            headers.body_end[rows] = body_end

    def put(self, group: str, rows: Ints, start: Ints, length: Ints) -> None:
        """Where a group stands in these rows; a length of -1 is none."""
        if not len(rows):
            return
        slices, name = self._headers.slices, self._fields[group]
        if name not in slices:
            size = len(self._headers.body)
            slices[name] = np.zeros(size, np.int64), np.full(size, -1, np.int64)
        starts, lengths = slices[name]
        starts[rows], lengths[rows] = start, length

    def put_time(
        self, rows: Ints, micros: Ints, good: Flags, *, naive: Flags | bool, yearless: bool = False
    ) -> None:
        """The times of these rows, `good` where there is such a time."""
        headers = self._headers
        headers.micros[rows], headers.timed[rows] = micros, good
        headers.naive[rows] = good & naive
        headers.yearless[rows] = good & yearless
