"""Lines that carry another line: what a container said, what a relay or a collector handed on under a header of its own.

What is inside is read as itself, with its own header; what that does not say (a host, a time with a zone) is the carrier's.
"""

from __future__ import annotations

import polars as pl

from soc.logs.formats import all_formats, names_of
from soc.logs.formats.kit.expressions import read_by_expression
from soc.logs.text.eager import take
from soc.logs.text.times import kinds_of

#: A header of its own: a priority, a date with a clock, a version of syslog and a date, or a request as servers log it.
_CLOCK = r"\d\d:\d\d:\d\d"
_BEGINS = rf"(?:<\d{{1,3}}>\S|[A-Z][a-z]{{2}} [ \d]\d {_CLOCK}[ .]|\d{{4}}-\d\d-\d\d[T ]{_CLOCK}|1 \d{{4}}-\d\d-\d\dT{_CLOCK})"
_OWN = rf"^(?:{_BEGINS}|[\w.:-]{{3,80}} \S{{1,64}} \S{{1,64}} \[\d{{1,2}}/[A-Z][a-z]{{2}}/\d{{4}}:)"
#: The relay's name stands before it.
_RELAYED = rf"^[\w.:-]{{1,100}} ({_BEGINS})"
#: A syslog line of the newer kind whose priority was taken off by who handed it on.
_UNTAGGED = r"^(1 \d{4}-\d\d-\d\dT)"
_ZONED = r"(?:Z|[+-]\d\d:?\d\d)$"

#: The column of the lines that were carried, null where a line carries none.
CARRIED = "carried"


def read_carried(head: pl.DataFrame) -> pl.DataFrame:
    """`head` as `split_header` gives it, with CARRIED, and of lines that carry one what that line's own header says."""
    nothing = pl.Series(CARRIED, [None], dtype=pl.String).new_from_index(0, len(head))
    carriers = names_of(lambda one: one.header is not None and one.header.carries)
    body = head["body"]
    rows = (head["format"].is_in(carriers) & body.str.contains(rf"{_OWN}|{_RELAYED}")).arg_true()
    if not len(rows):
        return head.with_columns(nothing)
    text = take(body, rows).str.replace(_RELAYED, "${1}").str.replace(_UNTAGGED, "<13>${1}")
    inner = read_by_expression(text, all_formats())
    fits = inner["format"] != ""
    rows, inner, text = rows.filter(fits), inner.filter(fits), text.filter(fits)
    if not len(rows):
        return head.with_columns(nothing)
    outer = head[rows]
    # a time without a zone says less than the carrier's, where that has one
    better = kinds_of(inner["time"]).is_not_null() & (
        inner["time"].str.contains(_ZONED) | outer["naive"] | ~outer["read"] & ~_zoned(outer["time"])
    ).fill_null(False)
    names = [name for name in inner.columns if name not in ("format", "body", "time")]
    columns = {
        "format": inner["format"],
        "body": inner["body"],
        "time": pl.select(pl.when(better).then(inner["time"]).otherwise(outer["time"])).to_series(),
        "read": outer["read"] & ~better,
        "naive": outer["naive"] & ~better,
        "yearless": outer["yearless"] & ~better,
        **{name: pl.select(pl.coalesce(inner[name], outer[name])).to_series() for name in names},
    }
    return head.with_columns(
        nothing.scatter(rows, text),
        *(head[name].clone().scatter(rows, column).alias(name) for name, column in columns.items()),
    )


def _zoned(time: pl.Series) -> pl.Series:
    return time.str.contains(_ZONED).fill_null(False)
