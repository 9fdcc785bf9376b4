"""Headers of the commonest families read from a block's bytes, all lines at once, without expressions.

The expressions in `soc.logs.formats.families` say what a family is. What is decided here is what they would decide:
a line that is in any way unusual is left undecided, and goes to them. A test compares the two.
"""

from __future__ import annotations

import numpy as np

from soc.logs.formats.header_lines import (
    CLOSE,
    LESS,
    LOWER,
    NONE,
    OPEN,
    SLICED,
    SPACE,
    UNDECIDED,
    UPPER,
    Headers,
    Lines,
)
from soc.logs.formats.header_syslog import read_rfc3164, read_time_first
from soc.logs.formats.header_web import read_access, read_apache, read_hdfs
from soc.logs.text.clocks import is_digit
from soc.logs.text.views import Ints


def read_headers(padded: bytes, starts: Ints, ends: Ints) -> Headers:
    """Decide the families of the lines [starts, ends) of `padded`. Lines must be free of control characters."""
    lines = Lines(padded, starts, ends)
    size = len(starts)
    nothing = np.zeros(size, np.bool_)
    headers = Headers(
        np.full(size, UNDECIDED, np.int64), starts.copy(), ends.copy(),
        {name: np.zeros(size, np.int64) for name in SLICED}, {name: np.full(size, -1, np.int64) for name in SLICED},
        np.zeros(size, np.int64), nothing.copy(), nothing.copy(), nothing.copy(),
    )  # fmt: skip
    array = lines.array
    first = array[starts]
    bracket = np.full(size, -1, np.int64)
    if len(lines.times_end):
        place = lines.after(lines.times_end, starts)
        bracket = np.where((place >= starts) & (place < ends), place, -1)
    digit = is_digit(lines.page, starts)
    dated = digit & (array[starts + 4] == ord("-"))
    monthly = UPPER[first] & LOWER[array[starts + 1]] & LOWER[array[starts + 2]]
    monthly &= array[starts + 3] == SPACE
    tagged = first == LESS
    read_rfc3164(lines, headers, np.flatnonzero(monthly | tagged))
    read_access(lines, headers, np.flatnonzero((bracket >= 0) & ~monthly & ~tagged & ~dated), bracket)
    plain = bracket < 0
    read_time_first(lines, headers, np.flatnonzero(dated & plain))
    read_hdfs(lines, headers, np.flatnonzero(digit & ~dated & plain & (array[starts + 6] == SPACE)))
    read_apache(lines, headers, np.flatnonzero((first == OPEN) & plain & (array[starts + 25] == CLOSE)))
    opening = (first == OPEN) | (first == ord("(")) | digit | tagged | monthly
    headers.family[plain & ~opening] = NONE
    return headers
