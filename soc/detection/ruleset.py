"""The ruleset: everything a verdict depends on, as one frozen value with a hash.

It is handed to whatever judges, also to the pool's processes; two analyses in one process may have different ones.
`soc.detection.rulebook` builds it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from typing import Any

import orjson

from soc.detection.field_rule import FieldRule
from soc.detection.signatures.declaration import ContextWord, Signature, Veto


@dataclass(frozen=True)
class Weights:
    """`support`: each further signature of the verdict's class makes it this much surer, up to `surest`."""

    support: float = 0.02
    surest: float = 0.99


@dataclass(frozen=True)
class SessionWindow:
    """Lines of at least `min_score` that follow each other within the window are one session, later one incident."""

    min_score: int = 5
    minutes: int = 60

    @property
    def micros(self) -> int:
        return self.minutes * 60_000_000


@dataclass(frozen=True)
class ChosenDetector:
    """A detector that runs, by its id, with its settings' names and values."""

    id: str
    settings: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, eq=False)
class Ruleset:
    """Two rulesets with the same hash give the same verdicts; they are equal. The hash travels when it is pickled."""

    signatures: tuple[Signature, ...]
    context: tuple[ContextWord, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    weights: Weights = Weights()
    session_window: SessionWindow = SessionWindow()
    detectors: tuple[ChosenDetector, ...] = ()
    rules: tuple[FieldRule, ...] = ()
    hash: str = field(init=False, default="")

    def __post_init__(self) -> None:
        content = {part.name: getattr(self, part.name) for part in fields(self) if part.name != "hash"}
        object.__setattr__(self, "hash", hashlib.sha256(orjson.dumps(content)).hexdigest()[:32])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ruleset) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    @property
    def deciding(self) -> tuple[Signature | FieldRule, ...]:
        """By the number that a verdict names: signatures first, then field rules."""
        return (*self.signatures, *self.rules)

    @property
    def first_context(self) -> int:
        """Pattern numbers: signatures first, then context words, then vetoes."""
        return len(self.signatures)

    @property
    def first_veto(self) -> int:
        return len(self.signatures) + len(self.context)

    @property
    def first_unless(self) -> int:
        """Behind the vetoes: what takes one signature's match back, in the order of the signatures that have such."""
        return self.first_veto + len(self.vetoes)

    def patterns(self) -> tuple[tuple[str, bool], ...]:
        """(pattern, caseless) by pattern number."""
        return (
            *((signature.pattern, signature.caseless) for signature in self.signatures),
            *((word.pattern, word.caseless) for word in self.context),
            *((veto.pattern, veto.caseless) for veto in self.vetoes),
            *((signature.unless, True) for signature in self.signatures if signature.unless),
        )

    def tagged(self, tag: str) -> tuple[str, ...]:
        """Ids of the signatures, then of the field rules, that have the tag, in order."""
        return tuple(one.id for one in self.deciding if tag in one.tags)

    def titles(self) -> dict[str, str]:
        """Title by the id of a signature or field rule."""
        return {one.id: one.title for one in self.deciding}

    def rule_ids(self) -> tuple[str, ...]:
        """The ids of `deciding`."""
        return tuple(one.id for one in self.deciding)
