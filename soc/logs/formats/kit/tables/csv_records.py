"""CSV by quote parity: where records end and fields stand, for a whole block at once.

A quote counts only next to a delimiter, a line's end or another quote, so `5" disk` does no harm.
A quoted field that runs on for more than QUOTED_CAP bytes, or to the end of the file, was never
closed: its first line is rejected and reading goes on with the next line.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

QUOTED_CAP = 256 * 1024
_QUOTE, _LF, _CR = 34, 10, 13
#: After so many unclosed quotes in one block the rest is read line by line.
_PATIENCE = 200


def structural_quotes(array: Bytes, delimiter: str) -> Ints:
    """Positions of the quotes that open, close or escape."""
    quotes = np.flatnonzero(array == _QUOTE).astype(np.int64)
    if not len(quotes):
        return quotes
    edge = np.zeros(256, np.bool_)
    edge[[_LF, _CR, _QUOTE, ord(delimiter)]] = True
    before = np.where(quotes > 0, array[np.maximum(quotes - 1, 0)], _LF)
    after = np.where(quotes + 1 < len(array), array[np.minimum(quotes + 1, len(array) - 1)], _LF)
    return quotes[edge[before] | edge[after]]


def csv_record_ends(array: Bytes, delimiter: str, *, at_eof: bool) -> tuple[Ints, Flags]:
    """Ends (exclusive, newline included) of the records in `array`, and which of them never closed a quote.

    `array` begins at a record. Without `at_eof` an unfinished record at the end is left out.
    """
    newlines = np.flatnonzero(array == _LF).astype(np.int64)
    quotes = structural_quotes(array, delimiter)
    seen = np.searchsorted(quotes, newlines)
    begin, first = 0, 0  # byte and newline index from which quotes are counted
    ends: list[Ints] = []
    flags: list[Flags] = []
    for _ in range(_PATIENCE):
        base = np.searchsorted(quotes, begin)
        tail = newlines[first:]
        closed = tail[(seen[first:] - base) % 2 == 0] + 1
        is_open = (len(quotes) - base) % 2 == 1
        bad = _first_unclosed(closed, tail, begin, len(array), at_eof=at_eof and bool(is_open))
        if bad is None:
            ends.append(closed)
            flags.append(np.zeros(len(closed), np.bool_))
            break
        good = closed[closed <= bad]
        ends.append(good)
        flags.append(np.zeros(len(good), np.bool_))
        line = int(np.searchsorted(newlines, bad))
        begin = int(newlines[line]) + 1 if line < len(newlines) else len(array)
        ends.append(np.array([begin], np.int64))
        flags.append(np.ones(1, np.bool_))
        first = line + 1
    else:
        ends.append(newlines[first:] + 1)
        flags.append(np.zeros(len(newlines) - first, np.bool_))
    all_ends, all_flags = np.concatenate(ends), np.concatenate(flags)
    if at_eof and (not len(all_ends) or all_ends[-1] < len(array)) and len(array):
        all_ends = np.append(all_ends, np.int64(len(array)))
        all_flags = np.append(all_flags, False)
    return all_ends, all_flags


def _first_unclosed(closed: Ints, newlines: Ints, begin: int, size: int, *, at_eof: bool) -> int | None:
    """Start of the first record whose quote is held to be unclosed, None where there is none."""
    starts = np.concatenate((np.array([begin], np.int64), closed))
    if len(closed):
        long = np.flatnonzero(closed - starts[:-1] > QUOTED_CAP)
        for record in long:
            inner = np.searchsorted(newlines, closed[record] - 1) - np.searchsorted(newlines, starts[record])
            if inner > 0:
                return int(starts[record])
    rest = int(starts[-1])
    open_lines = len(newlines) - int(np.searchsorted(newlines, rest))
    if open_lines and (at_eof or size - rest > QUOTED_CAP):
        return rest
    return None


def csv_fields(
    array: Bytes, delimiter: str, starts: Ints, ends: Ints, columns: tuple[int, ...], *, open_end: int
) -> tuple[Ints, dict[int, tuple[Ints, Ints]]]:
    """Number of fields of each record, and for each wanted column the starts and ends of its fields.

    `ends` exclude the newline. A missing field has length 0. Column `open_end` takes all that follows it.
    """
    marks = np.flatnonzero(array == ord(delimiter)).astype(np.int64)
    quotes = structural_quotes(array, delimiter)
    if len(starts) == 0:
        empty = np.zeros(0, np.int64)
        return empty, dict.fromkeys(columns, (empty, empty))
    record = np.searchsorted(starts, marks, "right") - 1
    inside = (record >= 0) & (marks < ends[np.maximum(record, 0)])
    marks, record = marks[inside], record[inside]
    parity = np.searchsorted(quotes, marks) - np.searchsorted(quotes, starts)[record]
    marks, record = marks[parity % 2 == 0], record[parity % 2 == 0]
    counts = np.bincount(record, minlength=len(starts)).astype(np.int64)
    first = np.cumsum(counts) - counts
    padded = np.append(marks, np.int64(0))
    places: dict[int, tuple[Ints, Ints]] = {}
    for column in columns:
        if column < 0:
            continue
        left = starts if column == 0 else padded[np.minimum(first + column - 1, len(marks))] + 1
        right = np.where(counts > column, padded[np.minimum(first + column, len(marks))], ends)
        if column == open_end:
            right = ends
        missing = counts < column
        left, right = np.where(missing, starts, left), np.where(missing, starts, right)
        places[column] = (left, np.maximum(right, left))
    return counts + 1, places
