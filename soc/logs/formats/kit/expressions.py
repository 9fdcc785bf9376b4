"""Parts of expressions that several formats share, and how a column of lines is read by expressions."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from soc.logs.formats.kit.declare import BODY, TIME, Format, Header
from soc.logs.text.addresses import OWN_NET
from soc.logs.text.compiled import keeps_compiled
from soc.logs.text.eager import find_groups

MONTH_TIME = r"[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d(?:\.\d{1,9})?"
ISO_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?"
PRIORITY = r"(?:<\d{1,3}>)"
_SOURCE = "source.ip"


def with_header(formats: Sequence[Format]) -> list[tuple[str, Header]]:
    """Name and header of those formats that have one, in their order."""
    return [(one.name, one.header) for one in formats if one.header is not None]


def header_fields(formats: Sequence[Format]) -> list[str]:
    """Every ECS field that some header gives."""
    headers = [header for _, header in with_header(formats)]
    told = {name for header in headers for name, _ in header.words.values()}
    return sorted(told.union(*(header.fields.values() for header in headers)))


@keeps_compiled
def read_by_expression(text: pl.Series, formats: Sequence[Format]) -> pl.DataFrame:
    """One row a line: `format` ("" where none fits), `time`, `body` (never null) and the fields of `header_fields`.

    Polars keeps the last 32 expressions compiled; one more in a block's round and it compiles all of them again, for
    tens of milliseconds. So an expression is tried only where it can fit.
    """
    fields = header_fields(formats)
    rest = pl.DataFrame({"text": text}).with_row_index("row")
    parts: list[pl.DataFrame] = []
    for name, header in with_header(formats):
        if rest.is_empty():
            break
        if header.begins and not _any_begins(rest["text"], header.begins):
            continue
        if header.sign and not rest["text"].str.contains(header.sign, literal=True).any():
            continue
        fits = rest["text"].str.contains(header.expression)
        if not fits.any():
            continue
        hit = rest.filter(fits).with_columns(find_groups("text", header.expression).alias("groups"))
        rest = rest.filter(~fits)
        parts.append(hit.select("row", pl.lit(name).alias("format"), *_columns(hit, header, fields)))
    parts.append(
        rest.select(
            "row",
            pl.lit("").alias("format"),
            _nothing(TIME),
            pl.col("text").alias(BODY),
            *(_nothing(field) for field in fields),
        )
    )
    return pl.concat(parts).sort("row").drop("row").with_columns(pl.col(BODY).fill_null(""))


def _columns(hit: pl.DataFrame, header: Header, fields: Sequence[str]) -> list[pl.Expr]:
    """The groups under the names of their fields, null where the format has no such field."""
    wanted: dict[str, list[str]] = {}
    for group in hit.schema["groups"].fields:  # type: ignore[attr-defined]
        own = group.name.split("__")[0]
        wanted.setdefault(header.fields.get(own, own), []).append(group.name)
    columns = {
        name: pl.coalesce(
            pl.col("groups").struct.field(group) for group in sorted(wanted[name], key=_comes_late)
        )
        for name in (TIME, BODY, *fields)
        if name in wanted
    }
    for group, (name, words) in header.words.items():
        said = pl.col("groups").struct.field(group)
        columns[name] = said.replace_strict(words, default=None, return_dtype=pl.String)
    if header.asked_for:
        peer, theirs = columns[_SOURCE], pl.col("groups").struct.field(header.asked_for)
        own = theirs.is_not_null() & peer.str.contains(OWN_NET).fill_null(True)
        columns[_SOURCE] = pl.when(own).then(theirs).otherwise(peer)
    return [
        columns[name].alias(name) if name in columns else _nothing(name) for name in (TIME, BODY, *fields)
    ]


def _comes_late(group: str) -> bool:
    """Groups of one field count in the order of the expression, but those called `…__0` come first."""
    return "__0" not in group


def _nothing(name: str) -> pl.Expr:
    return pl.lit(None, dtype=pl.String).alias(name)


def _any_begins(text: pl.Series, characters: str) -> bool:
    firsts = text.str.slice(0, 1).unique().to_list()
    return any(first and first in characters for first in firsts)
