"""Headers with `host program[pid]:` — RFC 3164 — and lines that begin with an ISO time."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.header_lines import (
    AFTER_PROCESS,
    BETWEEN,
    BLANK,
    CLOSE,
    COLON,
    FAR,
    HEX,
    LESS,
    MORE,
    OPEN,
    RFC3164,
    SPACE,
    STRANGE,
    TIME_FIRST,
    WORDS,
    Headers,
    Lines,
    skip_past,
)
from soc.logs.text.clocks import Flags, fraction, instant, is_digit, month_at, pairs, two_digits, zone
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


def _named(lines: Lines, at: Ints, end: Ints) -> tuple[Flags, Flags, dict[str, tuple[Ints, Ints]], Ints]:
    """`host program[pid]: body` (host or pid may be missing) from `at` on.

    Returns whether it is that, whether it certainly is not (as RFC 3164 has it), the slices, and the body.
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


def _take_named(
    headers: Headers, rows: Ints, fits: Flags, slices: dict[str, tuple[Ints, Ints]], body: Ints
) -> None:
    headers.family[rows[fits]] = RFC3164
    headers.body[rows[fits]] = body[fits]
    for name, (start, length) in slices.items():
        headers.put(name, rows[fits], start[fits], length[fits])


def read_rfc3164(lines: Lines, headers: Headers, rows: Ints) -> None:
    """`Mar  1 00:00:00 host program[pid]: body`, with or without `<34>` before it."""
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end = lines.starts[rows], lines.ends[rows]
    tagged = array[start] == LESS
    width = np.zeros(len(rows), np.int64)
    run = tagged.copy()
    for step in range(1, 4):
        run = run & is_digit(page, start + step)
        width += run
    good = ~tagged | ((width > 0) & (array[start + width + 1] == MORE))
    at = np.where(tagged, start + width + 2, start)
    month = month_at(page, at)
    clock_good, *clock = pairs(page, at + 7, ":")
    tens, ones = array[at + 4], array[at + 5] - np.uint8(48)
    good &= (month >= 0) & clock_good & (array[at + 3] == SPACE) & (array[at + 6] == SPACE)
    good &= ((tens == SPACE) | ((tens - np.uint8(48)) < 10)) & (ones < 10)
    good &= (array[at + 15] == SPACE) & (array[at + 16] != SPACE) & (at + 17 <= end)
    rows, at, end = rows[good], at[good], end[good]
    if not len(rows):
        return
    day = np.where(tens == SPACE, 0, (tens - np.uint8(48)).astype(np.int64) * 10)[good] + ones[good]
    fits, _, slices, body = _named(lines, at + 16, end)
    _take_named(headers, rows, fits, slices, body)
    hour, minute, second = (part[good] for part in clock)
    micros, timed = instant(np.full(len(rows), 2000), month[good], day, (hour, minute, second))
    headers.put_time(rows[fits], micros[fits], timed[fits], naive=True, yearless=True)


def read_time_first(lines: Lines, headers: Headers, rows: Ints) -> None:
    """`2026-03-01T00:00:00.123Z body`; with a `T` it may be `… host program[pid]: body` as well."""
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end = lines.starts[rows], lines.ends[rows]
    century_good, century = two_digits(page, start)
    date_good, year, month, day = pairs(page, start + 2, "-")
    clock_good, hour, minute, second = pairs(page, start + 11, ":")
    fraction_length, part, fraction_good = fraction(page, start + 19)
    zone_at = start + 19 + fraction_length
    zone_length, east, zone_good = zone(page, zone_at)
    after = zone_at + zone_length
    letter = array[start + 10]
    good = century_good & date_good & clock_good & fraction_good & zone_good & (after <= end)
    good &= (letter == 84) | (letter == SPACE)
    follows = np.where(after < end, array[np.minimum(after, end)], 10)
    spaced_zone = (follows == SPACE) & (zone_length == 0)
    following = array[after + 1]
    sign = ((following == 43) | (following == 45)) & is_digit(page, after + 2)
    good &= ~(spaced_zone & (sign | (following == 90)))
    good &= (follows == 10) | BETWEEN[follows]
    named = letter == 84
    good &= ~named | (follows == SPACE) | (follows == 10)
    micros, timed = instant(century * 100 + year, month - 1, day, (hour, minute, second))
    micros = micros + part - east * 60_000_000
    timed &= abs(east) <= FAR
    single = named & good & (follows == SPACE) & (array[after + 1] != SPACE)
    good &= ~named | single | (follows == 10)
    hopeless = np.ones(len(rows), np.bool_)
    some = np.flatnonzero(single)
    fits = np.zeros(len(rows), np.bool_)
    if len(some):
        fits[some], hopeless[some], slices, body = _named(lines, after[some] + 1, end[some])
        _take_named(headers, rows[some], fits[some], slices, body)
    body_good, body = skip_past(lines, good & hopeless, after, end, BETWEEN)
    headers.family[rows[body_good]] = TIME_FIRST
    headers.body[rows[body_good]] = body[body_good]
    known = body_good | fits
    headers.put_time(rows[known], micros[known], timed[known], naive=(zone_length == 0)[known])
