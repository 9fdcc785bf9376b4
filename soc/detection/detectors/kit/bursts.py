"""Bursts: one address that does something much more often, or at many more things, within seconds than people do.

Lines are counted in buckets of ten seconds; what is asked is the fullest stretch of a given length. Of lines
without time fifty stand for a bucket.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.declaration import Detector, DetectorSettings, Finding, History, State
from soc.detection.detectors.kit.runs import finding_of, main_reason, runs_by_entity
from soc.detection.stories.pieces import SCAN

BUCKET_US = 10_000_000
#: So many lines without time are one bucket; theirs are below those of lines with a time.
_LINES, _UNTIMED = 50, 2**40
#: No more different things are kept of one bucket.
_MOST = 512


class BurstSettings(DetectorSettings):
    score: int = Field(default=5, ge=1, le=10, description="Score of a burst.")
    confidence: float = Field(default=0.7, gt=0, lt=1, description="How sure it is.")
    seconds: int = Field(default=60, ge=10, description="Within so many seconds.")
    needed: int = Field(ge=2, description="So many within them.")


class Burst(Detector[BurstSettings, pl.DataFrame]):
    """A subclass says with `looks_at` which lines count, and whether they are to be different (`distinct`)."""

    distinct: ClassVar[bool] = True
    #: Whose weak sessions of the same address become part of it, beside its own.
    also: ClassVar[tuple[str, ...]] = ()
    meaning: ClassVar[str] = SCAN
    #: "<n> <said> <address>" is the reason.
    said: ClassVar[str]

    def looks_at(self, block: JudgedBlock) -> pl.DataFrame:
        """`row, value`: the lines that count (each has a source), and what each is after."""
        raise NotImplementedError(f"{self.id} looks at lines, so it must say which.")

    #: The block's clock and what was seen in it: `hold` and `mark` ask for the same.
    _seen: tuple[pl.Series, pl.DataFrame] | None = None

    def _look(self, block: JudgedBlock) -> pl.DataFrame:
        if self._seen is None or self._seen[0] is not block.clock:
            self._seen = (block.clock, self.looks_at(block))
        return self._seen[1]

    def parts(self) -> tuple[str, ...]:
        """Whose sessions of the same address become part of it."""
        return (self.id, *self.also)

    def hold(self, block: JudgedBlock) -> pl.DataFrame | None:
        return self._look(block)

    def mark(self, block: JudgedBlock) -> pl.DataFrame | None:
        """`entity, bucket, value, n`: how often each address was after what, every ten seconds."""
        seen = self._look(block)
        if seen.is_empty():
            return None
        untimed = block.events["line_no"].gather(seen["row"]) // _LINES - _UNTIMED
        some = seen.select(
            block.events["source.ip"].gather(seen["row"]).alias("entity"),
            pl.coalesce(block.clock.gather(seen["row"]) // BUCKET_US, untimed).alias("bucket"),
            pl.col("value").hash(seed=5),
            pl.lit(1, pl.Int64).alias("n"),
        )
        return _added([some.drop_nulls()])

    def merge(self, marks: Sequence[pl.DataFrame]) -> pl.DataFrame:
        return _added(marks)

    def find(self, state: State[pl.DataFrame], history: History) -> Iterable[Finding]:
        if state.marks is None:
            return
        bursts = fullest(state.marks, self.settings.seconds, self.settings.needed, distinct=self.distinct)
        for address, seen in runs_by_entity(state.sessions, self.parts(), self.window_us):
            begins, (count, bucket) = seen[0].session.first, bursts.get(address, (0, 0))
            inside = begins is None if bucket < 0 else begins is not None and begins // BUCKET_US <= bucket
            if count and inside and (bucket < 0 or bucket <= seen[-1].reach // BUCKET_US):
                run = [one.session for one in seen]
                own = max(run, key=lambda one: (one.rule_id == self.id, one.n, -one.session))
                reason = main_reason(
                    self, f"{count:,} {self.said} {address} in {self.settings.seconds} seconds"
                )
                yield finding_of(self, run, own=own, reasons=(reason,), meaning=self.meaning)


def _added(marks: Sequence[pl.DataFrame]) -> pl.DataFrame:
    counted = pl.concat(marks).group_by("entity", "bucket", "value").agg(pl.sum("n"))
    return (
        counted.sort("entity", "bucket", "value")
        .group_by("entity", "bucket", maintain_order=True)
        .head(_MOST)
    )


def fullest(marks: pl.DataFrame, seconds: int, needed: int, *, distinct: bool) -> dict[str, tuple[int, int]]:
    """By address how many there are in its fullest stretch of so many seconds, and in which bucket that ends; only of those
    that reach `needed`."""
    many = pl.col("value").n_unique() if distinct else pl.sum("n")
    some = marks.filter((many >= needed).over("entity")).sort("entity", "bucket", "value")
    found: dict[str, tuple[int, int]] = {}
    wide = max(1, seconds * 1_000_000 // BUCKET_US)
    for (address,), own in some.group_by("entity", maintain_order=True):
        inside: deque[tuple[int, int, int]] = deque()
        counted: Counter[int] = Counter()
        for bucket, value, n in own.select("bucket", "value", "n").iter_rows():
            inside.append((bucket, value, n))
            counted[value] += n
            while inside[0][0] <= bucket - wide:
                _, old, gone = inside.popleft()
                counted[old] -= gone
                if not counted[old]:
                    del counted[old]
            count = len(counted) if distinct else counted.total()
            if count >= max(needed, found.get(str(address), (0, 0))[0] + 1):
                found[str(address)] = (count, bucket)
    return found
