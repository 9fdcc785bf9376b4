"""What the lines of a block say: fields, message, source, time, and why a line is refused. Row for row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from soc.domain.event import ECS_FIELDS
from soc.logs.fields.carried import CARRIED
from soc.logs.fields.checks import check_values
from soc.logs.fields.extract import extract_fields
from soc.logs.fields.inner_message import said_within
from soc.logs.fields.realms import part_realms
from soc.logs.formats import all_formats, names_of
from soc.logs.formats.kit.records import Records
from soc.logs.formats.kit.split import Slices
from soc.logs.general.reader import SAID_FIELDS
from soc.logs.layout import Layout
from soc.logs.text.compiled import keeps_compiled
from soc.logs.text.display import clean_lines, clean_text
from soc.logs.text.eager import take
from soc.logs.text.loaded import Loaded, capped
from soc.logs.text.shapes import Shapes
from soc.logs.text.times import kinds_of, read_clocks, stamped


@dataclass(frozen=True)
class Reading:
    """One row a record. Nothing here has been judged.

    `format`: of the line's header, "" where none fits. `fields`: the ECS fields. `said`: what the sender calls the event (SAID_FIELDS). `message`: the text for people. `body`: the message without its header, of which templates
    are made; `shapes`: its shapes. `times`: `clock`, `naive`, `yearless`, `@timestamp` (see `soc.logs.text.times`) and `had_time`.
    `reason`: why the line is refused, null where it is not.
    """

    format: pl.Series
    fields: pl.DataFrame
    said: pl.DataFrame
    message: pl.Series
    body: pl.Series
    shapes: Shapes
    source: pl.Series
    times: pl.DataFrame
    reason: pl.Series


def read_lines(layout: Layout, loaded: Loaded, records: Records) -> Reading:
    """Read every record of a block."""
    frame = records.frame
    shown, slices = _shown(loaded, records)
    lines, shapes = extract_fields(shown, slices)
    times, had_time = _times(frame, lines, layout)
    fields = part_realms(_overlay(lines.select(list(ECS_FIELDS)), records.extra))
    return Reading(
        format=lines["format"],
        fields=fields,
        said=_said(lines, records.extra),
        message=_messages(shown, lines, is_text=records.is_text),
        body=lines["body"],
        shapes=shapes,
        source=clean_text(_sources(layout, records, lines["header"], fields)),
        times=times.with_columns(had_time.alias("had_time")),
        reason=_reasons(layout, frame, lines["header"]),
    )


def _shown(loaded: Loaded, records: Records) -> tuple[pl.Series, Slices | None]:
    """The text for display, and where it stands in the block if it does."""
    text = records.frame["text"]
    if not records.is_text:
        return clean_text(text), None
    ends = records.starts + capped(loaded.array, records.starts, records.ends - records.starts)
    shown, plain = clean_lines(text, loaded.array, records.starts, ends)
    if len(records.starts) < len(loaded.starts):  # blank lines, or records of several
        newlines = np.flatnonzero(loaded.array == 10)
        plain &= np.searchsorted(newlines, ends) == np.searchsorted(newlines, records.starts)
    return shown, Slices(loaded.padded, records.starts, ends, plain)


def _messages(shown: pl.Series, lines: pl.DataFrame, *, is_text: bool) -> pl.Series:
    """The body where the format says so and there is one, else the line that is carried, else the line; of an object what it says."""
    headed = names_of(lambda one: one.header is not None and one.header.body_is_message)
    is_body = lines["header"].is_in(headed) & (lines["body"].str.len_bytes() > 0)
    line = pl.coalesce(lines[CARRIED], shown)
    message = pl.select(pl.when(is_body).then(lines["body"]).otherwise(line)).to_series()
    return said_within(message) if is_text else message


def _reasons(layout: Layout, frame: pl.DataFrame, format: pl.Series) -> pl.Series:
    """The format's own reason; and, where the user chose a format of lines, the lines that are not of it."""
    if not layout.only:
        return frame["reason"]
    other = ~format.is_in(list(layout.only))
    refused = pl.lit(f"the line is not {layout.format}, the format that was chosen")
    return frame.select(pl.coalesce("reason", pl.when(other).then(refused)).alias("reason")).to_series()


@keeps_compiled
def _times(frame: pl.DataFrame, lines: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, pl.Series]:
    """The format's own time column wins over a time found in the message; and which rows had a time at all."""
    own = frame["time"].str.strip_chars()
    has_own = own.str.len_bytes().fill_null(0) > 0
    if not has_own.any():
        text = lines["time"]
        rest = (~lines["read"]).arg_true()
        moments = pl.select(lines["micros"].alias("clock"), lines["naive"], lines["yearless"])
        if len(rest):
            slow = take(text, rest)
            moments = pl.concat([moments, read_clocks(slow, kinds_of(slow))])
            order = np.arange(len(text))
            order[rest] = len(text) + np.arange(len(rest))
            moments = moments.select(pl.all().gather(order))
        return stamped(moments, layout.as_of, layout.zone), lines["read"] | (
            text.is_not_null() & (text != "-")
        )
    text = pl.select(pl.when(has_own).then(own).otherwise(lines["time"])).to_series()
    return stamped(read_clocks(text, kinds_of(text)), layout.as_of, layout.zone), text.is_not_null() & (
        text != "-"
    )


def _overlay(fields: pl.DataFrame, extra: pl.DataFrame) -> pl.DataFrame:
    """Fields that keys name win over those found in the message."""
    named = [name for name in extra.columns if name in ECS_FIELDS]
    if not named:
        return fields
    # what a key says may hold what the line itself cannot: JSON writes controls as escapes
    over = [check_values(name, clean_text(extra[name])) for name in named]
    return fields.with_columns(
        pl.select(pl.coalesce(column, fields[column.name]).alias(column.name)).to_series() for column in over
    )


def _said(lines: pl.DataFrame, extra: pl.DataFrame) -> pl.DataFrame:
    """What keys say before what the message does."""
    return lines.select(
        pl.coalesce(clean_text(extra[name]), pl.col(name)).alias(name)
        if name in extra.columns
        else pl.col(name)
        for name in SAID_FIELDS
    )


def _sources(layout: Layout, records: Records, format: pl.Series, fields: pl.DataFrame) -> pl.Series:
    """What the file's format calls the source; else what the line's header does; else the file's name."""
    own = records.frame["source"].str.strip_chars()
    inner = pl.lit(None, dtype=pl.String)
    if records.is_text:
        for one in all_formats():
            if one.header is not None and one.header.source:
                named = pl.coalesce(fields[name] for name in one.header.source)
                inner = pl.when(format == one.name).then(named).otherwise(inner)
    fallback = pl.lit(layout.default_source)
    return (
        pl.select(pl.coalesce(pl.when(own.str.len_bytes() > 0).then(own), inner, fallback).alias("source"))
        .to_series()
        .str.head(200)
    )
