"""One block from bytes to its part of the events file and its share of the groups. Runs in the pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from soc.analysis.events_file import write_part
from soc.detection.detectors.groups import AuthTrail, auth_trail, partial_groups
from soc.detection.scan import find_matches, use_cache
from soc.detection.signatures import SIGNATURES
from soc.detection.verdict import CLASSES, Verdicts, judge, silence
from soc.domain.event import EVENT_COLUMNS
from soc.domain.severity import severity_of
from soc.logs.formats.families import SYSLOG_FAMILIES
from soc.logs.formats.fields import Slices, extract_fields
from soc.logs.layout import Block, Layout, LogFormat
from soc.logs.opening.blocks import Loaded, capped, load_block
from soc.logs.records import Records, read_records
from soc.logs.text.addresses import valid_addresses
from soc.logs.text.display import clean_lines, clean_text
from soc.logs.text.templates import mask_messages, template_ids
from soc.logs.text.times import kinds_of, read_clocks, stamped

_TYPES: Mapping[str, pl.DataType] = {
    "int64": pl.Int64(), "int16": pl.Int16(), "float64": pl.Float64(), "string": pl.String(),
    "timestamp[us, UTC]": pl.Datetime("us", "UTC"),
}  # fmt: skip

#: Schema of the events file, in its order.
EVENT_SCHEMA: dict[str, pl.DataType] = {name: _TYPES[kind] for name, kind in EVENT_COLUMNS}

_CLASS_NAMES = pl.Series([c.value for c in CLASSES])
_RULE_IDS = pl.Series([s.id for s in SIGNATURES], dtype=pl.String)
_FIELD_NAMES = tuple(name for name in EVENT_SCHEMA if "." in name)


@dataclass(frozen=True)
class BlockResult:
    """What the parent needs of a block. The lines themselves are in the part file."""

    file: int
    block: int
    bytes_done: int
    lines_in: int
    rejected_by_reason: dict[str, int]
    by_class: dict[str, int]
    by_severity: dict[str, int]
    templates: pl.DataFrame
    groups: pl.DataFrame
    trail: AuthTrail
    invalid_bytes: int = 0
    nuls: int = 0
    naive_times: int = 0
    yearless_times: int = 0
    bad_times: int = 0
    long_lines: tuple[int, ...] = field(default=())


def part_name(file: int, block: int) -> str:
    return f"part-{file:04d}-{block:06d}.parquet"


def run_block(
    layout: Layout,
    block: Block,
    *,
    file: int,
    events_dir: Path,
    min_score: int,
    window_us: int,
    cache_dir: Path,
) -> BlockResult:
    """Read, scan, judge, mask and group one block; write its part of the events file."""
    use_cache(cache_dir)
    loaded = load_block(layout, block)
    records = read_records(loaded, layout)
    matches = silence(find_matches(loaded.data, records.starts, records.ends))
    verdicts = judge(matches, len(records.frame))
    events, times = build_events(layout, block, loaded, records, verdicts)
    events = events.with_columns(pl.lit(file, pl.Int32).alias("file_no"))
    groups, keyed = partial_groups(
        events,
        times["clock"],
        matches,
        records,
        loaded.data,
        verdicts,
        min_score=min_score,
        window_us=window_us,
    )
    trail = auth_trail(keyed, times["clock"], block.index)
    write_part(keyed.drop("file_no"), events_dir / part_name(file, block.index))
    rejected = events["rejected_reason"].null_count() < len(events)
    parsed = events.filter(pl.col("rejected_reason").is_null()) if rejected else events
    return BlockResult(
        file=file,
        block=block.index,
        bytes_done=block.end - block.start,
        lines_in=len(events),
        rejected_by_reason=_counts(events["rejected_reason"].drop_nulls()),
        by_class=_counts(parsed["classification"]),
        by_severity=_by_severity(parsed["score"]),
        templates=count_templates(parsed),
        groups=groups.with_columns(pl.lit(block.index, pl.Int32).alias("block")),
        trail=trail,
        invalid_bytes=loaded.invalid_bytes,
        nuls=loaded.nuls,
        naive_times=int(times["naive"].sum()) - int(times["yearless"].sum()),
        yearless_times=int(times["yearless"].sum()),
        bad_times=int((times["clock"].is_null() & times["had_time"]).sum()),
        long_lines=tuple(line + block.first_line for line in records.long_lines)
        or ((block.first_line,) if block.load < block.end - block.start else ()),
    )


def _by_severity(scores: pl.Series) -> dict[str, int]:
    found: dict[str, int] = {}
    for score, count in _counts(scores).items():
        band = severity_of(int(score)).value
        found[band] = found.get(band, 0) + count
    return found


def _counts(values: pl.Series) -> dict[str, int]:
    frame = values.alias("v").value_counts(name="n")
    return {str(value): int(count) for value, count in zip(frame["v"], frame["n"], strict=True)}


def count_templates(events: pl.DataFrame) -> pl.DataFrame:
    """`template_id, template, n, score, classification`: the strongest verdict of each template."""
    return (
        events.group_by("template_id", "classification", "score")
        .agg(pl.first("template"), pl.len().alias("n"))
        .sort("score", "classification", descending=[True, False])
        .group_by("template_id", maintain_order=True)
        .agg(pl.first("template"), pl.sum("n").cast(pl.Int64), pl.first("score"), pl.first("classification"))
    )


def build_events(
    layout: Layout, block: Block, loaded: Loaded, records: Records, verdicts: Verdicts
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of the events file (plus `raw`) and, row for row, what is known of their times."""
    frame = records.frame
    shown, slices = _shown(loaded, records)
    fields = extract_fields(shown, slices)
    reason = _reasons(layout, frame, fields)
    times, had_time = _times(frame, fields)
    times = times.with_columns(had_time.alias("had_time"))
    syslog = fields["family"].is_in(["rfc5424", "rfc3164", "syslog-bare"])
    body = pl.select(
        pl.when(syslog & (fields["body"].str.len_bytes() > 0)).then(fields["body"]).otherwise(shown)
    ).to_series()
    template = mask_messages(fields["body"])
    fields = _overlay(fields, records.extra)
    known = pl.Series(verdicts.rule >= 0)
    line = frame["line"].to_numpy()
    judged = {
        "classification": _CLASS_NAMES.gather(verdicts.classification),
        "score": pl.Series(verdicts.score, dtype=pl.Int16),
        "confidence": pl.Series(verdicts.confidence),
        "rule_id": _only(known, _RULE_IDS.gather(np.maximum(verdicts.rule, 0))),
        "evidence_start": _only(known, pl.Series(verdicts.evidence_start)),
        "evidence_end": _only(known, pl.Series(verdicts.evidence_end)),
        "template_id": template_ids(template),
        "template": template,
        **{name: fields[name] for name in _FIELD_NAMES},
    }
    if reason.null_count() < len(reason):
        judged = {name: _only(reason.is_null(), column) for name, column in judged.items()}
    columns = {
        "line_no": pl.Series(line + block.first_line),
        "offset": pl.Series(loaded.line_starts[line] if len(line) else line),
        "source": clean_text(_sources(layout, frame, fields)),
        "message": body,
        "@timestamp": times["@timestamp"],
        "rejected_reason": reason,
        **judged,
        "raw": frame["raw"],
    }
    events = pl.DataFrame(columns).with_columns(
        pl.lit(layout.name).alias("file"), pl.lit(None, dtype=pl.String).alias("incident_id")
    )
    return events.select(*EVENT_SCHEMA, "raw").cast(dict(EVENT_SCHEMA)), times  # type: ignore[arg-type]


def _only(rows: pl.Series, column: pl.Series) -> pl.Series:
    """The column with null outside `rows`."""
    if rows.all():
        return column
    return pl.select(pl.when(rows).then(column)).to_series()


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
    """Fields that keys name win over those found in the message; numbers and addresses are checked."""
    if extra.is_empty() and not extra.columns:
        return fields
    over = extra.with_columns(
        valid_addresses(extra["source.ip"]),
        valid_addresses(extra["destination.ip"]),
        pl.col("log.level").str.to_lowercase(),
        *(
            pl.col(name).str.extract(r"^(\d{1,18})$", 1).cast(pl.Int64, strict=False)
            for name in ("process.pid", "source.port", "http.response.status_code")
        ),
    )
    return fields.with_columns(
        pl.select(pl.coalesce(over[name], fields[name]).alias(name)).to_series() for name in over.columns
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
