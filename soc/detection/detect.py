"""Runs the detectors: over each block in the pool, and over what all blocks left in the process that coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from soc.detection.block import JudgedBlock
from soc.detection.detectors import detectors_of
from soc.detection.detectors.kit.declaration import NO_HISTORY, Detector, History, State
from soc.detection.incidents import Ownership, Settled, tell_stories
from soc.detection.ruleset import Ruleset
from soc.detection.sessions.partial import HELD, partial_sessions
from soc.detection.sessions.window import SessionLedger, rows_of
from soc.detection.stories.traces import TRACES, trace_rows
from soc.domain.incident import Incident
from soc.logs.text.compiled import keeps_compiled

#: So many blocks' marks are kept before they are merged.
_MERGE_EVERY = 4


@dataclass(frozen=True)
class BlockFindings:
    """What the coordinating process needs of a block: its partial sessions (with `block`) and each detector's marks."""

    sessions: pl.DataFrame
    marks: Mapping[str, Any]


@keeps_compiled
def detect_in_block(block: JudgedBlock) -> tuple[BlockFindings, pl.Series]:
    """The block's share of what is found, and of every line the number of its partial session (`part`), or null."""
    detectors = detectors_of(block.ruleset)
    sessions, part = partial_sessions(block, _held(detectors, block))
    placed = block.with_parts(part)
    marks = {detector.id: mark for detector in detectors if (mark := detector.mark(placed)) is not None}
    numbered = sessions.with_columns(pl.lit(block.number, pl.Int32).alias("block"))
    return BlockFindings(numbered, marks), part


def _held(detectors: tuple[Detector[Any, Any], ...], block: JudgedBlock) -> pl.DataFrame:
    """Traces, and what detectors hold: of a line that two hold the later one keeps it."""
    traces = trace_rows(block).select("row", pl.col("value").hash(seed=3), "kind")
    frames = [HELD.to_frame(), traces]
    for detector in detectors:
        held = detector.hold(block)
        if held is not None and len(held):
            value = pl.col("value").cast(pl.String)
            kind = pl.lit(detector.id).alias("kind")
            frames.append(held.with_columns(value).drop_nulls().select("row", value.hash(seed=3), kind))
    return pl.concat(frames).unique("row", keep="last", maintain_order=True)


class Detection:
    """Takes the blocks' findings in any order; at the end there are incidents, the same however blocks were cut."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._ruleset = ruleset
        self._detectors = detectors_of(ruleset)
        self._marks: dict[str, list[Any]] = {detector.id: [] for detector in self._detectors}
        self._ledger = SessionLedger(ruleset.session_window.micros, weak=[*self._marks, *TRACES])

    def add(self, found: BlockFindings) -> None:
        self._ledger.add(found.sessions)
        for detector in self._detectors:
            if detector.id in found.marks:
                kept = self._marks[detector.id]
                kept.append(found.marks[detector.id])
                if len(kept) > _MERGE_EVERY:
                    self._marks[detector.id] = [detector.merge(kept)]

    def settle(self, batch_id: str, history: History = NO_HISTORY) -> tuple[Settled, pl.DataFrame]:
        """The stories, and `file_no, block, part, incident_id` of the partial sessions that belong to one."""
        found, places = self._find(batch_id, history)
        settled = tell_stories(found, self._ruleset)
        return settled, _named(places, settled.owner)

    def findings(self, batch_id: str) -> tuple[Incident, ...]:
        """What was found, each thing for itself: before it is known what belongs together."""
        return self._find(batch_id, NO_HISTORY)[0].incidents

    def _find(self, batch_id: str, history: History) -> tuple[Settled, pl.DataFrame]:
        sessions = self._ledger.sessions()
        places = self._ledger.places(sessions)
        ownership = Ownership(batch_id, self._ruleset, rows_of(sessions))
        for detector in self._detectors:
            kept = self._marks[detector.id]
            state = State(detector.merge(kept) if kept else None, tuple(ownership.remaining))
            ownership.take(detector, list(detector.find(state, history)))
        return ownership.settle(places), places


def _named(places: pl.DataFrame, owner: Mapping[int, str]) -> pl.DataFrame:
    if places.is_empty():
        return places
    named = pl.DataFrame(
        {"session": list(owner), "incident_id": list(owner.values())},
        schema={"session": places.schema["session"], "incident_id": pl.String},
    )
    return places.join(named, on="session").drop("session")
