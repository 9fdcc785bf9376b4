"""What a signature is. The tables beside this file are data; each carries examples that are its tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from soc.domain.classification import Classification

Tag = Literal["", "auth-failure", "auth-success"]


@dataclass(frozen=True)
class Signature:
    """A pattern (Hyperscan and RE2 syntax, no newline, fixed end) and what it says of the line that has it.

    `score` is the weight before context (1–10), `confidence` 0–1 how often the pattern is right.
    `attack` is an ATT&CK technique. `positive` lines must match it, `negative` lines must not.
    `privileged`: the score already counts on root being concerned; a word that says so adds nothing.
    """

    id: str
    title: str
    pattern: str
    classification: Classification
    score: int
    confidence: float
    positive: tuple[str, ...]
    negative: tuple[str, ...] = ()
    attack: str = ""
    tag: Tag = ""
    caseless: bool = True
    privileged: bool = False


@dataclass(frozen=True)
class ContextWord:
    """A word that moves the score of a line whose class is in `classes` by `weight`; one of a `kind` counts."""

    id: str
    title: str
    pattern: str
    weight: int
    kind: str
    classes: frozenset[Classification]
    caseless: bool = True


@dataclass(frozen=True)
class Veto:
    """Words such as `failed=0` that take the meaning from generic signatures which overlap them."""

    id: str
    pattern: str
