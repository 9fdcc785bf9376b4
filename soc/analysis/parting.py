"""Lines that were moved to another incident: told by what stands in them, a frame at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from soc.detection.evidence import SAMPLES, shown_text
from soc.domain.event import Moved, Selection

_TIME = "@timestamp"
#: Where those who take part stand in a line, by what they are (`soc.domain.incident.Entity`).
_WHO = {
    "ip": ("source.ip", "destination.ip"),
    "user": ("user.name", "user.target.name"),
    "host": ("host.name",),
}


def first_owner(moved: Sequence[Moved], incident_id: str) -> str:
    """The incident that this one's lines were found for: itself, unless it was split off."""
    came = {one.to: one.of for one in moved}
    while incident_id in came:
        incident_id = came[incident_id]
    return incident_id


def chosen_by(which: Selection) -> pl.Expr:
    """True for the lines that it chooses, False for all others."""
    wanted = pl.lit(True)
    for name, values in which.fields.items():
        wanted &= pl.col(name).cast(pl.String).is_in(list(values))
    if which.since is not None:
        wanted &= pl.col(_TIME) >= which.since
    if which.until is not None:
        wanted &= pl.col(_TIME) < which.until
    return wanted.fill_null(False)


def move_lines(frame: pl.DataFrame, moved: Sequence[Moved]) -> pl.DataFrame:
    """The frame with `incident_id` as it is after all of these."""
    for one in moved:
        goes = (pl.col("incident_id") == one.of) & chosen_by(one.which)
        frame = frame.with_columns(
            pl.when(goes).then(pl.lit(one.to)).otherwise("incident_id").alias("incident_id")
        )
    return frame


@dataclass
class Piece:
    """What some of an incident's lines come to: how many, their times, the first of them as samples, who stands in them.

    `named` are pairs of type and value as `Entity` has them, without case.
    """

    lines: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    samples: list[dict[str, Any]] = field(default_factory=list)
    named: set[tuple[str, str]] = field(default_factory=set)

    def add(self, frame: pl.DataFrame) -> None:
        self.lines += len(frame)
        times = frame[_TIME].drop_nulls()
        if len(times):
            earliest, latest = times.min(), times.max()
            assert isinstance(earliest, datetime)
            assert isinstance(latest, datetime)
            self.first_seen = min(self.first_seen or earliest, earliest)
            self.last_seen = max(self.last_seen or latest, latest)
        first = frame.head(SAMPLES - len(self.samples))
        texts = first.select("file", "line_no", "offset", shown_text(first["raw"]).alias("text"))
        self.samples += texts.iter_rows(named=True)
        for kind, columns in _WHO.items():
            for column in columns:
                values = frame[column].drop_nulls().unique()
                self.named.update((kind, value.casefold()) for value in values)

    def names(self, entity: Mapping[str, Any]) -> bool:
        return (str(entity["type"]), str(entity["value"]).casefold()) in self.named

    def lacks(self, value: str, other: Piece) -> bool:
        """Whether an address or host stands in the other's lines and in none of these."""
        pairs = {("ip", value.casefold()), ("host", value.casefold())}
        return bool(pairs & other.named) and not pairs & self.named


def share_out(entities: Sequence[dict[str, Any]], piece: Piece, other: Piece) -> list[dict[str, Any]]:
    """Who takes part in the piece: all but those who stand in the other's lines alone. In their order."""
    return [one for one in entities if piece.names(one) or not other.names(one)]


def cut_lines(frames: Iterator[pl.DataFrame], which: Selection) -> tuple[Piece, Piece]:
    """Of an incident's lines: those that are chosen, and those that are left."""
    chosen, left = Piece(), Piece()
    for frame in frames:
        marked = frame.with_columns(chosen_by(which).alias("_chosen"))
        chosen.add(marked.filter("_chosen"))
        left.add(marked.filter(~pl.col("_chosen")))
    return chosen, left


def count_values(frames: Iterator[pl.DataFrame], name: str) -> list[tuple[str, int]]:
    """Each value of the field as text, with how many lines have it, the most frequent first; lines without one are left out."""
    found: dict[str, int] = {}
    for frame in frames:
        column = frame[name].cast(pl.String).drop_nulls()
        for value, number in column.value_counts().iter_rows():
            found[value] = found.get(value, 0) + number
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))
