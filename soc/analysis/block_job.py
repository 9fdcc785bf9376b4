"""One block from bytes to its part of the events file and its share of what is found. Runs in the pool."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from soc.analysis.events_file import EVENT_SCHEMA, write_part
from soc.detection.block import JudgedBlock
from soc.detection.detect import BlockFindings, detect_in_block
from soc.detection.field_rule import DECIDERS
from soc.detection.judging.facts import FIELDS, Facts
from soc.detection.judging.hear import hear_stages
from soc.detection.judging.scanning.patterns import use_cache
from soc.detection.judging.scanning.scan import Matches, find_matches
from soc.detection.judging.score import CLASSES
from soc.detection.judging.stage import Spoken
from soc.detection.judging.verdict import Verdicts, judge
from soc.detection.judging.vetoes import silence
from soc.detection.model.ask import ask_model
from soc.detection.ruleset import Ruleset
from soc.domain.event import ECS_FIELDS
from soc.domain.severity import severity_of
from soc.logs.layout import Block, Layout
from soc.logs.opening.blocks import load_block
from soc.logs.reading import Reading, read_lines
from soc.logs.records import Records, read_records
from soc.logs.text.eager import take
from soc.logs.text.loaded import Loaded
from soc.logs.text.templates import mask_messages

_CLASS_NAMES = pl.Series([c.value for c in CLASSES])
_DECIDERS = pl.Series(DECIDERS)
#: By place; at the end null, for lines that no field decided.
_FIELDS = pl.Series([*FIELDS, None], dtype=pl.String)


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
    findings: BlockFindings
    invalid_bytes: int
    nuls: int
    naive_times: int
    yearless_times: int
    bad_times: int
    long_lines: tuple[int, ...]


@dataclass(frozen=True)
class Judged:
    """What was read of a block's lines and what each is; `found` are the matches before vetoes, `spoken` what each stage said."""

    records: Records
    said: Reading
    templates: tuple[pl.Series, pl.Series]
    found: Matches
    matches: Matches
    spoken: Spoken
    verdicts: Verdicts


def judge_block(layout: Layout, loaded: Loaded, ruleset: Ruleset) -> Judged:
    """Read and judge the lines of a block that has been loaded."""
    records = read_records(loaded, layout)
    said = read_lines(layout, loaded, records)
    found = find_matches(ruleset, loaded.data, records.starts, records.ends)
    matches = silence(ruleset, found)
    facts = Facts(
        said.fields,
        said.body,
        records.frame["raw"],
        said.format,
        sizes=records.ends - records.starts,
        said=said.said,
        known=said.shapes,
    )
    templates = mask_messages(said.shapes)
    spoken = ask_model(ruleset, facts, templates[0], found, matches, hear_stages(ruleset, facts))
    verdicts = judge(ruleset, matches, len(records.frame), spoken)
    return Judged(records, said, templates, found, matches, spoken, verdicts)


def part_name(file: int, block: int) -> str:
    return f"part-{file:04d}-{block:06d}.parquet"


def run_block(
    layout: Layout,
    block: Block,
    *,
    file: int,
    events_dir: Path,
    ruleset: Ruleset,
    cache_dir: Path,
) -> BlockResult:
    """Read, scan, judge and mask one block, let the detectors look at it; write its part of the events file."""
    use_cache(cache_dir)
    loaded = load_block(layout, block)
    done = judge_block(layout, loaded, ruleset)
    records, said, templates, verdicts, matches = (
        done.records,
        done.said,
        done.templates,
        done.verdicts,
        done.matches,
    )
    events, times = build_events(
        layout, block, loaded, records, said, templates, verdicts, _rule_ids(ruleset)
    )
    judged = JudgedBlock(
        number=block.index,
        events=events.with_columns(pl.lit(file, pl.Int32).alias("file_no")),
        clock=times["clock"],
        matches=matches,
        verdicts=verdicts,
        starts=records.starts,
        data=loaded.data,
        ruleset=ruleset,
    )
    findings, part = detect_in_block(judged)
    write_part(events.with_columns(part.alias("part")), events_dir / part_name(file, block.index))
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
        findings=findings,
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


def _rule_ids(ruleset: Ruleset) -> pl.Series:
    """The id of a signature or field rule by number, and at the end null for lines without one."""
    return pl.Series([*ruleset.rule_ids(), None], dtype=pl.String)


def build_events(
    layout: Layout,
    block: Block,
    loaded: Loaded,
    records: Records,
    said: Reading,
    templates: tuple[pl.Series, pl.Series],
    verdicts: Verdicts,
    rule_ids: pl.Series,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of the events file (plus `raw`) and, row for row, what is known of their times."""
    frame = records.frame
    template, template_id = templates
    known = pl.Series(verdicts.evidence_start >= 0)
    line = frame["line"].to_numpy()
    assumed = pl.concat_str(
        pl.when("yearless").then(pl.lit("year")),
        pl.when("naive").then(pl.lit("zone")),
        separator=", ",
        ignore_nulls=True,
    )
    judged = {
        "classification": take(_CLASS_NAMES, verdicts.classification),
        "score": pl.Series(verdicts.score, dtype=pl.Int16),
        "confidence": pl.Series(verdicts.confidence),
        "rule_id": take(rule_ids, np.where(verdicts.rule < 0, len(rule_ids) - 1, verdicts.rule)),
        "evidence_start": _only(known, pl.Series(verdicts.evidence_start)),
        "evidence_end": _only(known, pl.Series(verdicts.evidence_end)),
        "decided_by": take(_DECIDERS, verdicts.decided),
        "evidence_field": take(_FIELDS, np.where(verdicts.field < 0, len(_FIELDS) - 1, verdicts.field)),
        "template_id": template_id,
        "template": template,
        **{name: said.fields[name] for name in ECS_FIELDS},
    }
    if said.reason.null_count() < len(said.reason):
        judged = {name: _only(said.reason.is_null(), column) for name, column in judged.items()}
    columns = {
        "line_no": pl.Series(line + block.first_line),
        "offset": pl.Series(loaded.line_starts[line] if len(line) else line),
        "source": said.source,
        "message": said.message,
        "@timestamp": said.times["@timestamp"],
        "time_assumed": said.times.select(
            pl.when(pl.col("@timestamp").is_not_null() & (assumed != "")).then(assumed)
        ).to_series(),
        "format": said.format.to_frame("f")
        .select(pl.when(pl.col("f") != "").then("f").otherwise(pl.lit(str(layout.format))))
        .to_series(),
        "rejected_reason": said.reason,
        **judged,
        "raw": frame["raw"],
    }
    events = pl.DataFrame(columns).with_columns(
        pl.lit(layout.name).alias("file"), pl.lit(None, dtype=pl.String).alias("incident_id")
    )
    return events.select(*EVENT_SCHEMA, "raw").cast(dict(EVENT_SCHEMA)), said.times  # type: ignore[arg-type]


def _only(rows: pl.Series, column: pl.Series) -> pl.Series:
    """The column with null outside `rows`."""
    if rows.all():
        return column
    return pl.select(pl.when(rows).then(column)).to_series()
