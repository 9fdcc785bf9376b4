"""Runs: sessions of one entity that follow each other within the window, and the finding that one of them is."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any, NamedTuple

from soc.detection.detectors.kit.declaration import Detector, Finding
from soc.detection.evidence import SAMPLES, samples_of
from soc.detection.sessions.window import Session
from soc.detection.stories.pieces import who_of
from soc.domain.incident import Reason


class Seen(NamedTuple):
    """A session of a run, and the latest moment of the run up to and with it."""

    session: Session
    reach: int


def runs_by_entity(
    sessions: Sequence[Session], rules: Container[str], window_us: int
) -> Iterator[tuple[str, list[Seen]]]:
    """The runs of these rules' sessions, entity by entity; a session without one is nobody's."""
    by_entity: dict[str, list[Session]] = {}
    for session in sessions:
        if session.entity and session.rule_id in rules:
            by_entity.setdefault(session.entity, []).append(session)
    for entity, own in sorted(by_entity.items()):
        for run in runs_of(own, window_us):
            yield entity, run


def runs_of(sessions: Sequence[Session], window_us: int) -> list[list[Seen]]:
    """Sessions that follow each other within the window; those without time are one run."""
    timed = sorted(
        (session for session in sessions if session.first is not None),
        key=lambda session: (first_of(session), session.session),
    )
    runs: list[list[Seen]] = []
    reach = 0
    for session in timed:
        if not runs or first_of(session) - reach > window_us:
            runs.append([])
            reach = last_of(session)
        reach = max(reach, last_of(session))
        runs[-1].append(Seen(session, reach))
    untimed = [Seen(session, 0) for session in sessions if session.first is None]
    return [*runs, untimed] if untimed else runs


def first_of(session: Session) -> int:
    assert session.first is not None
    return session.first


def last_of(session: Session) -> int:
    assert session.last is not None
    return session.last


def main_reason(detector: Detector[Any, Any], title: str, *, weight: int | None = None) -> Reason:
    """Why the detector speaks, with its score as the weight and its techniques."""
    return Reason(
        signature=detector.id, title=title, words="", start=0, end=0,
        weight=detector.settings.score if weight is None else weight, attack=", ".join(detector.attack),
    )  # fmt: skip


def finding_of(
    detector: Detector[Any, Any],
    run: Sequence[Session],
    *,
    own: Session,
    reasons: tuple[Reason, ...],
    meaning: str,
    about: tuple[str, ...] = (),
) -> Finding:
    """The finding that a run is, with the main reason's weight as its score. `own` is the session that stands for it, `about` what
    else than its entity tells it apart.
    """
    texts = sorted(
        (text for session in run for text in session.samples),
        key=lambda text: (text["file_no"], text["line_no"]),
    )
    return Finding(
        identity=(*about, own.entity, "-" if run[0].first is None else run[0].first),
        title=f"{detector.title} from {own.entity}",
        entity=own.entity,
        source=own.source,
        score=reasons[0].weight,
        confidence=detector.settings.confidence,
        count=sum(session.n for session in run),
        first_seen=min((s.first_seen for s in run if s.first_seen is not None), default=None),
        last_seen=max((s.last_seen for s in run if s.last_seen is not None), default=None),
        message=own.message,
        template_id=own.template_id,
        template=own.template,
        reasons=reasons,
        samples=samples_of(texts[:SAMPLES]),
        sessions=tuple(session.session for session in run),
        who=who_of(*run),
        meaning=meaning,
    )
