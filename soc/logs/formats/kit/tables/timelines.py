"""Tables of rules that fired, a row a hit: the sender's verdict is the rule's title and, where it has one, its level."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from soc.logs.general.sender.scales import GRAVITIES, gravity_of
from soc.logs.general.sender.signs import DETECTION, GRAVITY, KIND

#: Columns that only such a table has, and the one that says how grave the rule is.
_TITLES, _LEVEL = ("ruletitle", "detections"), "level"
#: As such tables abbreviate the gravest; where no level is said the rule fired nevertheless.
_GRAVEST, _UNSAID = "crit", "medium"


def columns_of_hits(names: Sequence[str]) -> tuple[int, ...]:
    """The numbers of the columns with title and level (-1: none); empty where it is no such table."""
    plain = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in names]
    title = next((plain.index(name) for name in _TITLES if name in plain), -1)
    return (title, plain.index(_LEVEL) if _LEVEL in plain else -1) if title >= 0 else ()


def read_hits(title: pl.Series, level: pl.Series | None) -> dict[str, pl.Series]:
    """`event.kind`, `event.detection` and `event.gravity` of rules that fired; those below medium are events."""
    said = pl.Series([_UNSAID]).new_from_index(0, len(title)) if level is None else level
    words = {value: _gravity(value) for value in said.drop_nulls().unique().to_list()}
    gravity = said.replace_strict(words, default=None, return_dtype=pl.String)
    there = pl.col("title").str.strip_chars() != ""
    alert = there & pl.col("gravity").is_in(list(GRAVITIES[2:]))
    frame = pl.DataFrame({"title": title, "gravity": gravity}).select(
        pl.when(alert).then(pl.lit("alert")).when(there).then(pl.lit("event")).alias(KIND),
        pl.when(alert).then("title").alias(DETECTION),
        pl.when(there).then("gravity").alias(GRAVITY),
    )
    return {name: frame[name] for name in frame.columns}


def _gravity(value: str) -> str | None:
    plain = value.strip().lower()
    return "critical" if plain == _GRAVEST else gravity_of(plain) or None
