"""What the lines of a block say: fields, message, source, time, and why a line is refused. Row for row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from soc.logs.fields.checks import check_values
from soc.logs.formats.families import SYSLOG_FAMILIES
from soc.logs.formats.fields import Slices, extract_fields
from soc.logs.layout import Layout, LogFormat
from soc.logs.opening.blocks import Loaded, capped
from soc.logs.records import Records
from soc.logs.text.display import clean_lines, clean_text
from soc.logs.text.times import kinds_of, read_clocks, stamped


@dataclass(frozen=True)
class Reading:
    """One row a record. Nothing here has been judged.

    `fields`: the ECS fields. `message`: the text for people. `body`: the message without its header, of which templates
    are made. `times`: `clock`, `naive`, `yearless`, `@timestamp` (see `soc.logs.text.times`) and `had_time`.
    `reason`: why the line is refused, null where it is not.
    """

    fields: pl.DataFrame
    message: pl.Series
    body: pl.Series
    source: pl.Series
    times: pl.DataFrame
    reason: pl.Series


def read_lines(layout: Layout, loaded: Loaded, records: Records) -> Reading:
    """Read every record of a block."""
    frame = records.frame
    shown, slices = _shown(loaded, records)
    fields = extract_fields(shown, slices)
    times, had_time = _times(frame, fields)
    syslog = fields["family"].is_in(["rfc5424", "rfc3164", "syslog-bare"])
    message = pl.select(
        pl.when(syslog & (fields["body"].str.len_bytes() > 0)).then(fields["body"]).otherwise(shown)
    ).to_series()
    reason = _reasons(layout, frame, fields)
    body = fields["body"]
    fields = _overlay(fields, records.extra)
    return Reading(
        fields=fields,
        message=message,
        body=body,
        source=clean_text(_sources(layout, frame, fields)),
        times=times.with_columns(had_time.alias("had_time")),
        reason=reason,
    )


def _shown(loaded: Loaded, records: Records) -> tuple[pl.Series, Slices | None]:
    """The text for display, and where it stands in the block if it does."""
    text = records.frame["text"]
    if not records.is_text:
        return clean_text(text), None
    ends = records.starts + capped(loaded.array, records.starts, records.ends - records.starts)
    shown, plain = clean_lines(text, loaded.array, records.starts, ends)
    return shown, Slices(loaded.padded, records.starts, ends, plain)


def _reasons(layout: Layout, frame: pl.DataFrame, fields: pl.DataFrame) -> pl.Series:
    if not layout.strict_syslog:
        return frame["reason"]
    syslog = fields["family"].is_in(list(SYSLOG_FAMILIES))
    refused = pl.lit("the line is not syslog, the format that was chosen")
    return frame.select(pl.coalesce("reason", pl.when(~syslog).then(refused)).alias("reason")).to_series()


def _times(frame: pl.DataFrame, fields: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The format's own time column wins over a time found in the message; and which rows had a time at all."""
    own = frame["time"].str.strip_chars()
    has_own = own.str.len_bytes().fill_null(0) > 0
    if not has_own.any():
        text = fields["time"]
        rest = (~fields["read"]).arg_true()
        moments = pl.select(fields["micros"].alias("clock"), fields["naive"], fields["yearless"])
        if len(rest):
            slow = text.gather(rest)
            moments = pl.concat([moments, read_clocks(slow, kinds_of(slow))])
            order = np.arange(len(text))
            order[rest] = len(text) + np.arange(len(rest))
            moments = moments.select(pl.all().gather(order))
        return stamped(moments), fields["read"] | (text.is_not_null() & (text != "-"))
    text = pl.select(pl.when(has_own).then(own).otherwise(fields["time"])).to_series()
    return stamped(read_clocks(text, kinds_of(text))), text.is_not_null() & (text != "-")


def _overlay(fields: pl.DataFrame, extra: pl.DataFrame) -> pl.DataFrame:
    """Fields that keys name win over those found in the message."""
    if not extra.columns:
        return fields
    over = [check_values(name, extra[name]) for name in extra.columns]
    return fields.with_columns(
        pl.select(pl.coalesce(column, fields[column.name]).alias(column.name)).to_series() for column in over
    )


def _sources(layout: Layout, frame: pl.DataFrame, fields: pl.DataFrame) -> pl.Series:
    """The format's source column; else, for syslog, process or host; else the file's name."""
    own = frame["source"].str.strip_chars()
    fallback = pl.lit(layout.default_source)
    inner = pl.lit(None, dtype=pl.String)
    if layout.format is LogFormat.SYSLOG or layout.format is LogFormat.PLAIN:
        inner = pl.coalesce(fields["process.name"], fields["host.name"])
        inner = pl.when(fields["family"].is_in(list(SYSLOG_FAMILIES))).then(inner)
    return (
        pl.select(pl.coalesce(pl.when(own.str.len_bytes() > 0).then(own), inner, fallback).alias("source"))
        .to_series()
        .str.head(200)
    )
