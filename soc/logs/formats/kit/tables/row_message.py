"""What a row of a table says to people: its message, the title of what was found, or the row where nobody knows which column it is."""

from __future__ import annotations

import re

import polars as pl

from soc.logs.formats.kit.declare import Table


def said_in(text: pl.Series, title: pl.Series, raw: pl.Series, shape: Table) -> pl.Series:
    """The message with the title of what was found before it; the whole row where the column that was guessed is empty in it."""
    frame = pl.DataFrame({"text": text, "title": title, "raw": raw})
    told = pl.col("title").str.strip_chars()
    apart = (told.str.len_bytes() > 0) & (told != pl.col("text").str.strip_chars())
    both = pl.concat_str(told, pl.col("text"), separator=": ")
    said = (
        pl.when(apart & (pl.col("text").str.len_bytes() > 0))
        .then(both)
        .when(apart)
        .then(told)
        .otherwise("text")
    )
    if shape.guessed:
        # nobody called this column the message: that it is empty says nothing of the row
        some = pl.col("raw").str.contains(rf"[^{re.escape(shape.delimiter)}\"\s]")
        said = (
            pl.when((pl.col("text").str.strip_chars().str.len_bytes() == 0) & ~apart.fill_null(False) & some)
            .then("raw")
            .otherwise(said)
        )
    return frame.select(said.alias("text")).to_series()
