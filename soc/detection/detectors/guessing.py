"""Guessing: one address whose logins fail again and again, in whatever words or status, each too weak to be told alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

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
from soc.detection.signatures.declaration import AUTH_FAILURE
from soc.detection.stories.pieces import GUESS
from soc.detection.stories.traces import FAILURE
from soc.domain.classification import Classification

_MINUTE = 60_000_000


def _refusals(count: int, status: int = 401) -> str:
    line = '203.0.113.9 - - [01/Mar/2026:02:{m:02d}:00 +0000] "GET /admin HTTP/1.1" {status} 9 "-" "Mozilla/5.0"\n'
    return "".join(line.format(m=n, status=status) for n in range(count))


def _told(count: int) -> str:
    line = '{{"eventTime":"2026-03-01T02:00:{s:02d}Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","sourceIPAddress":"203.0.113.9","userIdentity":{{"userName":"eve"}},"errorMessage":"Failed authentication"}}\n'
    return "".join(line.format(s=n) for n in range(count))


class GuessingSettings(DetectorSettings):
    score: int = Field(default=6, ge=1, le=10, description="Score of guessing.")
    confidence: float = Field(default=0.8, gt=0, lt=1, description="How sure it is.")
    needed: int = Field(
        default=10, ge=2, description="So many failed logins of an address within the window."
    )
    at_once: int = Field(
        default=5, ge=2, description="Or so many within a minute that are told in words, not by a status."
    )
    at_once_score: int = Field(default=5, ge=1, le=10, description="Score of so few.")


class Guessing(Detector[GuessingSettings, None]):
    id = "auth.guessing"
    title = "Password guessing"
    about = "One address whose logins fail again and again, each of them too weak to be an incident."
    order = 20
    attack = ("T1110",)
    asks: ClassVar = {AUTH_FAILURE: "a login that failed: weak ones count for guessing"}
    Settings = GuessingSettings
    examples = (
        Example("ten requests that want a login, refused", _refusals(10), fires=True),
        Example("nine of them", _refusals(9), fires=False),
        Example("forty that were let in", _refusals(40, 200), fires=False),
        Example("five that a service tells of in words", _told(5), fires=True),
        Example("four of them", _told(4), fires=False),
    )

    def find(self, state: State[None], history: History) -> Iterable[Finding]:
        for address, seen in runs_by_entity(state.sessions, (FAILURE,), self.window_us):
            run = [one.session for one in seen]
            if self._often(run):
                yield self._finding(address, run, self.settings.score)
            elif self._at_once(run):
                yield self._finding(address, run, self.settings.at_once_score)

    def _often(self, run: list[Session]) -> bool:
        """Whether so many failed in each window on average; without times in all."""
        first, last = run[0].first, max((one.last or 0 for one in run), default=0)
        windows = max(1.0, (last - first) / self.window_us) if first is not None else 1.0
        return sum(one.n for one in run) >= self.settings.needed * windows

    def _at_once(self, run: list[Session]) -> bool:
        """Whether so many failed in each minute on average. A status alone is not enough: of a page a browser asks for all parts."""
        told = [one for one in run if one.classification == Classification.SECURITY_ALERT]
        first, last = run[0].first, max((one.last or 0 for one in run), default=0)
        minutes = max(1.0, (last - first) / _MINUTE) if first is not None else 1.0
        return bool(told) and sum(one.n for one in told) >= self.settings.at_once * minutes

    def _finding(self, address: str, run: list[Session], score: int) -> Finding:
        count, own = sum(one.n for one in run), max(run, key=lambda one: (one.n, -one.session))
        reason = main_reason(self, f"{count:,} failed logins of {address}", weight=score)
        return finding_of(self, run, own=own, reasons=(reason,), meaning=GUESS)
