"""Headers of a column of lines: from the block's bytes where that is possible, else by expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.logs.formats.kit.declare import Format, Header
from soc.logs.formats.kit.expressions import header_fields, read_by_expression, with_header
from soc.logs.formats.kit.headers import NONE, UNDECIDED, Claim, Headers
from soc.logs.formats.kit.lines import Lines
from soc.logs.text.clocks import Flags
from soc.logs.text.eager import take
from soc.logs.text.views import Ints, text_views


@dataclass(frozen=True)
class Slices:
    """Where the texts of a column stand in a block's bytes. Rows that are not `plain` are not used."""

    padded: bytes
    starts: Ints
    ends: Ints
    plain: npt.NDArray[np.bool_]


_UNREAD = (
    pl.lit(None, dtype=pl.Int64).alias("micros"),
    pl.lit(False).alias("naive"),
    pl.lit(False).alias("yearless"),
    pl.lit(False).alias("read"),
)


def split_header(text: pl.Series, formats: Sequence[Format], slices: Slices | None = None) -> pl.DataFrame:
    """One row a line: `format` ("" where none fits), `time`, `body` (never null) and the ECS fields of the headers.

    With `slices` the usual lines are read from the bytes; their times are then in `micros` (null where impossible),
    `naive` and `yearless`, and `read` says so. Other lines' times are text in `time`.
    """
    if slices is None or not len(text):
        return read_by_expression(text, formats).with_columns(*_UNREAD)
    headers = read_headers(Lines(slices.padded, slices.starts, slices.ends), text, formats)
    decided = (headers.format != UNDECIDED) & slices.plain
    names = pl.Series(["", *(name for name, _ in with_header(formats))], dtype=pl.String)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(text))
    frame = pl.DataFrame(
        {
            "format": take(names, np.maximum(headers.format + 1, 0)),
            "time": nothing,
            "body": text_views(slices.padded, headers.body, headers.body_end - headers.body),
            **{
                name: text_views(slices.padded, *headers.slices[name]) if name in headers.slices else nothing
                for name in header_fields(formats)
            },
            "micros": headers.micros,
            "naive": headers.naive,
            "yearless": headers.yearless,
            "read": decided & (headers.format >= 0),
            "timed": headers.timed,
        }
    )
    frame = frame.with_columns(pl.when("timed").then("micros").alias("micros")).drop("timed")
    rest = np.flatnonzero(~decided)
    if not len(rest):
        return frame
    slow = read_by_expression(take(text, rest), formats).with_columns(*_UNREAD)
    order = np.arange(len(text))
    order[rest] = len(text) + np.arange(len(rest))
    return pl.concat([frame, slow.select(frame.columns)]).select(pl.all().gather(order))


def read_headers(lines: Lines, text: pl.Series, formats: Sequence[Format]) -> Headers:
    """What the byte readers of the formats decide. A line that an earlier format without reader takes is left alone."""
    headers = Headers(lines.starts, lines.ends)
    possible = np.zeros(len(lines), np.bool_)
    unread: list[tuple[int, Header, Flags]] = []
    for number, (_, header) in enumerate(with_header(formats)):
        may_be = _may_be(lines, header)
        possible |= may_be
        if header.fast is None:
            unread.append((number, header, may_be))
        else:
            header.fast(lines, Claim(headers, number, header.fields))
    for number, header, may_be in unread:
        rows = np.flatnonzero(may_be & (headers.format > number))
        if len(rows):
            fits = take(text, rows).str.contains(header.expression).to_numpy()
            headers.format[rows[fits]] = UNDECIDED
    headers.format[~possible] = NONE
    return headers


def _may_be(lines: Lines, header: Header) -> Flags:
    """Lines that are not of the format for certain are False."""
    if header.may_be is not None:
        return lines.once(header.may_be)
    if header.sign:
        return lines.holding(header.sign)
    if not header.begins:
        return np.ones(len(lines), np.bool_)
    first = np.zeros(256, np.bool_)
    for character in header.begins:
        first[character.encode()[0]] = True
    return np.asarray(first[lines.first], np.bool_)
