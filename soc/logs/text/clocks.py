"""Times at known places of a block's bytes, all lines at once: eight characters are read and checked as one word.

Only the plain shapes are read here; whatever is unusual is left to `soc.logs.text.times`, which gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soc.logs.text.views import Bytes, Ints, words_at

Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.unsignedinteger]

FIRST_YEAR, LAST_YEAR = 1900, 2199
#: The second that some minutes have once more: the first of the next one.
LEAP_SECOND = 60
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CODES = np.array([int.from_bytes(name.encode(), "little") for name in _MONTHS], np.uint32)
_BY_CODE = np.argsort(_CODES)
#: Days since 1970 of each month's first, and its length, from January of FIRST_YEAR on.
_FIRSTS = np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-02", dtype="datetime64[M]").astype("datetime64[D]")
_FIRST_DAY = _FIRSTS.astype(np.int64)[:-1]
_LENGTH = np.diff(_FIRSTS.astype(np.int64))

_HIGH_BITS, _TO_HIGH = np.uint64(0x8080808080808080), np.uint64(0x7676767676767676)


@dataclass(frozen=True)
class Page:
    """A block's bytes and their words, to be indexed by position."""

    array: Bytes
    word4: Words
    word8: Words

    @staticmethod
    def of(padded: bytes) -> Page:
        return Page(np.frombuffer(padded, np.uint8), words_at(padded, "<u4"), words_at(padded, "<u8"))


def is_digit(page: Page, at: Ints) -> Flags:
    return np.asarray((page.array.take(at, mode="clip") - np.uint8(48)) < 10, np.bool_)


def pairs(page: Page, at: Ints, separator: str) -> tuple[Flags, Ints, Ints, Ints]:
    """Three two-digit numbers with `separator` between them (`12:34:56`): whether it is so, and the numbers."""
    mark = ord(separator)
    shape = int.from_bytes(bytes([48, 48, mark, 48, 48, mark, 48, 48]), "little")
    word = page.word8[at] ^ np.uint64(shape)
    good = (((word + _TO_HIGH) | word) & _HIGH_BITS) == 0
    good &= (word & np.uint64(0x0000FF0000FF0000)) == 0
    found = word.view(np.int64)
    numbers = [((found >> shift) & 15) * 10 + ((found >> (shift + 8)) & 15) for shift in (0, 24, 48)]
    return good, numbers[0], numbers[1], numbers[2]


def month_at(page: Page, at: Ints) -> Ints:
    """Month 0–11 of the three letters at `at`, -1 where they are none."""
    code = page.word4[at] & np.uint32(0xFFFFFF)
    place = np.minimum(np.searchsorted(_CODES[_BY_CODE], code), 11)
    month = _BY_CODE[place]
    return np.where(_CODES[month] == code, month, -1)


def two_digits(page: Page, at: Ints) -> tuple[Flags, Ints]:
    left, right = page.array[at] - np.uint8(48), page.array[at + 1] - np.uint8(48)
    return (left < 10) & (right < 10), left.astype(np.int64) * 10 + right


def instant(year: Ints, month: Ints, day: Ints, clock: tuple[Ints, Ints, Ints]) -> tuple[Ints, Flags]:
    """Microseconds since 1970 and whether there is such a time. `month` from 0."""
    hour, minute, second = clock
    good = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 0) & (month < 12)
    index = np.where(good, (year - FIRST_YEAR) * 12 + month, 0)
    good &= (day >= 1) & (day <= _LENGTH[index]) & (hour < 24) & (minute < 60) & (second <= LEAP_SECOND)
    seconds = (_FIRST_DAY[index] + day - 1) * 86_400 + hour * 3600 + minute * 60 + second
    return seconds * 1_000_000, good


def fraction(page: Page, at: Ints) -> tuple[Ints, Ints, Flags]:
    """`.123` or `,123456789` at `at`: its length (0 where there is none), microseconds, and whether it is sound."""
    lead = page.array[at]
    alive = (lead == 46) | (lead == 44)
    begun = alive.copy()
    run = np.zeros(len(at), np.int64)
    micros = np.zeros(len(at), np.int64)
    for step, worth in enumerate((100_000, 10_000, 1_000, 100, 10, 1, 0, 0, 0), start=1):
        digit = page.array[at + step] - np.uint8(48)
        alive = alive & (digit < 10)
        if not alive.any():
            break
        run += alive
        if worth:
            micros += np.where(alive, digit.astype(np.int64) * worth, 0)
    sound = ~begun | ((run >= 1) & ~is_digit(page, at + 1 + run))
    return np.where(begun, run + 1, 0), micros, sound


def zone(page: Page, at: Ints) -> tuple[Ints, Ints, Flags]:
    """`Z`, `+0100` or `+01:00` at `at`: its length (0 where there is none), minutes east, and whether it is sound."""
    lead = page.array[at]
    signed = (lead == 43) | (lead == 45)
    hours_good, hours = two_digits(page, at + 1)
    signed &= hours_good
    colon = page.array[at + 3] == 58
    minutes_good, minutes = two_digits(page, at + 3 + colon)
    east = hours * 60 + minutes
    is_z = lead == 90
    length = np.where(is_z, 1, np.where(signed, 5 + colon, 0))
    return length, np.where(signed, np.where(lead == 45, -east, east), 0), ~signed | minutes_good
