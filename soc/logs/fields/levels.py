"""A level that stands where a header has the host: `2026-03-01T02:05:00Z ERROR auth: …`."""

from __future__ import annotations

import polars as pl

from soc.logs.general.sender.scales import LEVEL_WORDS


def no_level_as_host(head: pl.DataFrame) -> pl.DataFrame:
    """`head` with such words as `log.level` and without a host in these rows."""
    host = head["host.name"]
    if host.null_count() == len(host):
        return head
    word = pl.col("host.name")
    level = word.str.len_bytes().is_between(3, 9) & word.str.to_lowercase().is_in(list(LEVEL_WORDS))
    if not head.select(level.fill_null(False).any()).item():
        return head
    said = [pl.coalesce("log.level", pl.when(level).then(word))] if "log.level" in head.columns else []
    return head.with_columns(
        *(one.alias("log.level") for one in said or [pl.when(level).then(word)]),
        pl.when(~level | level.is_null()).then(word).alias("host.name"),
    )
