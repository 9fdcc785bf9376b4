"""What a signature is: what a line must say to mean something. The entries themselves are data, in `signatures/`."""

from __future__ import annotations

from dataclasses import dataclass

from soc.detection.signatures.place import EVERYWHERE
from soc.domain.classification import Classification


@dataclass(frozen=True)
class Signature:
    """A pattern (Hyperscan and RE2 syntax, within one line; several, each on a line of its own) and what it says of the
    line that has it.

    `score` is the weight before context (1–10), `confidence` 0–1 how often the pattern is right. `attack` are
    ATT&CK techniques. `tags` say what else the match means: logic asks for tags, never for an id. `places` are bits of
    Place: where in a line it may match. What is not `narrow` matches ordinary lines too, and never alone makes one grave.
    `unless` are patterns (each on a line of its own) that take the match back where they stand in the same line.
    """

    id: str
    title: str
    classification: Classification
    score: int
    confidence: float
    pattern: str
    attack: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    caseless: bool = True
    places: int = EVERYWHERE
    narrow: bool = True
    unless: str = ""


@dataclass(frozen=True)
class ContextWord:
    """A word that moves the score of a line whose class is in `classes` by `weight`; one of a `kind` counts."""

    id: str
    title: str
    pattern: str
    weight: int
    kind: str
    classes: tuple[Classification, ...]
    caseless: bool = True


@dataclass(frozen=True)
class Veto:
    """Words such as `failed=0` that take the meaning from generic signatures which overlap them."""

    id: str
    title: str
    pattern: str
    caseless: bool = True


#: Tags that judging itself asks for. Detectors declare those that they ask for.
GENERIC, PRIVILEGED, WEB_ATTACK, AUTH_FAILURE = "generic", "privileged", "web-attack", "auth-failure"
AUTH_SUCCESS, IN_VAIN, LEVEL, WORD = "auth-success", "in-vain", "level", "word"
TAGS = {
    GENERIC: "single words and levels: a veto that overlaps the match silences it",
    PRIVILEGED: "the score already counts on root being concerned: a word that says so adds nothing",
    WEB_ATTACK: "an attack over HTTP: what the server answered and what it refused are two incidents",
    AUTH_FAILURE: "a login that failed",
    AUTH_SUCCESS: "a login that succeeded",
    LEVEL: "no more than a level: where the sender's own has been read, that decides",
    WORD: "no more than a word such as failed or started: a model that is sure of the whole sentence knows better",
    IN_VAIN: "what was tried was refused: no step of a chain, and nobody else's step after a break-in",
}
