"""Where an expression's group stands in texts: Polars tells what a group holds, not where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import polars as pl

from soc.logs.text.eager import groups_in, is_there, take
from soc.logs.text.views import Ints

_FLAGS = re.compile(r"\(\?[a-z]+\)")
#: So many answers to one expression are remembered.
_REMEMBERED = 20_000


def find_each(texts: pl.Series, values: pl.Series) -> pl.Series:
    """Row for row the byte at which the value stands first in the text, null where it does not."""
    some = pl.DataFrame({"text": texts, "value": values})
    if len(texts) < 2:
        # Of one row alone Polars compiles the value as an expression: 25 s for one of 64 KiB. Of several it searches each.
        some = some.vstack(some.clear(1))
    found = some.select(pl.col("text").str.find(pl.col("value"), literal=True)).to_series()
    return found.head(len(texts))


def find_group(texts: pl.Series, pattern: str) -> tuple[Ints, Ints]:
    """Where the pattern's first group stands in each text: its first byte, and how many it has; -1 where it finds none.

    The group must not stand within another, nor anything beside it be divided by a `|`; else ValueError.
    """
    before, group, after = group_apart(pattern)
    begin, size = np.zeros(len(texts), np.int64), np.full(len(texts), -1, np.int64)
    flags = _flags_of(pattern)
    found = groups_in(texts, f"{flags}(?P<before_>{before})(?P<found_>{group})(?P<after_>{after})")
    found = found.with_columns(texts.alias("text"))
    rows = pl.Series(np.flatnonzero(is_there(found["found_"])))
    if not len(rows):
        return begin, size
    hits = found[rows].with_columns(pl.concat_str("before_", "found_", "after_").alias("whole"))
    hits = hits.with_columns(find_each(hits["text"], hits["whole"]).alias("at"))
    # the same words once more behind that, or characters of several bytes: it is not known which of them was found
    behind = hits.select(pl.col("text").str.slice(pl.col("at") + 1)).to_series()
    wide = hits["text"].str.len_bytes() != hits["text"].str.len_chars()
    unclear = (find_each(behind, hits["whole"]).is_not_null() | wide).arg_true()
    hit = rows.to_numpy()
    begin[hit] = (
        hits.select(pl.col("at").cast(pl.Int64) + pl.col("before_").str.len_bytes()).to_series().to_numpy()
    )
    size[hit] = hits["found_"].str.len_bytes().cast(pl.Int64).to_numpy()
    if len(unclear):
        from_begin = f"{flags}^(?P<before_>(?s:.*?){before})(?:{group}){after}"
        led = groups_in(take(hits["text"], unclear), from_begin)["before_"]
        begin[hit[unclear.to_numpy()]] = led.str.len_bytes().cast(pl.Int64).to_numpy()
    return begin, size


def remember_group(texts: pl.Series, pattern: str) -> tuple[Ints, Ints]:
    """The same for an expression that costs much: what was asked for an earlier block is not asked again."""
    known = _remembered(pattern)
    listed = texts.to_list()
    found = {
        text: known.get(text) for text in dict.fromkeys(listed)
    }  # another thread may forget them meanwhile
    new = [text for text, place in found.items() if place is None]
    if new:
        begin, size = find_group(pl.Series(new), pattern)
        fresh = dict(zip(new, zip(begin.tolist(), size.tolist(), strict=True), strict=True))
        found.update(fresh)
        if len(known) + len(fresh) > _REMEMBERED:
            known.clear()
        known.update(fresh)
    places = np.array([found[text] for text in listed], np.int64).reshape(-1, 2)
    return places[:, 0], places[:, 1]


@lru_cache(maxsize=16)
def _remembered(_: str) -> dict[str, tuple[int, int]]:
    return {}


def _flags_of(pattern: str) -> str:
    flags = _FLAGS.match(pattern)
    return flags[0] if flags else ""


@lru_cache(maxsize=256)
def group_apart(pattern: str) -> tuple[str, str, str]:
    """What stands before the pattern's first group (without flags), in it, and behind it."""
    body = pattern[len(_flags_of(pattern)) :]
    depth, opened, closed = 0, -1, -1
    for at, one in _outside_of_classes(body):
        if one == "(" and not depth and opened < 0 and body[at + 1] != "?":
            opened = at
        depth += (one == "(") - (one == ")")
        if one == ")" and not depth and opened >= 0 > closed:
            closed = at
        if one == "|" and not depth:
            break
    else:
        if closed >= 0:
            return body[:opened], body[opened + 1 : closed], body[closed + 1 :]
    raise ValueError(f"no group that stands by itself in {pattern!r}")


def _outside_of_classes(body: str) -> Iterator[tuple[int, str]]:
    """The characters that mean what they are in an expression, and where they stand."""
    at, listed = 0, False
    while at < len(body):
        one = body[at]
        if one == "\\":
            at += 1
        elif listed:
            listed = one != "]" or body[at - 1] == "["
        elif one == "[":
            listed = True
        else:
            yield at, one
        at += 1
