"""Probing: one address that is turned away again and again, each time with too little to be told alone."""

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
from soc.detection.detectors.kit.runs import finding_of, main_reason, runs_by_entity
from soc.detection.sessions.window import Session
from soc.detection.stories.pieces import SCAN
from soc.detection.stories.tactics import techniques
from soc.domain.classification import Classification

#: What a server says to a request that it does not understand, or a method that it does not know.
_NONSENSE = (400, 405, 501)
_UNAUTHORISED = 401
_WEAK = ("behaviour.login-probe", "behaviour.protocol-abused", "behaviour.peer-refused")
_MINUTE = 60_000_000


def _asked(count: int, status: int = 400, seconds: int = 5, path: str = "/") -> str:
    line = '203.0.113.9 - - [01/Mar/2026:02:{m:02d}:{s:02d} +0000] "GET {path} HTTP/1.1" {status} 9 "-" "Mozilla/5.0"\n'
    return "".join(
        line.format(m=n * seconds // 60, s=n * seconds % 60, path=path, status=status) for n in range(count)
    )


class ProbingSettings(DetectorSettings):
    score: int = Field(default=5, ge=1, le=10, description="Score of probing.")
    confidence: float = Field(default=0.7, gt=0, lt=1, description="How sure it is.")
    at_once: int = Field(default=5, ge=2, description="So many of an address within a minute on average.")
    needed: int = Field(default=10, ge=2, description="Or so many within the window on average.")


class Probing(Detector[ProbingSettings, None]):
    id = "scan.probing"
    title = "Probing"
    about = "One address whose requests are nonsense to the server, look for weak software, or begin logins and give them up."
    #: After the web scan, which takes what it needs; of a line that both would hold this one keeps it.
    order = 75
    attack = ("T1595",)
    asks: ClassVar = {"page-probe": "what looks for weak software: weak ones count for probing"}
    Settings = ProbingSettings
    examples = (
        Example("five requests that make no sense in half a minute", _asked(5), fires=True),
        Example("four of them", _asked(4), fires=False),
        Example("nine in three quarters of an hour", _asked(9, seconds=300), fires=False),
        Example("forty that were answered", _asked(40, 200), fires=False),
        Example("weak software that is not there", _asked(5, 404, path="/wp-login.php"), fires=True),
        Example("one's own", _asked(40, 200, path="/wp-admin/post.php"), fires=False),
    )

    def hold(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        status, somebody = events["http.response.status_code"], events["source.ip"].is_not_null()
        looks = [one for one in self.ruleset.tagged("page-probe") if techniques(self.ruleset)[one]]
        probes = block.rule_among((*looks, *_WEAK)) & ((status != _UNAUTHORISED).fill_null(True))
        # a page that many look for is somebody's own where the server has it
        weak = events["classification"] == Classification.HTTP_STATUS.value
        probes &= ~(weak & (status < 400)).fill_null(False)
        lines = ((probes | status.is_in(_NONSENSE).fill_null(False)) & somebody).fill_null(False).arg_true()
        value = pl.select(pl.coalesce(events["url.path"].gather(lines), pl.lit(""))).to_series()
        return pl.DataFrame({"row": lines, "value": value})

    def find(self, state: State[None], history: History) -> Iterable[Finding]:
        for address, seen in runs_by_entity(state.sessions, (self.id,), self.window_us):
            run = [one.session for one in seen]
            if self._often(run):
                yield self._finding(address, run)

    def _often(self, run: Sequence[Session]) -> bool:
        """Whether so many came in each minute, or window, on average; without times in all."""
        count, first = sum(one.n for one in run), run[0].first
        if first is None:
            return count >= self.settings.at_once
        long = max(one.last or 0 for one in run) - first
        return count >= min(
            self.settings.at_once * max(1.0, long / _MINUTE),
            self.settings.needed * max(1.0, long / self.window_us),
        )

    def _finding(self, address: str, run: Sequence[Session]) -> Finding:
        count, own = sum(one.n for one in run), max(run, key=lambda one: (one.n, -one.session))
        reason = main_reason(self, f"{count:,} probes of {address}")
        return finding_of(self, run, own=own, reasons=(reason,), meaning=SCAN)
