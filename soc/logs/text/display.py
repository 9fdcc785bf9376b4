"""Text for display: without terminal escapes, control characters and direction marks, which could deceive."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.logs.text.eager import take
from soc.logs.text.views import Bytes, Ints

Flags = npt.NDArray[np.bool_]

#: Terminal escapes; then control characters (C0 without tab and newline, DEL, C1; the byte order mark that RFC 5424 puts before
#: a message) and direction marks.
_ESCAPES = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
_CONTROLS = r"[\x00-\x08\x0b-\x19\x1b-\x1f\x7f\u{80}-\u{9f}\u{feff}]"
_DIRECTION = r"[\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{061c}]"
_SUSPECT = r"[\x00-\x08\x0b-\x1f\x7f\u{80}-\u{9f}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{feff}\u{061c}]"


#: The same decided byte by byte: controls, and the first bytes of the characters above.
_SUSPECT_BYTES = np.zeros(256, np.bool_)
_SUSPECT_BYTES[[*range(9), *range(11, 32), 0x7F, 0xC2, 0xD8, 0xE2, 0xEF]] = True
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f]"
_WIDE = pl.col("text").str.len_bytes() != pl.col("text").str.len_chars()
_MAY_BE_SUSPECT = (pl.col("text").str.contains(_CONTROL) | _WIDE).fill_null(False)


def clean_text(text: pl.Series) -> pl.Series:
    """For display: escapes and controls removed, direction marks shown as `�`, lost bytes as `�`."""
    if text.null_count() == len(text):
        return text
    suspect = pl.DataFrame({"text": text}).select(_MAY_BE_SUSPECT).to_series()
    return _clean_rows(text, pl.Series(np.flatnonzero(suspect.to_numpy())))


def clean_lines(text: pl.Series, array: Bytes, starts: Ints, ends: Ints) -> tuple[pl.Series, Flags]:
    """The same for a column of the slices [starts, ends) of `array`; also which of them cannot have changed."""
    odd = np.flatnonzero(_SUSPECT_BYTES[array])
    suspect = np.searchsorted(odd, ends) > np.searchsorted(odd, starts)
    return _clean_rows(text, pl.Series(np.flatnonzero(suspect))), ~suspect


def _clean_rows(text: pl.Series, rows: pl.Series) -> pl.Series:
    if not len(rows):
        return text
    some = take(text, rows).alias("text")
    if not some.str.contains(_SUSPECT).any():
        return text
    cleaned = (
        pl.col("text")
        .str.replace_all(_ESCAPES, "")
        .str.replace_all(_CONTROLS, "")
        .str.replace_all(_DIRECTION, "\ufffd")
        .str.replace_all("\x1a", "\ufffd", literal=True)
    )
    return text.clone().scatter(rows, some.to_frame().select(cleaned).to_series())


def clean_name(name: str) -> str:
    """A hostile file name or label as one short printable line."""
    return str(clean_text(pl.Series([name]))[0]).replace("\n", " ").replace("\t", " ")[:200]
