"""Fan-out: one address that tries many different things. Worked out on sessions, which carry what was tried.

Sessions of one address that follow each other within the window are one fan-out when they tried enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import Field

from soc.detection.detectors.kit.declaration import Detector, DetectorSettings, Finding, History, State
from soc.detection.detectors.kit.runs import Seen, finding_of, first_of, last_of, main_reason, runs_by_entity
from soc.detection.sessions.window import VALUES, Session
from soc.detection.stories.pieces import SCAN
from soc.domain.incident import Reason


class FanOutSettings(DetectorSettings):
    score: int = Field(default=8, ge=1, le=10, description="Score of a scan.")
    confidence: float = Field(default=0.9, gt=0, lt=1, description="How sure it is.")
    needed: int = Field(ge=2, le=VALUES, description="So many different things tried within the window.")


class FanOut(Detector[FanOutSettings, None]):
    """Takes the sessions of an address that tried enough, also those of probes that signatures know by name.

    Attacks in earnest stay incidents of their own.
    """

    #: Tag of the signatures whose sessions become part of the fan-out.
    probe: ClassVar[str]
    #: Ids of later detectors whose weak sessions do too.
    also: ClassVar[tuple[str, ...]] = ()
    #: "<n> <said> <address>" is the reason.
    said: ClassVar[str]

    def find(self, state: State[None], history: History) -> Iterable[Finding]:
        probes = {self.id, *self.also, *self.ruleset.tagged(self.probe)}
        for entity, run in runs_by_entity(state.sessions, probes, self.window_us):
            if is_fan_out(run, self.settings.needed, self.window_us):
                yield self._finding(entity, [seen.session for seen in run])

    def _finding(self, entity: str, run: list[Session]) -> Finding:
        own = min(run, key=lambda session: (-len(session.values), -session.n, session.session))
        return finding_of(self, run, own=own, reasons=self._reasons(entity, run), meaning=SCAN)

    def _score(self, entity: str) -> int:
        return self.settings.score

    def _reasons(self, entity: str, run: list[Session]) -> tuple[Reason, ...]:
        tried = len(_values(run))
        said = f"{f'at least {tried}' if tried >= VALUES else tried} {self.said} {entity}"
        main = main_reason(self, said, weight=self._score(entity))
        lines = Counter(dict.fromkeys(sorted({session.rule_id for session in run}), 0))
        for session in run:
            lines[session.rule_id] += session.n
        titles = self.ruleset.titles()
        parts = (
            Reason(signature=rule, title=f"{titles[rule]}: {n} lines", words="", start=0, end=0, weight=0)
            for rule, n in lines.most_common()
            if rule in titles
        )
        return (main, *parts)


def _values(run: Iterable[Session]) -> set[int]:
    return set().union(*(session.values for session in run))


def is_fan_out(run: Sequence[Seen], needed: int, window_us: int) -> bool:
    """Whether so many different things were tried within one window, or in every window on average."""
    sessions = [seen.session for seen in run]
    tried, first = len(_values(sessions)), sessions[0].first
    if first is None:
        return tried >= needed
    if tried >= needed * max(1.0, (run[-1].reach - first) / window_us):
        return True
    for index, begin in enumerate(sessions):
        near = [session for session in sessions[index:] if last_of(session) - first_of(begin) <= window_us]
        if len(_values(near)) >= needed:
            return True
    return False
