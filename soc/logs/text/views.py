"""Slices of a block as a text column, without copying: Arrow's string views, made by numpy.

A view is 16 bytes: the length, then either the text itself (up to 12 bytes) or its first four bytes, the
buffer's number and the offset in it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

#: Bytes that must follow the last slice, so that a view's words can be read beyond it.
PADDING = 64
_INLINE = 12
_LOW = np.array([(1 << (8 * min(count, 8))) - 1 for count in range(_INLINE + 1)], np.uint64)
_HIGH = np.array([(1 << (8 * max(count - 8, 0))) - 1 for count in range(_INLINE + 1)], np.uint32)


def words_at(data: bytes, kind: str) -> npt.NDArray[np.unsignedinteger]:
    """The little-endian word (`<u4`, `<u8`) that begins at each byte; index it with positions."""
    size = np.dtype(kind).itemsize
    return np.ndarray((max(len(data) - size + 1, 0),), kind, data, strides=(1,))


def text_views(data: bytes, starts: Ints, lengths: Ints) -> pl.Series:
    """The slices of `data` as a string column that shares its memory; null where a length is negative.

    `data` ends with PADDING bytes that no slice covers. Slices begin and end at characters of UTF-8.
    """
    size = len(starts)
    if not size:
        return pl.Series([], dtype=pl.String)
    missing = lengths < 0
    length = np.where(missing, 0, lengths)
    start = np.where(missing, 0, starts)
    views = np.zeros((size, 4), np.uint32)
    views[:, 0] = length
    small = np.flatnonzero(length <= _INLINE)
    if len(small) < size:
        views[:, 1] = words_at(data, "<u4")[start]
        views[:, 3] = start
    if len(small):
        at, count = start[small], length[small]
        inline = np.empty((len(small), 3), np.uint32)
        inline[:, :2] = (words_at(data, "<u8")[at] & _LOW[count]).view(np.uint32).reshape(-1, 2)
        inline[:, 2] = words_at(data, "<u4")[at + 8] & _HIGH[count]
        views[small, 1:] = inline
    valid = None
    if missing.any():
        valid = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    column = pa.Array.from_buffers(
        pa.string_view(), size, [valid, pa.py_buffer(views.reshape(-1)), pa.py_buffer(data)]
    )
    return _taken(column)


def own_text(column: pl.Series) -> pl.Series:
    """The same text, or lists of texts, in memory of its own, so that a few slices do not keep (or send) a whole block."""
    # Arrow's older layout, which Polars gives unless told otherwise, holds the text of these rows alone
    return _taken(column.to_arrow()).rename(column.name)


class _Lent:
    """An Arrow array by Arrow's own interface alone. To one that it knows as PyArrow's Polars applies PyArrow's functions,
    and to load them takes a quarter of a second.
    """

    def __init__(self, array: pa.Array) -> None:
        self._array = array

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        capsules: tuple[object, object] = self._array.__arrow_c_array__(requested_schema)
        return capsules


def _taken(array: pa.Array) -> pl.Series:
    return pl.Series(_Lent(array))
