"""`last message repeated 6 times`: what the line before says, as often again."""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.logs.formats.kit.continued import REPEATED
from soc.logs.text.eager import take

_LINE = rf"^(?:---? ?)?(?:(\S{{1,100}}) )?{REPEATED} \d{{1,6}} times?\W*$"
#: What such a line has from the one before; its time is its own.
_TAKEN = (
    "host.name", "process.name", "user.name", "user.target.name", "user.domain", "source.ip", "source.port", "destination.ip",
    "destination.port", "event.action", "event.kind", "event.category", "event.type", "event.outcome", "network.transport",
)  # fmt: skip


def tell_repeated(fields: pl.DataFrame) -> pl.DataFrame:
    """`fields` (with `body`), in which such lines have what the line before them says, where that is of the same host."""
    body = fields["body"]
    if not body.str.contains(REPEATED, literal=True).any():
        return fields
    again = body.str.contains(_LINE).fill_null(False).to_numpy()
    before = np.maximum.accumulate(np.where(again, -1, np.arange(len(body))))
    rows = np.flatnonzero(again & (before >= 0))
    if not len(rows):
        return fields
    host = pl.coalesce(pl.col("host.name"), pl.col("body").str.extract(_LINE, 1))
    said = fields[pl.Series(rows)].select(host.alias("h")).to_series()
    theirs = take(fields["host.name"], before[rows])
    same = (said.is_null() | (said == theirs)).fill_null(False)
    rows = rows[same.to_numpy()]
    return fields.with_columns(
        fields[name].clone().scatter(pl.Series(rows), take(fields[name], before[rows])) for name in _TAKEN
    )
