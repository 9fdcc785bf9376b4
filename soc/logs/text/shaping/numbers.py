"""Numbers as the shapes of texts have them (`soc.logs.text.shapes`): byte by byte, none of another length."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soc.logs.text.views import Bytes, Ints

Flags = npt.NDArray[np.bool_]

_ZERO, _ONE, _TWO, _FOUR, _FIVE, _DOT = (ord(one) for one in "01245.")
#: Every digit as any digit, all else as it is.
_MASKED = bytes.maketrans(b"0123456789", b"7777777777")
_LARGEST_OCTET = 255
_CENTURIES = (19, 20)


def mask_numbers(data: bytes) -> bytes:
    """The bytes with every number as its shape has it. The last PADDING bytes are no digits."""
    array = np.frombuffer(data, np.uint8)
    digit = (array - np.uint8(_ZERO)) < 10
    masked = np.frombuffer(bytearray(data.translate(_MASKED)), np.uint8)
    begins = digit.copy()
    begins[1:] &= ~digit[:-1]
    wide = len(array) - 4
    # of each number, at its first digit: whether there is one more, and so on
    more = [digit[step : wide + step] for step in range(5)]
    one = begins[:wide]
    two, three, four = one & more[1], one & more[1] & more[2], one & more[1] & more[2] & more[3]
    np.copyto(masked[:wide], array[:wide], where=one & ~more[1])
    _mask_pairs(array, digit, masked, np.flatnonzero(two & ~more[2]))
    _mask_threes(array, digit, masked, np.flatnonzero(three & ~more[3]))
    at = np.flatnonzero(four & ~more[4])
    year = at[np.isin(_number(array, at, 2), _CENTURIES)]
    masked[year], masked[year + 1] = _TWO, _ZERO
    return masked.tobytes()


def _number(array: Bytes, at: Ints, count: int) -> Ints:
    value = np.zeros(len(at), np.int64)
    for step in range(count):
        value = value * 10 + (array[at + step] - np.uint8(_ZERO))
    return value


def _dotted(array: Bytes, digit: Flags, at: Ints, size: int) -> Flags:
    """Whether a number is next to a dot with a digit behind it: it may be a part of an address."""
    before = (at > 1) & (array[at - 1] == _DOT) & digit[at - 2]
    after = (array[at + size] == _DOT) & digit[at + size + 1]
    return np.asarray(before | after, np.bool_)


def _mask_pairs(array: Bytes, digit: Flags, masked: Bytes, at: Ints) -> None:
    """A part of an address does not begin with 0."""
    zero = at[array[at] == _ZERO]
    masked[zero[_dotted(array, digit, zero, 2)]] = _ZERO


def _mask_threes(array: Bytes, digit: Flags, masked: Bytes, at: Ints) -> None:
    """A part of an address, another number that begins as a status does, or any other."""
    first, value = array[at], _number(array, at, 3)
    zero = at[first == _ZERO]
    masked[zero[_dotted(array, digit, zero, 3)]] = _ZERO
    status = (first >= _ONE) & (first <= _FIVE)
    masked[at[status]] = _ONE
    large = at[status & (value > _LARGEST_OCTET)]
    masked[large[_dotted(array, digit, large, 3)]] = _FOUR
