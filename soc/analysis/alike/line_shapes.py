"""Whole lines that differ only in their numbers: a finer shape than that of a message, since a header is read as well.

Of numbers it keeps what `soc.logs.text.shapes` keeps; of those that are no part of an address their hundreds where they can be
a status, and all of a status that anybody looks at; syslog's priority; that a number begins with 0; that it is no port.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soc.logs.text.views import Bytes, Ints

Flags = npt.NDArray[np.bool_]

_ZERO, _NINE, _DOT, _COLON, _LESS, _BLANK, _EQUALS = (ord(one) for one in "09.:< =")
_ONE, _TWO, _FOUR, _FIVE, _COMMA, _OPEN, _CLOSE = (ord(one) for one in "1245,[]")
_MASKED = bytes.maketrans(b"0123456789", b"7777777777")
_LAST_PORT, _LARGEST_OCTET = 65_535, 255
#: Statuses that have a meaning of their own, and what patterns tell apart (`4[0-4]\d`, `50\d|51[01]`).
_TOLD = np.zeros(1000, np.bool_)
for _low, _high in ((100, 103), (200, 210), (300, 310), (400, 452), (499, 512), (520, 528)):
    _TOLD[_low:_high] = True


@dataclass(frozen=True)
class Numbers:
    """The runs of digits in a block's bytes: where each begins, its size, and the bytes beside it."""

    array: Bytes
    begin: Ints
    size: Ints
    before: Bytes
    after: Bytes

    @staticmethod
    def of(data: bytes) -> Numbers:
        """`data` ends with PADDING bytes that are no digits."""
        array = np.frombuffer(data, np.uint8)
        digit = (array - np.uint8(_ZERO)) < 10
        edges = np.flatnonzero(digit[1:] != digit[:-1]) + 1
        if digit[0]:
            edges = np.concatenate((np.zeros(1, edges.dtype), edges))
        begin, end = edges[::2], edges[1::2]
        before = array[np.maximum(begin - 1, 0)]
        if len(begin) and begin[0] == 0:
            before[0] = _BLANK
        return Numbers(array, begin, end - begin, before, array[end])

    def at(self, some: Flags) -> Numbers:
        return Numbers(self.array, self.begin[some], self.size[some], self.before[some], self.after[some])

    @property
    def dotted(self) -> Flags:
        """Next to a dot with a digit behind it: it may be a part of an address."""
        two = self.array[np.maximum(self.begin - 2, 0)] - np.uint8(_ZERO)
        next_ = self.array[self.begin + self.size + 1] - np.uint8(_ZERO)
        return np.asarray(
            ((self.before == _DOT) & (two < 10)) | ((self.after == _DOT) & (next_ < 10)), np.bool_
        )

    def value(self, digits: int) -> Ints:
        """Of numbers with so many digits."""
        found = np.zeros(len(self.begin), np.int64)
        for step in range(digits):
            found = found * 10 + (self.array[self.begin + step] - np.uint8(_ZERO))
        return found


def mask_lines(numbers: Numbers) -> bytes:
    """The block with every number as the shape of a line has it, byte for byte."""
    array = numbers.array
    masked = np.frombuffer(bytearray(array.tobytes().translate(_MASKED)), np.uint8)
    by_size = [numbers.size == size for size in range(6)]
    one = numbers.begin[by_size[1]]
    masked[one] = array[one]
    _mask_threes(numbers.at(by_size[3]), masked)
    four = numbers.at(by_size[4])
    year = four.begin[np.isin(four.at(np.ones(len(four.begin), np.bool_)).value(2), (19, 20))]
    masked[year], masked[year + 1] = _TWO, _ZERO
    five = numbers.at(by_size[5])
    masked[five.begin[five.value(5) > _LAST_PORT]] = _NINE
    _keep_zeros(numbers, masked)
    priority = numbers.begin[(numbers.before == _LESS) & (numbers.size <= 3)]
    for step in range(3):
        digit = (array[priority + step] - np.uint8(_ZERO)) < 10
        masked[priority + step] = np.where(digit, array[priority + step], masked[priority + step])
    return masked.tobytes()


def _mask_threes(three: Numbers, masked: Bytes) -> None:
    """A part of an address, a status, another number that begins as one, or any other."""
    value, dotted, at = three.value(3), three.dotted, three.begin
    may_be = (value >= 100) & (value < 600)
    masked[at[may_be]] = np.where(dotted, _ONE, three.array[at])[may_be]
    masked[at[may_be & dotted & (value > _LARGEST_OCTET)]] = _FOUR
    told = at[may_be & ~dotted & _TOLD[value]]
    masked[told + 1], masked[told + 2] = three.array[told + 1], three.array[told + 2]


def _keep_zeros(numbers: Numbers, masked: Bytes) -> None:
    """A part of an address does not begin with 0; nor is `05` always 5."""
    some = numbers.at((numbers.array[numbers.begin] == _ZERO) & (numbers.size > 1))
    alone = ((some.before == _BLANK) | (some.before == _EQUALS)) & (some.after != _COLON)
    masked[some.begin[alone | ((some.size <= 3) & some.dotted)]] = _ZERO


def mask_moments(numbers: Numbers) -> bytes:
    """The block with other digits in clocks (`12:34:56.789`), whole IPv4 addresses and process ids (`[77]:`) only, byte for byte."""
    array = numbers.array
    masked = np.frombuffer(bytearray(array.tobytes()), np.uint8)
    coarse = np.frombuffer(mask_lines(numbers), np.uint8)
    begin, size, before, after = numbers.begin, numbers.size, numbers.before, numbers.after
    hide = (before == _OPEN) & (after == _CLOSE) & (array[begin + size + 1] == _COLON)
    for mark, parts in ((_COLON, 3), (_DOT, 4)):
        # numbers that one mark alone parts from the next
        next_ = np.zeros(len(begin), np.bool_)
        next_[:-1] = (
            (after[:-1] == mark)
            & (begin[1:] == begin[:-1] + size[:-1] + 1)
            & (size[:-1] <= 3)
            & (size[1:] <= 3)
        )
        first = next_.copy()
        for step in range(1, parts - 1):
            first[:-step] &= next_[step:]
            first[-step:] = False
        first &= (before != mark) & (size == 2 if mark == _COLON else size <= 3)
        last = np.flatnonzero(first) + parts - 1
        whole = last[after[last] != mark]
        for step in range(parts):
            hide[whole - step] = True
        if mark == _COLON:
            behind = whole[np.isin(after[whole], (_DOT, _COMMA)) & (whole + 1 < len(begin))]
            hide[behind[begin[behind + 1] == begin[behind] + size[behind] + 1] + 1] = True
    some = np.flatnonzero(hide)
    at = np.repeat(begin[some] - (np.cumsum(size[some]) - size[some]), size[some]) + np.arange(
        int(size[some].sum())
    )
    masked[at] = coarse[at]
    return masked.tobytes()
