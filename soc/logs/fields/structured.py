"""Pairs that stand in a line's header and not in its message: the structured data of RFC 5424."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from soc.logs.formats import all_formats
from soc.logs.general.extensions import colon_pairs, key_value_pairs
from soc.logs.general.reader import read_written_pairs
from soc.logs.text.display import clean_text

#: What these tell is of the sending program and its clock.
_OF_SENDER = r"\[(?:origin|timeQuality|meta)\b[^\]]*\]"


def with_structured(
    pairs: Mapping[str, pl.Series], text: pl.Series, format: pl.Series
) -> dict[str, pl.Series]:
    """`pairs` (what bodies say, a row a line), filled up by what the headers of `text` hold in pairs."""
    found = dict(pairs)
    for one in all_formats():
        if one.header is None or not one.header.structured:
            continue
        rows = (format == one.name).arg_true()
        if len(rows):
            _fill_up(found, text.gather(rows).str.extract(one.header.structured, 1), rows, len(text))
    return found


def _fill_up(found: dict[str, pl.Series], data: pl.Series, rows: pl.Series, size: int) -> None:
    data = data.str.replace_all(_OF_SENDER, "")
    there = data.str.contains_any(['="', ':"']).fill_null(False)
    rows = rows.filter(there)
    read = [_read(one) for one in data.filter(there).to_list()]
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, size)
    for name in sorted({name for one in read for name in one}):
        said = clean_text(nothing.clone().scatter(rows, [one.get(name) for one in read]))
        found[name] = pl.select(pl.coalesce(found[name], said)).to_series() if name in found else said


@lru_cache(maxsize=5_000)
def _read(data: str) -> Mapping[str, str]:
    return read_written_pairs(key_value_pairs(data) or colon_pairs(data))
