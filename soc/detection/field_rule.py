"""What a field rule is: what a verdict says that fields gave, not words. The entries are data, in `judging/`."""

from __future__ import annotations

from dataclasses import dataclass

from soc.domain.classification import Classification

#: Who can decide a verdict, as the column `decided_by` names it; a number elsewhere is a place in this list.
DECIDERS = ("none", "sender", "behaviour", "signature", "model")
NONE, SENDER, BEHAVIOUR, SIGNATURE, MODEL = range(len(DECIDERS))


@dataclass(frozen=True)
class FieldRule:
    """`score` is the base before outcome, severity and target (1–10), `confidence` 0–1 how often the rule is right.

    `decider` is a place in DECIDERS. `yields`: says something ordinary, over which a narrow signature of an attack goes.
    `tags` are those of signatures: a detector that asks for failed logins gets them by whatever they were known.
    """

    id: str
    title: str
    classification: Classification
    score: int
    confidence: float
    decider: int
    attack: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    yields: bool = False
