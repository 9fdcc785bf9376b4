"""The name of a zone that stands behind a time, at the beginning of what follows it: `10:20:30.123 CEST [77] …`."""

from __future__ import annotations

import polars as pl

from soc.logs.text.spoken_times import ZONES, minutes_east

#: Names that several zones have: a time that one of them follows is none that anybody can tell.
_SEVERAL = ("IST", "AST", "ADT", "ECT", "GST", "PYT", "WST")
_EAST = {name.upper(): minutes for name, minutes in ZONES.items() if len(name) > 1}
#: A place: how far it is from UTC depends on the day, which nobody looks up here.
_PLACE = r"(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z][A-Za-z_/]{2,30}"
_NAMED = rf"^[\[(]?({_PLACE}|(?:UTC|GMT)[+-]\d{{1,2}}(?::?\d\d)?|{'|'.join(sorted({*_EAST, *_SEVERAL}, key=len, reverse=True))})[\])]?(?:[\s:,]+|$)"
_MINUTE = 60_000_000


def take_zones(head: pl.DataFrame) -> pl.DataFrame:
    """`body` without the zone's name and the time in it; `head` has `body`, `time` (text) or `micros`, `naive` and `read`."""
    body = head["body"]
    rows = body.str.contains(_NAMED) & (
        head["naive"] | head["time"].str.contains(r":\d\d(?:[.,]\d{1,9})?(?: ?[AaPp][Mm])?$")
    ).fill_null(False)
    if not rows.fill_null(False).any():
        return head
    zone = pl.col("body").str.extract(_NAMED, 1)
    said = {
        name: minutes_east(name)
        for name in body.filter(rows.fill_null(False)).str.extract(_NAMED, 1).unique().to_list()
    }
    east = zone.replace_strict(said, default=None, return_dtype=pl.Int64)
    there = pl.lit(rows.fill_null(False))
    fast = there & pl.col("read")
    return head.with_columns(
        pl.when(fast).then(pl.col("micros") - east * _MINUTE).otherwise("micros").alias("micros"),
        pl.when(there).then(False).otherwise("naive").alias("naive"),
        pl.when(there & ~pl.col("read"))
        .then(pl.concat_str("time", zone, separator=" "))
        .otherwise("time")
        .alias("time"),
        pl.when(there).then(pl.col("body").str.replace(_NAMED, "")).otherwise("body").alias("body"),
    )
