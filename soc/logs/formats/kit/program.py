"""`host program[pid]: body`, read from bytes."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.kit.lines import (
    AFTER_PROCESS,
    BLANK,
    CLOSE,
    COLON,
    HEX,
    OPEN,
    SPACE,
    STRANGE,
    WORDS,
    Lines,
    skip_past,
)
from soc.logs.text.clocks import Flags, is_digit
from soc.logs.text.views import Ints


def _program(lines: Lines, at: Ints, end: Ints) -> tuple[Flags, Ints, Ints]:
    """What follows a program's name that ends at `at`: whether it is `: ` or `[pid]: `, the pid's length, the body.

    The pid's length is -1 where there is none.
    """
    array = lines.array
    pid = np.full(len(at), -1, np.int64)
    colon = at.copy()
    numbered = np.flatnonzero(array[at] == OPEN)
    if len(numbered):
        run = np.zeros(len(numbered), np.int64)
        alive = np.ones(len(numbered), np.bool_)
        for step in range(1, 9):
            alive = alive & is_digit(lines.page, at[numbered] + step)
            run += alive
        close = at[numbered] + run + 1
        whole = (run > 0) & (array[close] == CLOSE)
        pid[numbered[whole]] = run[whole]
        colon[numbered[whole]] = close[whole] + 1
    body = np.minimum(colon + 1, end)
    good = (array[colon] == COLON) & (colon < end) & ((array[body] == SPACE) | (body == end))
    good, body = skip_past(lines, good, body, end, BLANK)
    return good, body, pid


def read_program(
    lines: Lines, at: Ints, end: Ints
) -> tuple[Flags, Flags, dict[str, tuple[Ints, Ints]], Ints]:
    """`host program[pid]: body` (host or pid may be missing) from `at` on.

    Returns whether it is that, whether it certainly is not (as RFC 3164 has it), the slices by group, and the body.
    """
    array = lines.array
    one = lines.after(lines.stops, at)
    one_is = np.where(one < end, array[np.minimum(one, end)], 10)
    two_at = one + 1
    two = lines.after(lines.stops, two_at)
    two_is = np.where(two < end, array[np.minimum(two, end)], 10)
    with_host = (one_is == SPACE) & (one > at)
    name_at, name_end = np.where(with_host, two_at, at), np.where(with_host, two, one)
    ends_name = np.where(with_host, two_is, one_is)
    fits = (name_end > name_at) & ((ends_name == COLON) | (ends_name == OPEN))
    fits &= with_host | (one_is == OPEN) | ~HEX[array[np.minimum(at, end)]]
    year = with_host & (one - at == 4) & is_digit(lines.page, at)
    good, body, pid = _program(lines, np.minimum(name_end, end), end)
    fits &= good & ~year & (name_end < end)
    last = np.uint32(WORDS["last"])
    lasting = (lines.page.word4[at] == last) | (lines.page.word4[two_at] == last)
    strange = STRANGE[one_is] & (one_is != 10) | with_host & STRANGE[two_is] & (two_is != 10)
    alone = ~with_host & ((one > at) & AFTER_PROCESS[one_is] | (one == at) & (one_is == COLON))
    second = with_host & (two > two_at) & AFTER_PROCESS[two_is]
    hopeless = ~(fits | year | lasting | strange | alone | second)
    slices = {
        "host": (at, np.where(with_host, one - at, -1)),
        "process": (name_at, name_end - name_at),
        "pid": (name_end + 1, pid),
    }
    return fits, hopeless, slices, body
