"""A block's bytes, clean, and slices of them as text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from soc.logs.text.views import Bytes, Ints, text_views

#: A line longer than this (bytes) is kept and scanned only up to here; the rest is named in a warning.
LINE_CAP = 64 * 1024


@dataclass(frozen=True)
class Loaded:
    """A block's bytes, clean (valid UTF-8, no NUL, LF or CRLF newlines), and where its lines stand.

    `line_starts` are offsets in the text file of each physical line; `starts` the same within `data`.
    `padded` is `data` and PADDING zero bytes, which string columns share.
    """

    data: bytes
    padded: bytes
    array: Bytes
    starts: Ints
    line_starts: Ints
    invalid_bytes: int
    nuls: int


def gather(loaded: Loaded, starts: Ints, lengths: Ints) -> pl.Series:
    """The slices of the data as a string column; a slice over LINE_CAP is cut there (at a character)."""
    return text_views(loaded.padded, starts, capped(loaded.array, starts, lengths))


def capped(array: Bytes, starts: Ints, lengths: Ints) -> Ints:
    """The lengths, none over LINE_CAP and none ending within a character."""
    long = np.flatnonzero(lengths > LINE_CAP)
    lengths = np.minimum(lengths, LINE_CAP)
    for row in long.tolist():
        while lengths[row] and array[starts[row] + lengths[row]] & 0xC0 == 0x80:
            lengths[row] -= 1
    return lengths
