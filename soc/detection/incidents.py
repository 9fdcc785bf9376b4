"""Findings, and the sessions that no finding took, become stories; and every line learns which one it belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson
import polars as pl

from soc.detection.detectors.kit.declaration import Detector, Finding, Lift, Line
from soc.detection.evidence import samples_of
from soc.detection.ruleset import Ruleset
from soc.detection.sessions.window import REFUSED_SHAPE, Session
from soc.detection.signatures.declaration import AUTH_FAILURE
from soc.detection.stories.building import build_stories
from soc.detection.stories.pieces import About, PieceMaker, who_of
from soc.detection.stories.traces import TRACES
from soc.domain.classification import Classification
from soc.domain.incident import Incident, Reason
from soc.ids import derived_id

#: Where plain sessions stand among incidents of one score: between detectors of a smaller and a larger `order`.
SESSION_ORDER = 50
#: From so many lines on failed logins are called repeated.
_REPEATED = 5


@dataclass(frozen=True)
class Settled:
    """`owner`: incident id by session number. `taken`: lines that a finding took, with its incident's id.

    Before the stories are told: what they want to know of each incident, by its id, and the sessions that may be steps.
    """

    incidents: tuple[Incident, ...]
    owner: dict[int, str]
    taken: tuple[tuple[Line, str], ...]
    about: Mapping[str, About] = field(default_factory=dict)
    traces: tuple[Session, ...] = ()


def tell_stories(settled: Settled, ruleset: Ruleset) -> Settled:
    """What belongs together as one story each, strongest first; traces get the story that they are steps of."""
    maker = PieceMaker(ruleset)
    pieces = [maker.of_incident(incident, settled.about[incident.id]) for incident in settled.incidents]
    window = timedelta(minutes=ruleset.session_window.minutes)
    told = build_stories(pieces, settled.traces, maker, window=window)
    owner = {one: story for one, found in settled.owner.items() if (story := told.of_finding.get(found))}
    taken = tuple((line, told.of_finding[found]) for line, found in settled.taken)
    return Settled(told.incidents, owner | dict(told.of_trace), taken)


class Ownership:
    """Who owns which session and line. What remains goes on to the next detector, at last to plain incidents."""

    def __init__(self, batch_id: str, ruleset: Ruleset, sessions: Sequence[Session]) -> None:
        self._batch_id, self._ruleset = batch_id, ruleset
        self.remaining = list(sessions)
        self._found: list[tuple[int, Incident]] = []
        self._about: dict[str, About] = {}
        self._lifts: list[Lift] = []
        self._owner: dict[int, str] = {}
        self._taken: list[tuple[Line, str]] = []

    def take(self, detector: Detector[Any, Any], findings: Sequence[Finding | Lift]) -> None:
        """Give the detector's findings what they ask for."""
        for finding in findings:
            if isinstance(finding, Lift):
                self._lifts.append(finding)
                continue
            incident = _of_finding(self._batch_id, detector.id, finding)
            self._found.append((detector.order, incident))
            self._about[incident.id] = About(finding.who, finding.meaning, detected=True)
            self._owner |= dict.fromkeys(finding.sessions, incident.id)
            self._taken += [(line, incident.id) for line in finding.lines]
        self.remaining = [session for session in self.remaining if session.session not in self._owner]

    def settle(self, places: pl.DataFrame) -> Settled:
        """All findings, strongest first. `places`: `file_no, block, part, session` of the partial sessions."""
        titles, weak = self._ruleset.titles(), {chosen.id for chosen in self._ruleset.detectors} | {*TRACES}
        repeated, traces = self._ruleset.tagged(AUTH_FAILURE), []
        for session in self.remaining:
            if session.rule_id in weak:
                traces.append(session)
                continue
            title = _title(session, titles[session.rule_id], repeated)
            incident = _of_session(self._batch_id, session, title)
            self._owner[session.session] = incident.id
            self._found.append((SESSION_ORDER, incident))
            self._about[incident.id] = About(who_of(session), refused=session.shape == REFUSED_SHAPE)
        gone, lifts = self._gone(places), self._lifts_by_incident()
        lost: Counter[str] = Counter()
        for number, lines in gone.items():
            if number in self._owner:
                lost[self._owner[number]] += lines
        kept = [
            (order, _lifted(incident, lifts.get(incident.id, ())))
            for order, incident in _without(self._found, lost)
        ]
        ranked = sorted(kept, key=lambda found: (-found[1].score, found[0]))
        about = {one.id: replace(self._about[one.id], order=order) for order, one in ranked}
        found = tuple(incident for _, incident in ranked)
        left = tuple(one._replace(n=n) for one in traces if (n := one.n - gone[one.session]) > 0)
        return Settled(found, self._owner, tuple(self._taken), about, left)

    def _gone(self, places: pl.DataFrame) -> Counter[int]:
        """How many lines of each session a finding took out of it."""
        gone: Counter[int] = Counter()
        inside = [(line.file_no, line.block, line.part) for line, _ in self._taken if line.part is not None]
        if inside:
            schema = {name: places.schema[name] for name in ("file_no", "block", "part")}
            lines = pl.DataFrame(inside, schema=schema, orient="row")
            gone.update(lines.join(places, on=list(schema))["session"].to_list())
        return gone

    def _lifts_by_incident(self) -> dict[str, list[Lift]]:
        found: dict[str, list[Lift]] = {}
        for lift in self._lifts:
            if lift.session in self._owner:
                found.setdefault(self._owner[lift.session], []).append(lift)
        return found


def _without(found: list[tuple[int, Incident]], lost: Counter[str]) -> list[tuple[int, Incident]]:
    """Lines taken no longer count where they were; what is emptied goes."""
    kept = []
    for order, incident in found:
        count = incident.count - lost[incident.id]
        if count > 0:
            kept.append(
                (order, incident if not lost[incident.id] else incident.model_copy(update={"count": count}))
            )
    return kept


def _lifted(incident: Incident, lifts: Sequence[Lift]) -> Incident:
    """With the higher score, and the reason for it: the weights still add up to the score."""
    for lift in lifts:
        if lift.score > incident.score:
            reason = Reason(
                signature=lift.signature, title=lift.title, words="", start=0, end=0,
                weight=lift.score - incident.score, attack=lift.attack,
            )  # fmt: skip
            incident = incident.model_copy(
                update={"score": lift.score, "reasons": (*incident.reasons, reason)}
            )
    return incident


def _of_finding(batch_id: str, rule_id: str, finding: Finding) -> Incident:
    return Incident(
        id=derived_id("inc", batch_id, rule_id, *finding.identity),
        batch_id=batch_id,
        title=finding.title,
        source=finding.source,
        classification=finding.classification,
        score=finding.score,
        confidence=finding.confidence,
        rule_id=rule_id,
        template_id=finding.template_id,
        template=finding.template,
        entity=finding.entity,
        count=finding.count,
        first_seen=finding.first_seen,
        last_seen=finding.last_seen,
        message=finding.message,
        reasons=finding.reasons,
        samples=finding.samples,
    )


def _of_session(batch_id: str, session: Session, title: str) -> Incident:
    """One session as an incident. Its id follows from the batch and what the session is."""
    return Incident(
        id=derived_id(
            "inc", batch_id, session.rule_id, session.shape, session.source, session.entity,
            "-" if session.first is None else session.first,
        ),
        batch_id=batch_id,
        title=title,
        source=session.source,
        classification=Classification(session.classification),
        score=session.score,
        confidence=session.confidence,
        rule_id=session.rule_id,
        template_id=session.template_id,
        template=session.template,
        entity=session.entity,
        count=session.n,
        first_seen=session.first_seen,
        last_seen=session.last_seen,
        message=session.message,
        reasons=tuple(Reason(**reason) for reason in orjson.loads(session.reasons)),
        samples=samples_of(session.samples),
    )  # fmt: skip


def _title(session: Session, title: str, repeated: Sequence[str]) -> str:
    """`Repeated failed logins from 203.0.113.9`, `Disk full on db1`."""
    entity = session.entity
    if session.rule_id in repeated and session.n >= _REPEATED:
        title = "Repeated failed logins"
    if not entity:
        return title
    is_address = entity.replace(".", "").isdigit() or ":" in entity
    return f"{title} {'from' if is_address else 'on'} {entity}"[:240]
