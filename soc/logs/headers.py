"""Headers of the commonest families read from a block's bytes, all lines at once, without expressions.

The expressions in `soc.logs.families` say what a family is. What is decided here is what they would decide:
a line that is in any way unusual is left undecided, and goes to them. A test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soc.logs.clocks import Flags, Page, fraction, instant, is_digit, month_at, pairs, two_digits, zone
from soc.logs.views import PADDING, Bytes, Ints

#: Families by code; UNDECIDED goes to the expressions, "" fits none.
NAMES = ("", "rfc3164", "access", "time-first", "hdfs", "apache-error")
UNDECIDED = -1
_NONE, _RFC3164, _ACCESS, _TIME_FIRST, _HDFS, _APACHE = range(6)

#: Header fields that are slices of the line.
SLICED = ("host", "process", "pid", "level", "source_ip", "user", "action", "url", "status")

_FAR = 14 * 60
_SPACE, _QUOTE, _COLON, _OPEN, _CLOSE, _LESS, _MORE = 32, 34, 58, 91, 93, 60, 62


def _table(characters: str, *ranges: tuple[int, int]) -> Flags:
    table = np.zeros(256, np.bool_)
    table[[ord(character) for character in characters]] = True
    for low, high in ranges:
        table[low:high] = True
    return table


#: What ends a host or program name; whatever is not ASCII or printable makes a line unusual.
_STOPS = _table(' :[]()="', (0, 32), (127, 256))
_STRANGE = _table("", (0, 9), (10, 32), (127, 256))
_UPPER, _LOWER = _table("", (65, 91)), _table("", (97, 123))
_HEX = _table("0123456789abcdefABCDEF:.")
_BLANK = _table(" ")
_BETWEEN = _table(" \t,:|-")
_AFTER_PROCESS = _table(":[(")
_WORDS = {
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


class _Lines:
    """The lines of a block and where its stops are."""

    def __init__(self, padded: bytes, starts: Ints, ends: Ints) -> None:
        self.page = Page.of(padded)
        self.array: Bytes = self.page.array
        self.starts, self.ends = starts, ends
        self.stops = np.flatnonzero(_STOPS[self.array])
        kinds = self.array[self.stops]
        self.blanks = self.stops[(kinds <= _SPACE) | (kinds >= 127)]
        self.quotes = np.append(self.stops[kinds == _QUOTE], len(self.array) - PADDING // 2)
        closing = self.stops[kinds == _CLOSE]
        closing = closing[closing + 2 < len(self.array)]
        self.times_end = closing[(self.array[closing + 1] == _SPACE) & (self.array[closing + 2] == _QUOTE)]

    @staticmethod
    def after(positions: Ints, at: Ints) -> Ints:
        """The first of `positions` at or after each of `at` (the padding holds the last)."""
        return positions[np.minimum(np.searchsorted(positions, at), len(positions) - 1)]


def read_headers(padded: bytes, starts: Ints, ends: Ints) -> Headers:
    """Decide the families of the lines [starts, ends) of `padded`. Lines must be free of control characters."""
    lines = _Lines(padded, starts, ends)
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
    monthly = _UPPER[first] & _LOWER[array[starts + 1]] & _LOWER[array[starts + 2]]
    monthly &= array[starts + 3] == _SPACE
    tagged = first == _LESS
    _read_rfc3164(lines, headers, np.flatnonzero(monthly | tagged))
    _read_access(lines, headers, np.flatnonzero((bracket >= 0) & ~monthly & ~tagged & ~dated), bracket)
    plain = bracket < 0
    _read_time_first(lines, headers, np.flatnonzero(dated & plain))
    _read_hdfs(lines, headers, np.flatnonzero(digit & ~dated & plain & (array[starts + 6] == _SPACE)))
    _read_apache(lines, headers, np.flatnonzero((first == _OPEN) & plain & (array[starts + 25] == _CLOSE)))
    opening = (first == _OPEN) | (first == ord("(")) | digit | tagged | monthly
    headers.family[plain & ~opening] = _NONE
    return headers


def _program(lines: _Lines, at: Ints, end: Ints) -> tuple[Flags, Ints, Ints]:
    """What follows a program's name that ends at `at`: whether it is `: ` or `[pid]: `, the pid's length, the body.

    The pid's length is -1 where there is none.
    """
    array = lines.array
    pid = np.full(len(at), -1, np.int64)
    colon = at.copy()
    numbered = np.flatnonzero(array[at] == _OPEN)
    if len(numbered):
        run = np.zeros(len(numbered), np.int64)
        alive = np.ones(len(numbered), np.bool_)
        for step in range(1, 9):
            alive = alive & is_digit(lines.page, at[numbered] + step)
            run += alive
        close = at[numbered] + run + 1
        whole = (run > 0) & (array[close] == _CLOSE)
        pid[numbered[whole]] = run[whole]
        colon[numbered[whole]] = close[whole] + 1
    body = np.minimum(colon + 1, end)
    good = (array[colon] == _COLON) & (colon < end) & ((array[body] == _SPACE) | (body == end))
    good, body = _skip(lines, good, body, end, _BLANK)
    return good, body, pid


def _skip(lines: _Lines, good: Flags, at: Ints, end: Ints, table: Flags) -> tuple[Flags, Ints]:
    """Past the characters of `table`; what has very many of them, or then something strange, is not good."""
    array = lines.array
    for _ in range(40):
        more = table[array[at]] & (at < end)
        if not more.any():
            break
        at = at + more
    return good & ~((table[array[at]] | (array[at] >= 127)) & (at < end)), at


def _named(lines: _Lines, at: Ints, end: Ints) -> tuple[Flags, Flags, dict[str, tuple[Ints, Ints]], Ints]:
    """`host program[pid]: body` (host or pid may be missing) from `at` on.

    Returns whether it is that, whether it certainly is not (as RFC 3164 has it), the slices, and the body.
    """
    array = lines.array
    one = lines.after(lines.stops, at)
    one_is = np.where(one < end, array[np.minimum(one, end)], 10)
    two_at = one + 1
    two = lines.after(lines.stops, two_at)
    two_is = np.where(two < end, array[np.minimum(two, end)], 10)
    with_host = (one_is == _SPACE) & (one > at)
    name_at, name_end = np.where(with_host, two_at, at), np.where(with_host, two, one)
    ends_name = np.where(with_host, two_is, one_is)
    fits = (name_end > name_at) & ((ends_name == _COLON) | (ends_name == _OPEN))
    fits &= with_host | (one_is == _OPEN) | ~_HEX[array[np.minimum(at, end)]]
    year = with_host & (one - at == 4) & is_digit(lines.page, at)
    good, body, pid = _program(lines, np.minimum(name_end, end), end)
    fits &= good & ~year & (name_end < end)
    last = np.uint32(_WORDS["last"])
    lasting = (lines.page.word4[at] == last) | (lines.page.word4[two_at] == last)
    strange = _STRANGE[one_is] & (one_is != 10) | with_host & _STRANGE[two_is] & (two_is != 10)
    alone = ~with_host & ((one > at) & _AFTER_PROCESS[one_is] | (one == at) & (one_is == _COLON))
    second = with_host & (two > two_at) & _AFTER_PROCESS[two_is]
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
    headers.family[rows[fits]] = _RFC3164
    headers.body[rows[fits]] = body[fits]
    for name, (start, length) in slices.items():
        headers.put(name, rows[fits], start[fits], length[fits])


def _read_rfc3164(lines: _Lines, headers: Headers, rows: Ints) -> None:
    """`Mar  1 00:00:00 host program[pid]: body`, with or without `<34>` before it."""
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end = lines.starts[rows], lines.ends[rows]
    tagged = array[start] == _LESS
    width = np.zeros(len(rows), np.int64)
    run = tagged.copy()
    for step in range(1, 4):
        run = run & is_digit(page, start + step)
        width += run
    good = ~tagged | ((width > 0) & (array[start + width + 1] == _MORE))
    at = np.where(tagged, start + width + 2, start)
    month = month_at(page, at)
    clock_good, *clock = pairs(page, at + 7, ":")
    tens, ones = array[at + 4], array[at + 5] - np.uint8(48)
    good &= (month >= 0) & clock_good & (array[at + 3] == _SPACE) & (array[at + 6] == _SPACE)
    good &= ((tens == _SPACE) | ((tens - np.uint8(48)) < 10)) & (ones < 10)
    good &= (array[at + 15] == _SPACE) & (array[at + 16] != _SPACE) & (at + 17 <= end)
    rows, at, end = rows[good], at[good], end[good]
    if not len(rows):
        return
    day = np.where(tens == _SPACE, 0, (tens - np.uint8(48)).astype(np.int64) * 10)[good] + ones[good]
    fits, _, slices, body = _named(lines, at + 16, end)
    _take_named(headers, rows, fits, slices, body)
    hour, minute, second = (part[good] for part in clock)
    micros, timed = instant(np.full(len(rows), 2000), month[good], day, (hour, minute, second))
    headers.put_time(rows[fits], micros[fits], timed[fits], naive=True, yearless=True)


def _read_access(lines: _Lines, headers: Headers, rows: Ints, bracket: Ints) -> None:
    """`192.0.2.1 - user [31/Dec/2025:23:59:59 +0000] "GET /path HTTP/1.1" 200 …` with the usual methods."""
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end, close = lines.starts[rows], lines.ends[rows], bracket[rows]
    index = np.searchsorted(lines.stops, start)
    stops = [lines.stops[np.minimum(index + step, len(lines.stops) - 1)] for step in range(3)]
    time = close - 26
    good = (stops[2] == time - 2) & (array[stops[0]] == _SPACE) & (array[stops[1]] == _SPACE)
    good &= (stops[0] > start) & (stops[1] > stops[0] + 1) & (stops[2] > stops[1] + 1)
    good &= (array[time - 1] == _OPEN) & (array[time - 2] == _SPACE) & (stops[2] - stops[1] <= 65)
    day_good, day = two_digits(page, time)
    century_good, century = two_digits(page, time + 7)
    year_good, year = two_digits(page, time + 9)
    clock_good, hour, minute, second = pairs(page, time + 12, ":")
    month = month_at(page, time + 3)
    length, east, zone_good = zone(page, time + 21)
    good &= day_good & century_good & year_good & clock_good & (month >= 0) & (length == 5) & zone_good
    good &= (array[time + 2] == 47) & (array[time + 6] == 47) & (array[time + 11] == _COLON)
    good &= array[time + 20] == _SPACE
    body = close + 3
    word = page.word4[body]
    short = (word == _WORDS["GET "]) | (word == _WORDS["PUT "])
    long = ((word == _WORDS["POST"]) | (word == _WORDS["HEAD"])) & (array[body + 4] == _SPACE)
    url = body + np.where(short, 4, 5)
    blank = lines.after(lines.blanks, url)
    quote = lines.after(lines.quotes, body)
    status_good, tail = two_digits(page, quote + 3)
    lead = array[quote + 2] - np.uint8(48)
    good &= (short | long) & (blank > url) & (array[blank] == _SPACE) & (blank < quote) & (quote + 5 < end)
    good &= (array[quote + 1] == _SPACE) & status_good & (lead < 10) & (array[quote + 5] == _SPACE)
    rows, kept = rows[good], np.flatnonzero(good)
    headers.family[rows] = _ACCESS
    headers.body[rows], headers.body_end[rows] = body[kept], quote[kept] + 5
    for name, left, size in (
        ("source_ip", start, stops[0] - start), ("user", stops[1] + 1, stops[2] - stops[1] - 1),
        ("action", body, url - 1 - body), ("url", url, blank - url), ("status", quote + 2, np.full(len(start), 3)),
    ):  # fmt: skip
        headers.put(name, rows, left[kept], size[kept])
    micros, timed = instant(century * 100 + year, month, day, (hour, minute, second))
    headers.put_time(
        rows, (micros - east * 60_000_000)[kept], (timed & (abs(east) <= _FAR))[kept], naive=False
    )


def _read_time_first(lines: _Lines, headers: Headers, rows: Ints) -> None:
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
    good &= (letter == 84) | (letter == _SPACE)
    follows = np.where(after < end, array[np.minimum(after, end)], 10)
    spaced_zone = (follows == _SPACE) & (zone_length == 0)
    following = array[after + 1]
    sign = ((following == 43) | (following == 45)) & is_digit(page, after + 2)
    good &= ~(spaced_zone & (sign | (following == 90)))
    good &= (follows == 10) | _BETWEEN[follows]
    named = letter == 84
    good &= ~named | (follows == _SPACE) | (follows == 10)
    micros, timed = instant(century * 100 + year, month - 1, day, (hour, minute, second))
    micros = micros + part - east * 60_000_000
    timed &= abs(east) <= _FAR
    single = named & good & (follows == _SPACE) & (array[after + 1] != _SPACE)
    good &= ~named | single | (follows == 10)
    hopeless = np.ones(len(rows), np.bool_)
    some = np.flatnonzero(single)
    fits = np.zeros(len(rows), np.bool_)
    if len(some):
        fits[some], hopeless[some], slices, body = _named(lines, after[some] + 1, end[some])
        _take_named(headers, rows[some], fits[some], slices, body)
    body_good, body = _skip(lines, good & hopeless, after, end, _BETWEEN)
    headers.family[rows[body_good]] = _TIME_FIRST
    headers.body[rows[body_good]] = body[body_good]
    known = body_good | fits
    headers.put_time(rows[known], micros[known], timed[known], naive=(zone_length == 0)[known])


def _read_hdfs(lines: _Lines, headers: Headers, rows: Ints) -> None:
    """`081109 203518 143 INFO body`."""
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end = lines.starts[rows], lines.ends[rows]
    numbers = [two_digits(page, start + offset) for offset in (0, 2, 4, 7, 9, 11)]
    good = np.logical_and.reduce([sound for sound, _ in numbers]) & (array[start + 13] == _SPACE)
    year, month, day, hour, minute, second = (number for _, number in numbers)
    at = start + 14
    widths = []
    for table in (_table("0123456789"), _UPPER):
        run = np.zeros(len(rows), np.int64)
        alive = np.ones(len(rows), np.bool_)
        for step in range(9):
            alive = alive & table[array[at + step]]
            run += alive
        good &= (run > 0) & (array[at + run] == _SPACE)
        widths.append((at, run))
        at = at + run + 1
    good &= (at <= end) & (year < 60)
    rows, kept = rows[good], np.flatnonzero(good)
    headers.family[rows] = _HDFS
    headers.body[rows] = at[kept]
    for name, (left, width) in zip(("pid", "level"), widths, strict=True):
        headers.put(name, rows, left[kept], width[kept])
    micros, timed = instant(2000 + year, month - 1, day, (hour, minute, second))
    headers.put_time(rows, micros[kept], timed[kept], naive=True)


def _read_apache(lines: _Lines, headers: Headers, rows: Ints) -> None:
    """`[Sun Dec 04 04:51:09 2005] [error] [client 192.0.2.1] body`; the client may be missing."""
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end = lines.starts[rows], lines.ends[rows]
    letters = _UPPER | _LOWER
    good = np.logical_and.reduce([letters[array[start + offset]] for offset in (1, 2, 3, 5, 6, 7)])
    good &= np.logical_and.reduce([array[start + offset] == _SPACE for offset in (4, 8, 11, 20, 26)])
    month = month_at(page, start + 5)
    day_good, day = two_digits(page, start + 9)
    clock_good, hour, minute, second = pairs(page, start + 12, ":")
    century_good, century = two_digits(page, start + 21)
    year_good, year = two_digits(page, start + 23)
    good &= (month >= 0) & day_good & clock_good & century_good & year_good & (array[start + 27] == _OPEN)
    level_end = lines.after(lines.stops, start + 28)
    good &= (array[level_end] == _CLOSE) & (level_end > start + 28) & (array[level_end + 1] == _SPACE)
    for offset in range(12):
        good &= letters[array[start + 28 + offset]] | (start + 28 + offset >= level_end)
    good &= (level_end - start < 40) & (level_end + 2 < end)
    at = level_end + 2
    client = (page.word4[at] == _WORDS["[cli"]) & (page.word4[at + 4] == _WORDS["ent "])
    ip = at + 8
    ip_end = lines.after(lines.stops, ip)
    sound = (array[ip_end] == _CLOSE) & (ip_end > ip) & (ip_end < end)
    good &= np.where(client, sound, array[at] != _OPEN)
    body = np.where(client, ip_end + 1, at)
    body = body + (client & (array[body] == _SPACE) & (body < end))
    rows, kept = rows[good], np.flatnonzero(good)
    headers.family[rows] = _APACHE
    headers.body[rows] = body[kept]
    headers.put("level", rows, (start + 28)[kept], (level_end - start - 28)[kept])
    headers.put("source_ip", rows, ip[kept], np.where(client, ip_end - ip, -1)[kept])
    micros, timed = instant(century * 100 + year, month, day, (hour, minute, second))
    headers.put_time(rows, micros[kept], timed[kept], naive=True)
