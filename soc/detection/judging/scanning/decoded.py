"""What stands in a line once its escapes are undone: `%2e`, `%252e`, `%u002e`, `%c0%ae`, `&#46;`, `\\x2e`, `\\u002e`, `/**/`.

Attackers write so what they do not want to be read. Only lines are decoded in which an escape hides something that could have
been written plainly, all of them at once and until nothing changes; each byte keeps where it came from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soc.logs.text.views import PADDING, Bytes, Ints

Flags = npt.NDArray[np.bool_]

#: Escapes within escapes are undone so often; real ones lie three deep.
_ROUNDS = 5
_PERCENT, _AMPERSAND, _BACKSLASH, _HASH, _SEMICOLON, _BLANK = 37, 38, 92, 35, 59, 32
_NONE = 255
#: The value of a hexadecimal digit, _NONE of what is none.
_HEX = np.full(256, _NONE, np.uint8)
for _digit in range(16):
    _HEX[ord(f"{_digit:x}")] = _HEX[ord(f"{_digit:X}")] = _digit
_NAMED = {
    "lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&", "colon": ":", "lpar": "(", "rpar": ")", "sol": "/",
    "bsol": "\\", "tab": " ", "newline": " ", "equals": "=", "nbsp": " ", "semi": ";", "period": ".", "comma": ",",
}  # fmt: skip
#: What servers take for an ASCII character.
_ALIKE = {
    0x2215: "/", 0x2044: "/", 0x2216: "\\", 0x2019: "'", 0x02B9: "'", 0x02BC: "'", 0x2032: "'", 0x2039: "<", 0x3008: "<",
    0x203A: ">", 0x3009: ">",
}  # fmt: skip
#: Digits of a numeric entity, leading zeros included.
_DIGITS = 7


@dataclass(frozen=True)
class Decoded:
    """The lines one after the other, each with its newline; `origin[n]` is where byte n came from in the block's bytes."""

    data: bytes
    origin: Ints


@dataclass(frozen=True)
class _Escapes:
    """Each escape's first byte, its length, and the byte that it means. None lies within another."""

    at: Ints
    size: Ints
    means: Ints

    def __add__(self, other: _Escapes) -> _Escapes:
        return _Escapes(*(np.concatenate(pair) for pair in (
            (self.at, other.at), (self.size, other.size), (self.means, other.means),
        )))  # fmt: skip


def decode_lines(data: bytes, starts: Ints, ends: Ints, cap: int) -> Decoded | None:
    """The lines that hide something, decoded; None where there are none. A line is looked at up to `cap` bytes."""
    array = np.frombuffer(data + bytes(PADDING), np.uint8)
    marks = _hiding(array)
    rows = np.unique(np.searchsorted(starts, marks, "right") - 1) if len(marks) else marks
    rows = rows[rows >= 0]
    if not len(rows):
        return None
    text, origin = gather_lines(array, starts[rows], np.minimum(ends[rows], starts[rows] + cap))
    for _ in range(_ROUNDS):
        found = _percents(text) + _backslashes(text) + _entities(text) + _comments(text)
        if not len(found.at):
            break
        text, origin = _undone(text, origin, found)
    return Decoded(text[:-PADDING].tobytes(), origin)


def gather_lines(array: Bytes, starts: Ints, ends: Ints) -> tuple[Bytes, Ints]:
    """Some lines one after the other, each with a newline, and PADDING zeros; and where each byte stood in `array`."""
    sizes = ends - starts + 1
    stops = np.cumsum(sizes)
    origin = np.arange(int(stops[-1])) + np.repeat(starts - (stops - sizes), sizes)
    text = np.zeros(len(origin) + PADDING, np.uint8)
    text[: len(origin)] = array[np.minimum(origin, len(array) - 1)]  # the last line may lack its newline
    text[stops - 1] = 10
    return text, origin


def _hiding(array: Bytes) -> Ints:
    """Where an escape stands for what needs none: ASCII, a control, or an overlong form."""
    at = np.flatnonzero(array == _PERCENT)
    high, low = _HEX[array[at + 1]], _HEX[array[at + 2]]
    plain = (high >= 2) & (high <= 7) & (low < 16)
    plain |= (high == 0) & ((low == 0) | (low == 10) | (low == 13) | (low == 9))
    plain |= (high == 12) & (low <= 1) | (high == 14) & (low == 0)
    percents = at[plain | ((array[at + 1] | 32) == 117) & (high == _NONE) & (_HEX[array[at + 2]] < 16)]
    at = np.flatnonzero(array == _AMPERSAND)
    at = at[_ends_soon(array, at)]
    second = array[at + 2] | 32
    named = (
        np.isin(array[at + 1] | 32, np.frombuffer(b"lgqacrsbtne", np.uint8))
        & (second >= 97)
        & (second <= 122)
    )
    entities = at[(array[at + 1] == _HASH) | named]
    at = np.flatnonzero(array == _BACKSLASH)
    escaped = ((array[at + 1] == 120) & (_HEX[array[at + 2]] < 8)) | (
        (array[at + 1] == 117) & (array[at + 2] == 48) & (array[at + 3] == 48)
    )
    at, slash = at[escaped], np.flatnonzero(array == 42) - 1
    slash = slash[(slash >= 0) & (array[slash] == 47)]
    comments = slash[(array[slash + 2] == 42) | (array[slash + 2] == 33)]
    return np.sort(np.concatenate((percents, entities, at, comments)))


def _ends_soon(array: Bytes, at: Ints) -> Flags:
    """Which ampersands have a semicolon near enough."""
    good = np.zeros(len(at), np.bool_)
    for step in range(3, _DIGITS + 5):
        good |= array[at + step] == _SEMICOLON
    return good


def _percents(text: Bytes) -> _Escapes:
    at = np.flatnonzero(text == _PERCENT)
    high, low = _HEX[text[at + 1]].astype(np.int64), _HEX[text[at + 2]].astype(np.int64)
    good = (high < 16) & (low < 16)
    value = high * 16 + low
    size = np.full(len(at), 3)
    # an overlong form of two bytes, or of three: `%c0%af`, `%e0%80%af`; also where the last byte is none of UTF-8's
    second, third = _byte_at(text, at + 3), _byte_at(text, at + 6)
    two = good & (value >> 1 == 0x60) & (second >= 0)
    three = good & (value == 0xE0) & (second >> 5 == 4) & (third >= 0)
    value = np.where(two, (value & 1) << 6 | second & 0x3F, value)
    value = np.where(three, (second & 0x1F) << 6 | third & 0x3F, value)
    size = np.where(three, 9, np.where(two, 6, size))
    inner = np.zeros(len(text), np.bool_)
    for rows, steps in ((two, (3,)), (three, (3, 6))):
        for step in steps:
            inner[at[rows] + step] = True
    wide, wide_good = _four(text, at + 2)
    wide_good &= (text[at + 1] | 32) == 117
    wide = np.where((wide >= 0xFF01) & (wide <= 0xFF5E), wide - 0xFEE0, wide)
    for number, character in _ALIKE.items():
        wide = np.where(wide == number, ord(character), wide)
    wide_good &= wide < 128
    value, size = np.where(wide_good, wide, value), np.where(wide_good, 6, size)
    keep = (good | wide_good) & ~inner[at] & (value < 256)
    return _Escapes(at[keep], size[keep], _tame(value[keep]))


def _byte_at(text: Bytes, at: Ints) -> Ints:
    """The byte that a `%XX` there means, -1 where there is none."""
    at = np.minimum(at, len(text) - 3)
    high, low = _HEX[text[at + 1]].astype(np.int64), _HEX[text[at + 2]].astype(np.int64)
    return np.where((text[at] == _PERCENT) & (high < 16) & (low < 16), high * 16 + low, -1)


def _four(text: Bytes, at: Ints) -> tuple[Ints, Flags]:
    """The number of four hexadecimal digits, and whether they are there."""
    value, good = np.zeros(len(at), np.int64), np.ones(len(at), np.bool_)
    for step in range(4):
        digit = _HEX[text[np.minimum(at + step, len(text) - 1)]].astype(np.int64)
        value, good = value * 16 + digit, good & (digit < 16)
    return value, good


def _tame(value: Ints) -> Ints:
    """Controls become blanks: a line stays one."""
    return np.where((value < _BLANK) | (value == 127), _BLANK, value)


def _backslashes(text: Bytes) -> _Escapes:
    at = np.flatnonzero(text == _BACKSLASH)
    kind = text[at + 1]
    high, low = _HEX[text[at + 2]].astype(np.int64), _HEX[text[at + 3]].astype(np.int64)
    wide, four = _four(text, at + 2)
    is_x, is_u = (kind == 120) & (high < 8) & (low < 16), (kind == 117) & four & (wide < 128)
    value, size = np.where(is_u, wide, high * 16 + low), np.where(is_u, 6, 4)
    keep = is_x | is_u
    return _Escapes(at[keep], size[keep], _tame(value[keep]))


def _entities(text: Bytes) -> _Escapes:
    at = np.flatnonzero(text == _AMPERSAND)
    at = at[_ends_soon(text, at)]
    size, means = np.zeros(len(at), np.int64), np.full(len(at), -1)
    for name, character in _NAMED.items():
        good = text[at + 1 + len(name)] == _SEMICOLON
        for step, letter in enumerate(name.encode(), start=1):
            good &= (text[at + step] | 32) == letter
        size, means = np.where(good, len(name) + 2, size), np.where(good, ord(character), means)
    for base, skip in ((10, 2), (16, 3)):
        rows = text[at + 1] == _HASH
        rows &= ((text[at + 2] | 32) == 120) == (base == 16)
        value, going = np.zeros(len(at), np.int64), rows.copy()
        for step in range(_DIGITS + 1):
            here = text[at + skip + step]
            ended = going & (here == _SEMICOLON) & (step > 0) & (value < 128)
            size, means = np.where(ended, skip + step + 1, size), np.where(ended, value, means)
            digit = _HEX[here].astype(np.int64)
            going &= digit < base
            value = np.where(going, value * base + digit, value)
    keep = means >= 0
    return _Escapes(at[keep], size[keep], _tame(means[keep]))


def _comments(text: Bytes) -> _Escapes:
    """SQL's comments, which stand for a blank: `/**/`, and the marks around `/*!50000union*/`."""
    at = np.flatnonzero((text[:-1] == 47) & (text[1:] == 42))
    empty = (text[at + 2] == 42) & (text[at + 3] == 47)
    hinted = text[at + 2] == 33
    digits, going = np.zeros(len(at), np.int64), hinted.copy()
    for step in range(5):
        going &= (text[at + 3 + step] >= 48) & (text[at + 3 + step] <= 57)
        digits += going
    keep = empty | hinted
    size = np.where(empty, 4, 3 + digits)[keep]
    opened = _Escapes(at[keep], size, np.full(len(size), _BLANK))
    at = np.flatnonzero((text[:-1] == 42) & (text[1:] == 47))
    at = at[~np.isin(text[at - 1], np.frombuffer(b"/*", np.uint8))]
    return opened + _Escapes(at, np.full(len(at), 2), np.full(len(at), _BLANK))


def _undone(text: Bytes, origin: Ints, found: _Escapes) -> tuple[Bytes, Ints]:
    """The text with its escapes replaced. None reaches over the end of its line: none holds a newline."""
    text = text.copy()
    drop = np.zeros(len(text), np.bool_)
    text[found.at] = found.means
    for step in range(1, int(found.size.max())):
        drop[found.at[found.size > step] + step] = True
    return text[~drop], origin[~drop[: len(origin)]]
