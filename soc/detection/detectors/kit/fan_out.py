"""Fan-out: one address that tries many different things. Worked out on sessions, which carry what was tried.

Sessions of one address that follow each other within the window are one fan-out when they tried enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from pydantic import Field

from soc.detection.detectors.kit.declaration import Detector, DetectorSettings, Finding, History, State
from soc.detection.evidence import SAMPLES, samples_of
from soc.detection.sessions.window import VALUES, Session
from soc.detection.stories.pieces import SCAN, who_of
from soc.domain.incident import Reason


class FanOutSettings(DetectorSettings):
    score: int = Field(default=8, ge=1, le=10, description="Score of a scan.")
    confidence: float = Field(default=0.9, gt=0, lt=1, description="How sure it is.")
    needed: int = Field(ge=2, le=VALUES, description="So many different things tried within the window.")


class Seen(NamedTuple):
    """A session of a run, and the latest moment of the run up to and with it."""

    session: Session
    reach: int


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
        by_entity: dict[str, list[Session]] = {}
        for session in state.sessions:
            if session.entity and session.rule_id in probes:
                by_entity.setdefault(session.entity, []).append(session)
        for entity, sessions in sorted(by_entity.items()):
            for run in runs_of(sessions, self.window_us):
                if is_fan_out(run, self.settings.needed, self.window_us):
                    yield self._finding(entity, [seen.session for seen in run])

    def _finding(self, entity: str, run: list[Session]) -> Finding:
        own = min(run, key=lambda session: (-len(session.values), -session.n, session.session))
        texts = sorted(
            (text for session in run for text in session.samples),
            key=lambda text: (text["file_no"], text["line_no"]),
        )
        return Finding(
            identity=(entity, "-" if run[0].first is None else run[0].first),
            title=f"{self.title} from {entity}",
            entity=entity,
            source=own.source,
            score=self._score(entity),
            confidence=self.settings.confidence,
            count=sum(session.n for session in run),
            first_seen=min((s.first_seen for s in run if s.first_seen is not None), default=None),
            last_seen=max((s.last_seen for s in run if s.last_seen is not None), default=None),
            message=own.message,
            template_id=own.template_id,
            template=own.template,
            reasons=self._reasons(entity, run),
            samples=samples_of(texts[:SAMPLES]),
            sessions=tuple(session.session for session in run),
            who=who_of(*run),
            meaning=SCAN,
        )

    def _score(self, entity: str) -> int:
        return self.settings.score

    def _reasons(self, entity: str, run: list[Session]) -> tuple[Reason, ...]:
        tried = len(_values(run))
        main = Reason(
            signature=self.id, title=f"{f'at least {tried}' if tried >= VALUES else tried} {self.said} {entity}",
            words="", start=0, end=0, weight=self._score(entity), attack=", ".join(self.attack),
        )  # fmt: skip
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
        near = [session for session in sessions[index:] if _last(session) - _first(begin) <= window_us]
        if len(_values(near)) >= needed:
            return True
    return False


def runs_of(sessions: Sequence[Session], window_us: int) -> list[list[Seen]]:
    """Sessions that follow each other within the window; those without time are one run."""
    timed = sorted(
        (session for session in sessions if session.first is not None),
        key=lambda session: (_first(session), session.session),
    )
    runs: list[list[Seen]] = []
    reach = 0
    for session in timed:
        if not runs or _first(session) - reach > window_us:
            runs.append([])
            reach = _last(session)
        reach = max(reach, _last(session))
        runs[-1].append(Seen(session, reach))
    untimed = [Seen(session, 0) for session in sessions if session.first is None]
    return [*runs, untimed] if untimed else runs


def _first(session: Session) -> int:
    assert session.first is not None
    return session.first


def _last(session: Session) -> int:
    assert session.last is not None
    return session.last
