"""Sweep: one address inside that is refused by many hosts inside, on however few ports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.declaration import (
    Detector,
    DetectorSettings,
    Example,
    Finding,
    History,
    State,
)
from soc.detection.detectors.kit.refused import REFUSED, refused_rows
from soc.detection.detectors.kit.runs import finding_of, main_reason, runs_by_entity
from soc.detection.inside import are_inside
from soc.detection.stories.pieces import SCAN

#: So many hosts are kept of one address.
_MOST = 1000
_HOUR = 3_600_000_000


def _refusals(hosts: int, who: str = "10.0.0.9") -> str:
    line = "Mar  1 02:{m:02d}:{s:02d} fw1 kernel: [UFW BLOCK] IN=eth0 SRC={who} DST=10.0.7.{n} PROTO=TCP DPT=445\n"
    return "".join(line.format(m=n // 60, s=n % 60, n=n + 1, who=who) for n in range(hosts))


class SweepSettings(DetectorSettings):
    score: int = Field(default=8, ge=1, le=10, description="Score of a sweep.")
    confidence: float = Field(default=0.85, gt=0, lt=1, description="How sure it is.")
    needed: int = Field(
        default=30, ge=2, description="So many different hosts that refused, an hour on average."
    )


class Sweep(Detector[SweepSettings, pl.DataFrame]):
    """From outside everybody is looked for all day: that is no news, and no sweep."""

    id = "scan.sweep"
    title = "Sweep of hosts"
    about = "One address of the inside is refused by many hosts of the inside, on however few ports."
    #: After the port scan: who tried many ports is told of as that.
    order = 65
    attack = ("T1046", "T1018")
    asks: ClassVar = {REFUSED: "a firewall refused a connection: its host counts for a sweep"}
    Settings = SweepSettings
    examples = (
        Example("thirty hosts", _refusals(30), fires=True),
        Example("twenty-nine hosts", _refusals(29), fires=False),
        Example("thirty hosts, from outside", _refusals(30, "203.0.113.9"), fires=False),
    )

    def mark(self, block: JudgedBlock) -> pl.DataFrame | None:
        """`source.ip, destination.ip`: who was refused by whom, each once."""
        rows = refused_rows(block, self.ruleset) & block.events["destination.ip"].is_not_null()
        pairs = block.events.select("source.ip", "destination.ip").filter(rows).unique()
        if pairs.is_empty():
            return None
        return pairs.filter(are_inside(pairs["source.ip"]) & are_inside(pairs["destination.ip"]))

    def merge(self, marks: Sequence[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat(marks).unique().sort("source.ip", "destination.ip").group_by("source.ip").head(_MOST)

    def find(self, state: State[pl.DataFrame], history: History) -> Iterable[Finding]:
        if state.marks is None:
            return
        hosts = dict(state.marks.group_by("source.ip").len().iter_rows())
        rules = {"scan.ports", *self.ruleset.tagged(REFUSED), *self.ruleset.tagged("port-probe")}
        for address, seen in runs_by_entity(state.sessions, rules, self.window_us):
            run = [one.session for one in seen]
            many = hosts.get(address, 0)
            first = min((one.first for one in run if one.first is not None), default=0)
            hours = max(1.0, (seen[-1].reach - first) / _HOUR)
            if many >= self.settings.needed * hours and sum(one.n for one in run) >= self.settings.needed:
                reason = main_reason(self, f"{many:,} hosts refused {address}")
                own = max(run, key=lambda one: (one.n, -one.session))
                yield finding_of(self, run, own=own, reasons=(reason,), meaning=SCAN)
