"""Headers of Cisco's kind: a time or a host in any order, then `%FACILITY-5-NAME: body`."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.kit.lines import UPPER, Lines, characters
from soc.logs.formats.kit.plain_classes import plain_classes
from soc.logs.text.clocks import Flags

#: Times before the sign: yearless, with the year in either place, ISO; with a mark of an unset clock before and a zone behind.
_CLOCK = r"\d\d:\d\d:\d\d(?:\.\d{1,9})?(?: [A-Z]{2,5})?"
_TIME = rf"(?:[A-Z][a-z]{{2}} {{1,2}}\d{{1,2}} (?:\d{{4}} )?{_CLOCK}|\d{{4}} [A-Z][a-z]{{2}} {{1,2}}\d{{1,2}} {_CLOCK}|\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d[^ ]{{0,16}}?)"
_HOST = r"(?:[A-Za-z0-9_][\w./-]*|[0-9a-fA-F:]{2,45}[0-9a-fA-F])"
_GAP = r"[: ]{1,4}"
_NUMBER = r"(?:\d{1,10}: ?)?"

#: What may stand before the sign: relayed (two times), time then host, host then time. Groups `priority`, `time`, `host`.
BEFORE_SIGN = plain_classes(
    r"(?:<(?P<priority>\d{1,3})>)?(?:1 )?" + _NUMBER + "(?:"
    rf"{_TIME}{_GAP}(?P<host__2>{_HOST}){_GAP}{_NUMBER}[*.]?(?P<time__2>{_TIME}){_GAP}(?:{_HOST} ?{_GAP})?"
    rf"|[*.]?(?P<time>{_TIME}){_GAP}(?:(?P<host>{_HOST}) ?{_GAP}{_NUMBER})?"
    rf"|(?P<host__3>{_HOST}) ?{_GAP}{_NUMBER}[*.]?(?:(?P<time__3>{_TIME}) ?{_GAP})?"
    r")?(?:[^%]{0,60}[ :>*])?"
)
#: Syslog's names of the levels, as these devices call them.
LEVELS = {
    "0": "emergency", "1": "alert", "2": "critical", "3": "error",
    "4": "warning", "5": "notification", "6": "informational", "7": "debug",
}  # fmt: skip

_PERCENT = ord("%")
_BEFORE = characters(" :>*")


def may_have_sign(lines: Lines) -> Flags:
    """Lines in which `%` and a capital stand at the beginning or after a blank or colon."""
    array = lines.array
    at = np.flatnonzero(array == _PERCENT)
    at = at[UPPER[array[np.minimum(at + 1, len(array) - 1)]]]
    row = np.searchsorted(lines.starts, at, "right") - 1
    sound = (row >= 0) & (at < lines.ends[np.maximum(row, 0)])
    sound &= (at == lines.starts[np.maximum(row, 0)]) | _BEFORE[array[np.maximum(at - 1, 0)]]
    found = np.zeros(len(lines), np.bool_)
    found[row[sound]] = True
    return found
