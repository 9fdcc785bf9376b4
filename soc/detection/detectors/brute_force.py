"""Brute force: many failed logins of one address or user, and a success after them. Worked out on counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.declaration import (
    Detector,
    DetectorSettings,
    Example,
    Finding,
    History,
    Lift,
    Line,
    State,
)
from soc.detection.detectors.kit.login_trail import (
    Trail,
    failures_before,
    merge_trails,
    most_within,
    trail_of,
)
from soc.detection.evidence import samples_of
from soc.detection.sessions.window import Session
from soc.detection.signatures.declaration import AUTH_FAILURE, AUTH_SUCCESS
from soc.detection.stories.pieces import BREACH, Who, merged
from soc.domain.incident import Reason

#: Lines of the failures that are shown beside the success.
_FAILURES_SHOWN = 4


def _logins(failures: int, *, seconds: int = 1) -> str:
    line = "Mar  1 0{h}:{m:02d}:{s:02d} web1 sshd[7]: {said} for eve from 203.0.113.9 port 40 ssh2\n"
    said = ["Failed password"] * failures + ["Accepted password"]
    times = [n * seconds for n in range(len(said))]
    return "".join(
        line.format(h=t // 3600, m=t // 60 % 60, s=t % 60, said=words)
        for t, words in zip(times, said, strict=True)
    )


class BruteForceSettings(DetectorSettings):
    score: int = Field(default=10, ge=1, le=10, description="Score of a success after failures.")
    confidence: float = Field(default=0.95, gt=0, lt=1, description="How sure it is.")
    guesses: int = Field(
        default=5,
        ge=1,
        description="So many failures within the window before a success are a guess that hit.",
    )
    many: int = Field(
        default=20, ge=2, description="So many failures within the window are worth a look without a success."
    )
    many_score: int = Field(
        default=8, ge=1, le=10, description="Score to which these failures' incident rises."
    )


class BruteForce(Detector[BruteForceSettings, Trail]):
    id = "auth.brute-force-success"
    title = "Brute force that succeeded"
    about = (
        "Failed logins of one address, else user, and a success after them; very many failures rise in score."
    )
    order = 10
    attack = ("T1110",)
    asks: ClassVar = {
        AUTH_FAILURE: "a login that failed: counts before a success",
        AUTH_SUCCESS: "a login that succeeded",
    }
    Settings = BruteForceSettings
    examples = (
        Example("five failures and a success", _logins(5), fires=True),
        Example("four failures and a success", _logins(4), fires=False),
        Example("one failure a quarter of an hour", _logins(12, seconds=900), fires=False),
    )
    #: Names the reason of a lift.
    lift_id: ClassVar[str] = "auth.many-failures"

    def mark(self, block: JudgedBlock) -> Trail | None:
        return trail_of(block, self.ruleset.tagged(AUTH_FAILURE), self.ruleset.tagged(AUTH_SUCCESS))

    def merge(self, marks: Sequence[Trail]) -> Trail:
        return merge_trails(marks)

    def find(self, state: State[Trail], history: History) -> Iterator[Finding | Lift]:
        if state.marks is None:
            return
        failing = set(self.ruleset.tagged(AUTH_FAILURE))
        failed = [session for session in state.sessions if session.rule_id in failing]
        hits = failures_before(state.marks, self.window_us).filter(pl.col("n") >= self.settings.guesses)
        for run in self._runs(hits.to_dicts()):
            yield self._finding(run, failed)
        yield from self._lifts(state.marks, failed)

    def _runs(self, hits: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        """Successes of one entity that follow each other within the window."""
        runs: list[list[dict[str, Any]]] = []
        for hit in hits:
            last = runs[-1][-1] if runs else None
            if last is not None and (last["entity"], last["scope"]) == (hit["entity"], hit["scope"]):
                untimed = hit["scope"] >= 0
                if untimed or hit["when"] - last["when"] <= self.window_us:
                    runs[-1].append(hit)
                    continue
            runs.append([hit])
        return runs

    def _finding(self, run: list[dict[str, Any]], failed: list[Session]) -> Finding:
        first = run[0]
        failures = [
            text for session in failed if session.entity == first["entity"] for text in session.samples
        ]
        success = {**first, "text": first["shown"]}
        times = [hit["@timestamp"] for hit in run if hit["@timestamp"] is not None]
        reason = Reason(
            signature=self.id,
            title=f"{first['n']} failed logins of {first['entity']} and then a success "
            f"(line {first['line_no']} of {first['file']})",
            words=first["words"], start=first["evidence_start"] or 0, end=first["evidence_end"] or 0,
            weight=self.settings.score, attack=", ".join(self.attack),
        )  # fmt: skip
        return Finding(
            identity=(first["entity"], first["scope"], first["when"]),
            title=f"{self.title} from {first['entity']}",
            entity=first["entity"],
            source=first["source"],
            score=self.settings.score,
            confidence=self.settings.confidence,
            count=len(run),
            first_seen=min(times, default=None),
            last_seen=max(times, default=None),
            message=first["message"],
            template_id=first["template_id"],
            template=first["template"],
            reasons=(reason,),
            samples=samples_of([success, *failures[:_FAILURES_SHOWN]]),
            lines=tuple(Line(hit["file_no"], hit["block"], hit["line_no"], hit["part"]) for hit in run),
            who=Who(
                merged(hit["user.name"] for hit in run if hit["user.name"] is not None),
                merged(hit["host.name"] for hit in run if hit["host.name"] is not None),
            ),
            meaning=BREACH,
        )

    def _lifts(self, trail: Trail, failed: list[Session]) -> Iterator[Lift]:
        """Of each entity with very many failures, its largest session of failed logins rises."""
        most = most_within(trail, self.window_us)
        largest: dict[str, Session] = {}
        for session in failed:
            best = largest.get(session.entity)
            if most.get(session.entity, 0) >= self.settings.many and (best is None or session.n > best.n):
                largest[session.entity] = session
        for entity, session in largest.items():
            yield Lift(
                session=session.session,
                score=self.settings.many_score,
                signature=self.lift_id,
                title=f"{most[entity]} failures from {entity} within {self.window_minutes} min",
                attack=", ".join(self.attack),
            )
