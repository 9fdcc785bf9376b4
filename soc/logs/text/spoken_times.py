"""Times as people and products write them beside the common shapes: `3/24/2022 2:42:35 PM`, `Jun 25, 2026 @ 19:58:56.628`.

What is left beside a date, a clock and a zone that is known makes the time unknown: never is a time with words after it that
nobody understands taken for UTC. A zone's name that means several zones is not known.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from soc.logs.text.clocks import LEAP_SECOND

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_MONTH = r"(?P<word>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,:](?P<part>\d{1,9}))?)?(?:\s?(?P<half>[ap])\.?m\.?(?![a-z]))?",
    re.I,
)
#: The first that fits is the date. Of two numbers with a slash the first is the month, unless it cannot be.
_DATES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d)(?P<year>\d{{4}})[-/ .]{_MONTH}[-/ .]{{1,2}}(?P<day>\d{{1,2}})(?![\d:])",
        rf"(?<!\d)(?P<day>\d{{1,2}})[-/ .]{_MONTH}[-/ ,]{{1,2}}(?P<year>\d{{4}}|\d\d(?=[ T,]))",
        rf"(?<!\d)(?P<day>\d{{1,2}}){_MONTH}(?P<year>\d{{4}})(?!\d)",
        rf"(?<![a-z]){_MONTH}[ -]{{1,2}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[ -](?P<year>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?!\d)",
        r"(?<!\d)(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d\d)(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})[.-](?P<month>\d{1,2})[.-](?P<year>\d{4})(?!\d)",
        rf"(?<![a-z]){_MONTH} {{1,2}}(?P<day>\d{{1,2}})(?!\d)(?=.*\b(?P<year>\d{{4}})$)",
        rf"(?<![a-z]){_MONTH} {{1,2}}(?P<day>\d{{1,2}})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})[- ]{_MONTH}(?![a-z])",
        r"^(?P<month>0\d|1[0-2])/(?P<day>[0-3]\d)-(?=\s+\0)",
        r"^(?P<month>0\d|1[0-2])(?P<day>[0-3]\d)(?=\s+\0)",
    )
)
_COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d)[T ]?(\d\d)(\d\d)(\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?$")
#: Between a year and the clock: `10/01/2021:14:25:40`.
_JOINED = re.compile(r"(?<=\d{4}):(?=\d\d:\d\d:\d\d)")
_EPOCH = re.compile(r"^/Date\((\d{12,14})(?:[+-]\d{4})?\)/$")
_WEEKDAY = re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\b,?", re.I)
_OFFSET = re.compile(r"^\(?(?:UTC|GMT)?\s?([+-])(\d{1,2}):?(\d\d)?\)?$", re.I)
#: Minutes east of UTC of names that mean one zone alone to those who write them.
ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "cet": 60, "cest": 120, "met": 60, "mest": 120, "bst": 60, "eet": 120, "eest": 180,
    "msk": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540,
    "akdt": -480, "hst": -600, "jst": 540, "kst": 540, "sgt": 480, "hkt": 480, "aest": 600, "aedt": 660, "acst": 570, "acdt": 630,
    "awst": 480, "nzst": 720, "nzdt": 780, "sast": 120, "brt": -180, "art": -180, "wib": 420, "pkt": 300,
}  # fmt: skip
#: The years a time may have, and the longest way of a zone from UTC in minutes.
_EARLIEST, _LATEST, _FAR = 1900, 2199, 14 * 60
#: A year that has every day, for times without one.
_NO_YEAR = 2000
_DAY = 86_400_000_000
_EPOCH_DAY = date(1970, 1, 1)
_TOO_LATE = (date(_LATEST + 1, 1, 1) - _EPOCH_DAY).days * _DAY


class Spoken(NamedTuple):
    """`micros` since 1970 (in the year 2000 where `yearless`), None: it is no time. `naive`: it names no zone."""

    micros: int | None
    naive: bool = False
    yearless: bool = False


NO_TIME = Spoken(None)


def read_spoken(text: str) -> Spoken:
    """Of one text, at most 80 characters long."""
    text = text.strip()
    if not 6 <= len(text) <= 80:
        return NO_TIME
    if found := _EPOCH.match(text):
        micros = int(found[1]) * 1000
        return Spoken(micros) if micros < _TOO_LATE else NO_TIME
    if found := _COMPACT.match(text):
        year, month, day, hour, minute, second, part, zone = found.groups()
        return _put(
            (int(year), int(month), int(day)), (int(hour), int(minute), int(second), part or ""), zone or ""
        )
    text = _JOINED.sub(" ", text)
    clock = _CLOCK.search(text)
    if clock is None:
        return NO_TIME
    rest = text[: clock.start()] + " \0 " + text[clock.end() :]
    for pattern in _DATES:
        if day := pattern.search(rest):
            left = rest[: day.start()] + " " + rest[day.end() :]
            return _put(_date(day), _clock(clock), _left(left, day.groupdict().get("year") or ""))
    return NO_TIME


def _date(found: re.Match[str]) -> tuple[int, int, int]:
    parts = found.groupdict()
    month = _MONTHS[parts["word"][:3].lower()] if parts.get("word") else int(parts["month"])
    day, year = int(parts["day"]), int(parts.get("year") or 0)
    if "/" in found[0] and not parts.get("word") and month > 12 >= day:
        month, day = day, month
    return (year + 2000 if 0 < year < 100 else year), month, day


def _clock(found: re.Match[str]) -> tuple[int, int, int, str]:
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half:
        hour = -1 if not 1 <= hour <= 12 else hour % 12 + (12 if half == "p" else 0)
    return hour, int(found["minute"]), int(found["second"] or 0), found["part"] or ""


def _left(text: str, year: str) -> str:
    """What stands beside date and clock: a zone, nothing, or something that makes the time unknown."""
    plain = _WEEKDAY.sub(" ", text)
    if year and re.search(rf"\b{year}$", plain):  # `Wed Mar 12 11:02:25 2025`
        plain = plain.rsplit(year, 1)[0]
    plain = re.sub(r"(?i)(?<![a-z])(?:at|t)(?![a-z])|[@,]|\0|\s-\s|^:|:$", " ", plain)
    return " ".join(plain.split())


def _put(day: tuple[int, int, int], clock: tuple[int, int, int, str], zone: str) -> Spoken:
    year, month, number = day
    hour, minute, second, part = clock
    east = minutes_east(zone)
    try:
        days = (date(year or _NO_YEAR, month, number) - _EPOCH_DAY).days
    except ValueError:
        return NO_TIME
    if east is None or not (0 <= hour < 24 and minute < 60 and second <= LEAP_SECOND):
        return NO_TIME
    if year and not _EARLIEST <= year <= _LATEST:
        return NO_TIME
    micros = int((part + "000000")[:6])
    seconds = hour * 3600 + (minute - east) * 60 + second
    return Spoken(days * _DAY + seconds * 1_000_000 + micros, zone == "", year == 0)


def minutes_east(zone: str) -> int | None:
    """Minutes east of UTC; None where nobody knows."""
    if not zone:
        return 0
    name = zone.strip("()").lower()
    if name in ZONES:
        return ZONES[name]
    found = _OFFSET.match(zone.strip())
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    if minutes > _FAR:
        return None
    return -minutes if found[1] == "-" else minutes
