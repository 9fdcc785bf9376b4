"""Why one line of a file is what it is: what was read of it, what each stage said, which signatures counted and which did not, and
the incident that it is part of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from soc import clock
from soc.analysis.analyse import analyse_files
from soc.analysis.block_job import Judged, judge_block
from soc.analysis.export import export_events
from soc.detection.judging.explain import explain_rows
from soc.detection.judging.facts import FIELDS
from soc.detection.judging.scanning.scan import Matches, find_anywhere
from soc.detection.judging.stage import Stage
from soc.detection.ruleset import Ruleset
from soc.domain.event import ECS_FIELDS
from soc.domain.incident import Incident
from soc.errors import LogParseError
from soc.logs.layout import Block, Layout, ReadOptions, SourceFile
from soc.logs.opening.blocks import load_block
from soc.logs.opening.prepare import prepare_file
from soc.settings import Settings

#: The stages by their place in `Spoken.first` and `Spoken.last`.
_FIRST, _LAST = (
    ("the sender", "its service's name for it", "what is done"),
    ("the sender's level", "the model"),
)
#: So many signatures that did not count are named.
_NAMED = 12


@dataclass(frozen=True)
class Considered:
    """A stage or a signature. `said`: what it says of the line, or why it does not count. `words` stand at [start, end), in bytes."""

    name: str
    title: str
    counts: bool
    said: str
    words: str = ""
    start: int = -1
    end: int = -1


@dataclass(frozen=True)
class Why:
    """`row` is the line's row of the events file. `score`: what its score is made of, as fields of Reason."""

    text: str
    row: dict[str, Any]
    fields: dict[str, Any]
    stages: tuple[Considered, ...]
    signatures: tuple[Considered, ...]
    score: tuple[dict[str, Any], ...]
    incident: Incident | None


def explain_line(
    path: Path, number: int, *, options: ReadOptions, settings: Settings, ruleset: Ruleset, work_dir: Path
) -> Why:
    """Of the line with that number (from 1). The whole file is read: what follows a line may make it part of an incident.

    Raises LogParseError where the file has no such line or cannot be read.
    """
    source = SourceFile(path.name, path, options)
    done = analyse_files([source], batch_id="why", out_dir=work_dir, settings=settings, ruleset=ruleset)
    if done.files[0].error:
        raise LogParseError(done.files[0].error)
    target = work_dir / "events.parquet"
    export_events(done.events_dir, target)
    events = pl.scan_parquet(target)
    rows = events.filter(pl.col("line_no") == number).collect().to_dicts()
    if not rows:
        last = events.select(pl.col("line_no").max()).collect().item() or 0
        raise LogParseError(
            f"{path.name} has no line {number:,}: the last that is read is {last:,}."
            if number > last
            else f"{path.name} has no line {number:,} that is read: it is blank, or part of an earlier one."
        )
    (row, *_) = rows
    layout, block = _block_of(source, number, settings, work_dir)
    loaded = load_block(layout, block)
    judged = judge_block(layout, loaded, ruleset)
    at = int(np.flatnonzero(judged.records.frame["line"].to_numpy() + block.first_line == number)[0])
    starts = judged.records.starts
    line = loaded.data[starts[at] : judged.records.ends[at]]
    found = find_anywhere(ruleset, line, np.zeros(1, np.int64), np.array([len(line)], np.int64))
    (reasons,) = explain_rows(ruleset, np.array([at]), judged.matches, starts, loaded.data, judged.verdicts)
    return Why(
        text=line.decode("utf-8", "replace"),
        row=row,
        fields={name: row[name] for name in ECS_FIELDS if row.get(name) is not None},
        stages=tuple(_stages(ruleset, judged, at, line)),
        signatures=tuple(_signatures(ruleset, judged, at, found, line)),
        score=tuple(orjson.loads(reasons)),
        incident=next((one for one in done.incidents if one.id == row["incident_id"]), None),
    )


def _block_of(source: SourceFile, number: int, settings: Settings, work_dir: Path) -> tuple[Layout, Block]:
    intake = prepare_file(
        source.path, source.name, source.options, work_dir=work_dir / "why", max_bytes=settings.max_upload_bytes,
        block_bytes=settings.block_bytes, as_of=int(clock.now().timestamp() * 1e6),
    )  # fmt: skip
    return intake.layout, max(
        (block for block in intake.blocks if block.first_line <= number), key=lambda block: block.first_line
    )


def _stages(ruleset: Ruleset, judged: Judged, at: int, line: bytes) -> Iterator[Considered]:
    """What each stage says of the line; the first that speaks decides."""
    for names, stages in ((_FIRST, judged.spoken.first), (_LAST, judged.spoken.last)):
        for name, stage in zip(names, stages, strict=False):
            yield _stage(ruleset, name, stage, at, line, int(judged.verdicts.rule[at]))


def _stage(ruleset: Ruleset, name: str, stage: Stage, at: int, line: bytes, decided: int) -> Considered:
    rule = int(stage.rule[at])
    if rule < 0:
        return Considered(name, "", False, "says nothing")
    one, place = ruleset.rules[rule], int(stage.field[at])
    start, end = int(stage.start[at]), int(stage.end[at])
    counts = decided == rule + ruleset.first_context
    by = f"by {FIELDS[place]}" if place >= 0 else "by what was read"
    words = line[start:end].decode("utf-8", "replace") if start >= 0 else ""
    return Considered(
        one.id, one.title, counts, f"{name}, {by}{'' if counts else ': another decided'}", words, start, end
    )


def _signatures(
    ruleset: Ruleset, judged: Judged, at: int, anywhere: Matches, line: bytes
) -> Iterator[Considered]:
    """The signatures whose words stand in the line: the one that decided, those that support it, and why the others do not count."""
    placed = set(judged.found.pattern[judged.found.line == at].tolist())
    heard = set(judged.matches.pattern[judged.matches.line == at].tolist())
    decided = int(judged.verdicts.rule[at])
    spans = _spans(anywhere, judged, at)
    named: list[Considered] = []
    for number, (start, end) in sorted(spans.items()):
        if number >= len(ruleset.signatures):
            continue
        one = ruleset.signatures[number]
        said = _why_not(one.unless, number, placed=placed, heard=heard)
        if not said:
            said = "decided" if number == decided else "stands here too"
        words = line[start:end].decode("utf-8", "replace")
        named.append(Considered(one.id, one.title, number in heard, said, words, start, end))
    counted = [one for one in named if one.counts]
    yield from sorted(counted, key=lambda one: one.said != "decided")
    yield from [one for one in named if not one.counts][:_NAMED]


def _why_not(unless: str, number: int, *, placed: set[int], heard: set[int]) -> str:
    """Why a signature whose words stand in the line does not count; "" where it does."""
    if number in heard:
        return ""
    if number in placed:
        return "the words around it take its meaning away"
    return "it means nothing at that place" + (", or its exceptions stand in the line" if unless else "")


def _spans(anywhere: Matches, judged: Judged, at: int) -> dict[int, tuple[int, int]]:
    """Where each pattern's words stand in the line, those that count first."""
    own: Sequence[Matches] = (judged.found.at(judged.found.line == at), anywhere)
    spans: dict[int, tuple[int, int]] = {}
    for some in own:
        for number, start, end in zip(
            some.pattern.tolist(), some.start.tolist(), some.end.tolist(), strict=True
        ):
            spans.setdefault(number, (start, end))
    return spans
