"""What has been read of a block's lines, as the stages want it; and where in the line a field's value stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from soc.detection.judging.scanning.scan import Ints
from soc.detection.judging.stage import NOBODY
from soc.domain.event import ECS_FIELDS
from soc.logs.text.eager import take
from soc.logs.text.placed import find_each
from soc.logs.text.shapes import Shapes, shapes_of

#: What can decide, by its place: the ECS fields, and the message's words.
FIELDS = (*ECS_FIELDS, "message")
PLACES = {name: place for place, name in enumerate(FIELDS)}


@dataclass(frozen=True)
class Facts:
    """Row for row: `fields` (every ECS field), `body` (the message without its header), `raw` (the line), `format`.

    `known` are the body's shapes, where they are known already.
    `sizes` are the lines' bytes in the file: where `raw` has as many, a place in it is a place in the file. `said`: what the
    sender calls it in words of its own (`said.…`).
    """

    fields: pl.DataFrame
    body: pl.Series
    raw: pl.Series
    format: pl.Series
    sizes: Ints
    said: pl.DataFrame = field(default_factory=pl.DataFrame)
    known: Shapes | None = None

    @property
    def deed(self) -> pl.Series:
        """What a service's audit record says that was done, null where a line is none."""
        if "said.deed" in self.said.columns:
            return self.said["said.deed"]
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(self))

    @cached_property
    def shapes(self) -> Shapes:
        """The body's."""
        return self.known if self.known is not None else shapes_of(self.body)

    def __len__(self) -> int:
        return len(self.body)


def spans_of_words(facts: Facts, words: pl.Series) -> tuple[Ints, Ints]:
    """Of each line with `words` (null where there are none): where they stand in it, or NOBODY."""
    start = np.full(len(facts), NOBODY, np.int64)
    end = start.copy()
    rows = words.is_not_null().arg_true().to_numpy()
    if len(rows):
        _place(facts, rows, take(words, rows), start, end)
    return start, end


def spans_of(facts: Facts, field: Ints) -> tuple[Ints, Ints]:
    """Of each line with a `field` (a place in FIELDS, NOBODY where none decided): where its value stands, or NOBODY."""
    start = np.full(len(facts), NOBODY, np.int64)
    end = start.copy()
    for place in np.unique(field[field >= 0]).tolist():
        rows = np.flatnonzero(field == place)
        value = facts.body if FIELDS[place] == "message" else facts.fields[FIELDS[place]].cast(pl.String)
        _place(facts, rows, take(value, rows), start, end)
    return start, end


def _place(facts: Facts, rows: Ints, values: pl.Series, start: Ints, end: Ints) -> None:
    """Write into `start` and `end` where the values stand in their lines, where that is known."""
    some = pl.DataFrame({"raw": take(facts.raw, rows), "value": values})
    some = some.with_columns(find_each(some["raw"], some["value"]).alias("at"))
    other = some["at"].is_null().arg_true()
    if len(other):
        some = some.with_columns(some["at"].scatter(other, _in_small_letters(some[other])))
    found = some.select(
        pl.col("at").cast(pl.Int64).alias("start"),
        pl.col("value").str.len_bytes().cast(pl.Int64).alias("size"),
        pl.col("raw").str.len_bytes().cast(pl.Int64).alias("all"),
    ).fill_null(NOBODY)
    first, size = found["start"].to_numpy(), found["size"].to_numpy()
    known = (first >= 0) & (size > 0) & np.equal(found["all"].to_numpy(), facts.sizes[rows])
    start[rows] = np.where(known, first, NOBODY)
    end[rows] = np.where(known, first + size, NOBODY)


def _in_small_letters(some: pl.DataFrame) -> pl.Series:
    """Where `value` stands in `raw` if it is written otherwise than it is kept: `ERROR`, kept as `error`."""
    lower = some["raw"].str.to_lowercase()
    at = find_each(lower, some["value"].str.to_lowercase())
    return at.set(lower.str.len_bytes() != some["raw"].str.len_bytes(), None)
