"""A JSON array (or objects spread over lines) becomes one record a line, piece by piece, by nesting depth.

So do the records of an object that holds nothing but a list of them: `{"Records": [{…}, {…}]}`.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from soc.logs.formats.kit.wrappers import DEEPER_LISTS, LIST_OF_RECORDS
from soc.logs.opening.bounds import UNBOUNDED, Bounds

Bytes = npt.NDArray[np.uint8]

_CHUNK = 4 * 1024 * 1024
#: A record larger than this is cut: no log record is.
_RECORD_CAP = 32 * 1024 * 1024
#: How deep the elements of a wrapper lie.
_WRAPPED_DEPTH = 2
_WRAPPED = re.compile(rf"{LIST_OF_RECORDS}\s*\{{".encode())
_DEEPER = tuple((level, re.compile(rf"{one}\s*\{{".encode())) for level, one in DEEPER_LISTS)
_BETWEEN = re.compile(
    rf"[\s,\]}}]*(?:{LIST_OF_RECORDS}|{'|'.join(one for _, one in DEEPER_LISTS)})?\s*".encode()
)


def write_lines(path: Path, target: Path, bounds: Bounds = UNBOUNDED) -> int:
    """Write each element of the array in `path` as a line of `target`. Returns the number of records.

    Raises NotWanted and Outgrown as `bounds` say.

    Newlines between tokens become blanks. What is left open at the end becomes a last (broken) record.
    """
    records = 0
    rest = b""
    with path.open("rb") as text, target.open("wb") as out:
        opened = False
        level = depth = 0
        while True:
            bounds.check_lines(records)
            chunk = text.read(_CHUNK)
            data = rest + chunk
            if not opened:
                data = data.lstrip(b"\xef\xbb\xbf \t\r\n")
                if data.startswith(b"["):
                    data = data[1:]
                elif _WRAPPED.match(data):
                    level = _WRAPPED_DEPTH
                else:
                    level = next((deep for deep, one in _DEEPER if one.match(data)), 0)
                opened = bool(data) or not chunk
            cut, ends = _cut(data, depth, level)
            depth = level if ends else depth
            start = 0
            for end in ends:
                record = _one_line(_unwrapped(data[start:end], level))
                start = end
                if record:
                    out.write(record + b"\n")
                    records += 1
            rest = data[cut:]
            if len(rest) > _RECORD_CAP:
                out.write(_one_line(rest[: 128 * 1024]) + b"\n")
                records += 1
                rest = b""
            if not chunk:
                break
        last = _one_line(_unwrapped(rest, level))
        last = last if not level or last.startswith(b"{") else b""  # what closes a wrapper is no record
        if last:
            out.write(last + b"\n")
            records += 1
    return records


def _one_line(record: bytes) -> bytes:
    text = record.strip(b" \t\r\n,")
    if text.endswith(b"]") and not text.startswith((b"{", b"[")):
        text = text.rstrip(b"] \t\r\n,")
    return text.replace(b"\r", b" ").replace(b"\n", b" ")


def _unwrapped(record: bytes, level: int) -> bytes:
    """Without what stands between the elements of one wrapper, or of two one after the other."""
    found = _BETWEEN.match(record) if level else None
    return record[found.end() :] if found else record


def _cut(data: bytes, base: int, level: int) -> tuple[int, list[int]]:
    """Where complete values `level` deep end in `data`, which begins `base` deep, and the last of these ends."""
    array: Bytes = np.frombuffer(data, np.uint8)
    if not len(array):
        return 0, []
    outside = ~_in_string(array)
    step = np.zeros(len(array), np.int8)
    step[((array == 123) | (array == 91)) & outside] = 1
    step[((array == 125) | (array == 93)) & outside] = -1
    depth = base + np.cumsum(step, dtype=np.int64)
    ends = np.flatnonzero((step == -1) & (depth == level) & (array == 125 if level else True)) + 1
    return (int(ends[-1]) if len(ends) else 0), ends.tolist()


def _in_string(array: Bytes) -> npt.NDArray[np.bool_]:
    """True between quotes; a quote after an odd run of backslashes is none."""
    quote = array == 34
    slash = array == 92
    if slash.any():
        index = np.arange(len(array))
        last_other = np.maximum.accumulate(np.where(slash, -1, index))
        run = np.zeros(len(array), np.int64)
        run[1:] = index[1:] - 1 - last_other[:-1]
        quote &= run % 2 == 0
    return np.asarray(np.cumsum(quote) % 2 == 1, np.bool_)
