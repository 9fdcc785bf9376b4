"""ECS fields of a column of lines: the header's, then what a search in the rest finds."""

from __future__ import annotations

import polars as pl

from soc.domain.event import ECS_FIELDS
from soc.logs.fields.carried import CARRIED, read_carried
from soc.logs.fields.checks import check_values, tidy_header, tidy_name
from soc.logs.fields.levels import no_level_as_host
from soc.logs.fields.named_zones import take_zones
from soc.logs.fields.outcomes import told_outcomes
from soc.logs.fields.repeated import tell_repeated
from soc.logs.fields.search import find_times, search_fields
from soc.logs.fields.structured import with_structured
from soc.logs.formats import all_formats, names_of
from soc.logs.formats.kit.bodies import read_statements
from soc.logs.formats.kit.split import Slices, split_header
from soc.logs.general.reader import SAID_FIELDS, TIME, read_bodies
from soc.logs.text.requests import METHODS
from soc.logs.text.shapes import Shapes, shapes_of
from soc.logs.text.times import kinds_of

#: Beside the fields: the line's format, what is left of the line, and what `split_header` says of the time.
_BESIDE = ("format", "header", "body", CARRIED, "time", "micros", "naive", "yearless", "read")

#: What a header tells better than the statement under it.
_OF_HEADER = ("host.name", "process.name", "process.pid")

_ACTION = "event.action"


def extract_fields(text: pl.Series, slices: Slices | None = None) -> tuple[pl.DataFrame, Shapes]:
    """Every ECS field and what the sender says (null where there is none), `body` and the time as in `split_header`; one row a line. And the shapes of the bodies.

    `header`: the format of the line's header, "" where none fits; `format`: the one that says most of the line.
    """
    head = no_level_as_host(take_zones(read_carried(split_header(text, all_formats(), slices))))
    closed = names_of(lambda one: one.header is not None and not one.header.search_body)
    bodies = [(one.name, one.body) for one in all_formats() if one.body is not None]
    said = read_statements(head["body"], head["process.name"], head["format"], bodies)
    searched = ~(head["format"].is_in(closed) | said.told)
    shapes = shapes_of(head["body"])
    found = search_fields(head, searched, shapes)
    within = read_bodies(shapes, searched)
    pairs = with_structured(within, text, head["format"])
    if "destination.ip" in pairs and "source.ip" in found.columns:
        # an address that a key calls the destination is none that was found for the source
        victim = (found["source.ip"] == pairs["destination.ip"]).fill_null(False)
        found = found.with_columns(pl.when(~victim).then("source.ip").alias("source.ip"))
    if TIME in said.fields:
        pairs[TIME] = _first([said.fields[TIME], *([pairs[TIME]] if TIME in pairs else [])], len(text))
    head = head.with_columns(
        pl.col("format").alias("header"),
        pl.select(pl.when(said.format != "").then(said.format).otherwise(head["format"]))
        .to_series()
        .alias("format"),
    )
    columns: list[pl.Series] = []
    for name in ECS_FIELDS:
        given = [said.fields[name]] if name in said.fields else []
        header = [tidy_header(name, head[name])] if name in head.columns else []
        given = header + given if name in _OF_HEADER else given + header
        # a record within a line tells of what runs and where; the header of who handed it on
        told = [pairs[name]] if name in pairs else []
        if (
            name == _ACTION
        ):  # a record within a line says what was done; its header's number of a message only what kind it is
            given = (
                ([said.fields[name]] if name in said.fields else [])
                + ([within[name]] if name in within else [])
                + header
            )
        given = told + given if name in _OF_HEADER else given + told
        given += [found[name]] if name in found.columns else []
        columns.append(check_values(name, tidy_name(name, _first(given, len(text)))))
    nothing = pl.lit(None, dtype=pl.String)
    columns += [pairs[name].alias(name) for name in SAID_FIELDS if name in pairs]
    fields = (
        head.select(_BESIDE)
        .hstack(columns)
        .with_columns(
            pl.coalesce(
                "http.request.method", pl.when(pl.col("event.action").is_in(METHODS)).then("event.action")
            ).alias("http.request.method"),
            *(nothing.alias(name) for name in SAID_FIELDS if name not in pairs),
        )
    )
    fields = tell_repeated(
        fields.with_columns(told_outcomes(fields, shapes, searched).alias("event.outcome"))
    )
    if TIME in pairs:  # the event's own time before the one of the line's header
        own = pairs[TIME].is_not_null() & kinds_of(pairs[TIME]).is_not_null()
        fields = fields.with_columns(
            pl.when(own).then(pairs[TIME]).otherwise("time").alias("time"),
            pl.when(own).then(False).otherwise("read").alias("read"),
        )
    timeless = ~fields["read"] & fields["time"].is_null()
    if timeless.any():
        found_times = find_times(shapes, timeless)
        fields = fields.with_columns(pl.coalesce("time", found_times.alias("said")).alias("time"))
    # a port in a message means little without the address that it belongs to
    return fields.with_columns(
        pl.when(pl.col("source.ip").is_not_null()).then("source.port").alias("source.port")
    ), shapes


def _first(columns: list[pl.Series], size: int) -> pl.Series:
    if not columns:
        return pl.Series([None], dtype=pl.String).new_from_index(0, size)
    return columns[0] if len(columns) == 1 else pl.select(pl.coalesce(columns)).to_series()
