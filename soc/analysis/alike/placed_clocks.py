"""Times of which it is known where they stand in a block and of what kind they are: the usual ones read from its bytes."""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.logs.text.clocks import Flags, Page, fraction, instant, month_at, pairs, two_digits, zone
from soc.logs.text.times import read_clocks
from soc.logs.text.views import Ints, text_views

#: No zone is further from UTC (minutes).
_FAR = 14 * 60
_Read = tuple[Flags, Ints, Flags, Flags]


def read_placed_clocks(data: bytes, starts: Ints, sizes: Ints, kinds: pl.Series) -> pl.DataFrame:
    """As `read_clocks` of the texts that begin at `starts` in `data` (padded) and have `sizes` bytes (-1: there is none)."""
    rows = len(starts)
    clock, timed = np.zeros(rows, np.int64), np.zeros(rows, np.bool_)
    naive, yearless = np.zeros(rows, np.bool_), np.zeros(rows, np.bool_)
    left = (sizes >= 0) & kinds.is_not_null().to_numpy()
    page = Page.of(data)
    for kind, read in _READERS.items():
        some = np.flatnonzero((kinds == kind).fill_null(False).to_numpy() & left)
        if not len(some):
            continue
        usual, micros, there, bare = read(page, starts[some], sizes[some])
        hits = some[usual]
        clock[hits], timed[hits] = micros[usual], there[usual]
        naive[hits], yearless[hits] = (there & bare)[usual], there[usual] & (kind == "yearless")
        left[hits] = False
    rest = np.flatnonzero(left)
    if len(rest):
        slow = read_clocks(text_views(data, starts[rest], sizes[rest]), kinds.gather(rest))
        clock[rest] = slow["clock"].fill_null(0).to_numpy()
        timed[rest] = slow["clock"].is_not_null().to_numpy()
        naive[rest], yearless[rest] = slow["naive"].to_numpy(), slow["yearless"].to_numpy()
    return pl.DataFrame({"clock": clock, "timed": timed, "naive": naive, "yearless": yearless}).select(
        pl.when("timed").then("clock").alias("clock"), "naive", "yearless"
    )


def _iso(page: Page, at: Ints, size: Ints) -> _Read:
    century_good, century = two_digits(page, at)
    date_good, year, month, day = pairs(page, at + 2, "-")
    clock_good, hour, minute, second = pairs(page, at + 11, ":")
    length, part, part_good = fraction(page, at + 19)
    zone_length, east, zone_good = zone(page, at + 19 + length)
    usual = (
        century_good & date_good & clock_good & part_good & zone_good & (19 + length + zone_length == size)
    )
    micros, there = instant(century * 100 + year, month - 1, day, (hour, minute, second))
    return usual, micros + part - east * 60_000_000, there & (abs(east) <= _FAR), zone_length == 0


def _access(page: Page, at: Ints, size: Ints) -> _Read:
    day_good, day = two_digits(page, at)
    century_good, century = two_digits(page, at + 7)
    year_good, year = two_digits(page, at + 9)
    clock_good, hour, minute, second = pairs(page, at + 12, ":")
    month = month_at(page, at + 3)
    length, east, zone_good = zone(page, at + 21)
    usual = (
        (size == 26)
        & day_good
        & century_good
        & year_good
        & clock_good
        & (month >= 0)
        & zone_good
        & (length == 5)
    )
    micros, there = instant(century * 100 + year, month, day, (hour, minute, second))
    return usual, micros - east * 60_000_000, there & (abs(east) <= _FAR), np.zeros(len(at), np.bool_)


def _yearless(page: Page, at: Ints, size: Ints) -> _Read:
    array = page.array
    tens, ones = array[at + 4] - np.uint8(48), array[at + 5] - np.uint8(48)
    blank = array[at + 4] == 32
    day = np.where(blank, 0, tens.astype(np.int64)) * 10 + ones
    clock_good, hour, minute, second = pairs(page, at + 7, ":")
    month = month_at(page, at)
    usual = (size == 15) & (blank | (tens < 10)) & (ones < 10) & clock_good & (month >= 0)
    micros, there = instant(np.full(len(at), 2000), month, day, (hour, minute, second))
    return usual, micros, there, np.ones(len(at), np.bool_)


def _apache(page: Page, at: Ints, size: Ints) -> _Read:
    day_good, day = two_digits(page, at + 8)
    clock_good, hour, minute, second = pairs(page, at + 11, ":")
    century_good, century = two_digits(page, at + 20)
    year_good, year = two_digits(page, at + 22)
    month = month_at(page, at + 4)
    usual = (size == 24) & day_good & clock_good & century_good & year_good & (month >= 0)
    micros, there = instant(century * 100 + year, month, day, (hour, minute, second))
    return usual, micros, there, np.ones(len(at), np.bool_)


def _compact(page: Page, at: Ints, size: Ints) -> _Read:
    year_good, year = two_digits(page, at)
    month_good, month = two_digits(page, at + 2)
    day_good, day = two_digits(page, at + 4)
    clocks = [two_digits(page, at + step) for step in (7, 9, 11)]
    usual = year_good & month_good & day_good & (size == 13)
    for good, _ in clocks:
        usual &= good
    hour, minute, second = (value for _, value in clocks)
    micros, there = instant(np.where(year < 70, 2000, 1900) + year, month - 1, day, (hour, minute, second))
    return usual, micros, there, np.ones(len(at), np.bool_)


_READERS = {"iso": _iso, "access": _access, "yearless": _yearless, "apache": _apache, "compact": _compact}
