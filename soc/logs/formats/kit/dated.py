"""Lines that begin with an ISO time, read from bytes once for all formats that begin so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soc.logs.formats.kit.lines import BETWEEN, FAR, SPACE, Lines
from soc.logs.formats.kit.program import read_program
from soc.logs.text.clocks import Flags, fraction, instant, is_digit, pairs, two_digits, zone
from soc.logs.text.views import Ints

_T = ord("T")


@dataclass(frozen=True)
class Dated:
    """For the rows that begin with an ISO time (and are no access log's): where it ends (`after`), what it is.

    `good`: the time is usual and something that separates follows it. `named`: `… host program[pid]: body` follows,
    with `slices` and `body` for these rows alone. `unnamed`: certainly no such thing follows.
    """

    rows: Ints
    end: Ints
    after: Ints
    good: Flags
    micros: Ints
    timed: Flags
    naive: Flags
    named: Flags
    unnamed: Flags
    slices: dict[str, tuple[Ints, Ints]]
    body: Ints


def read_dated(lines: Lines) -> Dated:
    """`2026-03-01T00:00:00.123Z body`; with a `T` it may be `… host program[pid]: body` as well."""
    rows = np.flatnonzero(lines.dated & (lines.closing < 0))
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
    good &= (letter == _T) | (letter == SPACE)
    follows = np.where(after < end, array[np.minimum(after, end)], 10)
    spaced_zone = (follows == SPACE) & (zone_length == 0)
    following = array[after + 1]
    sign = ((following == 43) | (following == 45)) & is_digit(page, after + 2)
    good &= ~(spaced_zone & (sign | (following == 90)))
    good &= (follows == 10) | BETWEEN[follows]
    with_t = letter == _T
    good &= ~with_t | (follows == SPACE) | (follows == 10)
    micros, timed = instant(century * 100 + year, month - 1, day, (hour, minute, second))
    single = with_t & good & (follows == SPACE) & (array[after + 1] != SPACE)
    good &= ~with_t | single | (follows == 10)
    named, unnamed = np.zeros(len(rows), np.bool_), np.ones(len(rows), np.bool_)
    some = np.flatnonzero(single)
    named[some], unnamed[some], slices, body = read_program(lines, after[some] + 1, end[some])
    fits = named[some]
    return Dated(
        rows=rows,
        end=end,
        after=after,
        good=good,
        micros=micros + part - east * 60_000_000,
        timed=timed & (abs(east) <= FAR),
        naive=zone_length == 0,
        named=named,
        unnamed=unnamed,
        slices={name: (at[fits], length[fits]) for name, (at, length) in slices.items()},
        body=body[fits],
    )
