"""Ask every rule about an incident. No I/O: the rules come from the store, the answers go back there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soc.domain.incident import Incident
from soc.domain.rule import Rule


@dataclass(frozen=True)
class Decision:
    """One rule's answer. `explanation` says why, or what would have changed it."""

    incident_id: str
    rule: Rule
    matched: bool
    explanation: str


def decide(incident: Incident, rules: Sequence[Rule]) -> list[Decision]:
    """Every rule's answer, in the rules' order; an incident is eligible when any of them matched."""
    return [
        Decision(
            incident_id=incident.id,
            rule=rule,
            matched=rule.matches(score=incident.score, classification=incident.classification),
            explanation=rule.explain(score=incident.score, classification=incident.classification),
        )
        for rule in rules
    ]
