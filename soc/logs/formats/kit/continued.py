"""Lines that go on from the one before: the trace under an error, a statement over several lines.

A line goes on where it is indented or begins as traces do, and what it goes on from, past others of its kind, begins as logs
do: with a digit, a priority, a bracket or a month. In a text without such lines each line stays what it is. Where a trace opens
under a line of a kind that is always whole (a request, a daemon's line of syslog) it is another program's, and its own record.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.logs.text.views import Bytes, Ints

Flags = np.typing.NDArray[np.bool_]

#: Bytes in a row after which the next line's own beginning decides: more of them and blocks may be cut within a trace.
TAIL = 256 * 1024

#: A line that says how often the one before came again; no block begins with it.
REPEATED = "last message repeated"
_LOOKED_AT = 200

#: An indented line that has a time of its own is a line of its own.
_TIMED = r"^\s+(?:\d{4}[-/]\d\d[-/]\d\d|\d{10}[. ]|\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:|<\d)"
_TRACE = (
    r"^(?:Traceback \(most recent call last\):|Caused by: |Suppressed: |During handling of the above|The above exception was|--- End of "
    r"|(?:[a-z_$][A-Za-z0-9_$]*\.)+[A-Z][A-Za-z0-9_$]*(?:Exception|Error|Throwable)\b|[A-Z][A-Za-z0-9_]+(?:Error|Exception)(?::|\s*$)"
    r"|goroutine [0-9]+ \[|panic: |created by [a-z]|\.\.\. [0-9]+ more|[A-Za-z0-9_./-]+\.[A-Za-z0-9_.()*]+\(.*\)\s*$)"
)
#: How a trace opens, as far as it does not stand in another.
_OPENS = r"^(?:Traceback \(most|panic: |(?:[a-z_$][A-Za-z0-9_$]*\.)*[A-Z][A-Za-z0-9_$]*(?:Exception|Error|Throwable)\b)"
#: Lines that are records by themselves: a request with its status; month, time, host and program of syslog.
_WHOLE = r"\" [1-5]\d\d (?:\d+|-)(?: |$)|^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S{1,255} [^\s:\[]{1,64}(?:\[\d{1,10}\])?: "


def begins_anew(array: Bytes, starts: Ints) -> Flags:
    """Whether each line begins as logs do. `array` has three bytes more than the last start."""
    first, second, third = array[starts], array[starts + 1], array[starts + 2]
    digit, upper = _digit(first), (first >= 65) & (first <= 90)
    word = upper & _lower(second) & _lower(third) & (array[starts + 3] == 32)
    return np.asarray(
        digit | (first == 60) | (first == 91) | word | (upper & _digit(second) & _digit(third)), np.bool_
    )


def _digit(byte: Bytes) -> Flags:
    return np.asarray((byte >= 48) & (byte <= 57), np.bool_)


def _lower(byte: Bytes) -> Flags:
    return np.asarray((byte >= 97) & (byte <= 122), np.bool_)


def goes_on(array: Bytes, starts: Ints, text: pl.Series) -> Flags:
    """Which of the lines (none of them blank) go on from the one before. `text` are the lines."""
    nothing = np.zeros(len(starts), np.bool_)
    anew = begins_anew(array, starts)
    rest = np.flatnonzero(~anew)
    if not len(rest) or len(rest) == len(starts):
        return nothing
    some = text[pl.Series(rest)]
    blank = np.isin(array[starts[rest]], (9, 32))
    asked = pl.DataFrame({"t": some, "blank": blank})
    joins = asked.select(
        pl.when("blank").then(~pl.col("t").str.contains(_TIMED)).otherwise(pl.col("t").str.contains(_TRACE))
    ).to_series()
    more = nothing.copy()
    more[rest] = joins.fill_null(False).to_numpy()
    foreign = _under_what_is_whole(more, text)
    more[foreign], anew[foreign] = False, True
    from_line = np.maximum.accumulate(np.where(more, -1, np.arange(len(starts))))
    return np.asarray(more & (from_line >= 0) & anew[np.maximum(from_line, 0)], np.bool_)


def _under_what_is_whole(more: Flags, text: pl.Series) -> Ints:
    """The lines that would go on and open a trace right under a line that is a record by itself."""
    first = np.flatnonzero(more[1:] & ~more[:-1]) + 1
    if not len(first):
        return first
    pair = pl.DataFrame({"opens": text[pl.Series(first)], "above": text[pl.Series(first - 1)]})
    apart = pair.select(pl.col("opens").str.contains(_OPENS) & pl.col("above").str.contains(_WHOLE))
    return np.asarray(first[apart.to_series().fill_null(False).to_numpy()], np.int64)


def last_new_line(data: bytes, end: int) -> int:
    """Where the last line of `data` that begins as logs do begins, at `end` (the beginning of its last line) at most; `end` where there is none, 0 where more of the text is needed to tell."""
    began = max(0, end - TAIL)
    array: Bytes = np.frombuffer(data[began:] + bytes(4), np.uint8)
    starts = np.flatnonzero(array[: end - began] == 10).astype(np.int64) + 1
    starts = starts[starts + began < len(data)]
    anew = starts[begins_anew(array, starts)]
    for start in anew[::-1].tolist():
        line, ended, _ = data[began + start : began + start + _LOOKED_AT].partition(b"\n")
        if REPEATED.encode() not in line and (ended or len(line) == _LOOKED_AT):
            return int(start) + began
    # what goes on from the first line may go on beyond: 0 asks for more
    return 0 if end < TAIL and begins_anew(array, np.zeros(1, np.int64))[0] else end
