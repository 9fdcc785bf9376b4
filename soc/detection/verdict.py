"""From matches to a verdict a line: class, score, confidence, rule and evidence. Columnar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from soc.detection.scan import FIRST_CONTEXT, FIRST_VETO, Matches
from soc.detection.signature import GENERIC, PRIVILEGED
from soc.detection.signatures import CONTEXT, SIGNATURES
from soc.domain.classification import Classification

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CLASSES: tuple[Classification, ...] = tuple(Classification)
UNCLASSIFIED = CLASSES.index(Classification.UNCLASSIFIED)

#: Each further signature of the verdict's class makes it this much surer.
_SUPPORT = 0.02


@dataclass(frozen=True)
class Verdicts:
    """One entry a line. `rule` is a signature number or -1; evidence is -1 where there is no rule."""

    rule: Ints
    classification: Ints
    score: Ints
    confidence: Floats
    evidence_start: Ints
    evidence_end: Ints


@dataclass(frozen=True)
class _Tables:
    score: Ints
    classification: Ints
    confidence: Floats
    generic: npt.NDArray[np.bool_]
    context_weight: Ints
    context_kind: Ints
    context_applies: npt.NDArray[np.bool_]
    context_privilege: npt.NDArray[np.bool_]
    privileged: npt.NDArray[np.bool_]


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    kinds = sorted({word.kind for word in CONTEXT})
    return _Tables(
        score=np.array([s.score for s in SIGNATURES], np.int64),
        classification=np.array([CLASSES.index(s.classification) for s in SIGNATURES], np.int64),
        confidence=np.array([s.confidence for s in SIGNATURES]),
        generic=np.array([GENERIC in s.tags for s in SIGNATURES]),
        context_weight=np.array([w.weight for w in CONTEXT], np.int64),
        context_kind=np.array([kinds.index(w.kind) for w in CONTEXT], np.int64),
        context_applies=np.array([[c in w.classes for c in CLASSES] for w in CONTEXT]),
        context_privilege=np.array([w.kind == "privilege" for w in CONTEXT]),
        privileged=np.array([PRIVILEGED in s.tags for s in SIGNATURES]),
    )


def silence(matches: Matches) -> Matches:
    """Without the vetoes, and without generic matches that a veto in the same line overlaps."""
    is_veto = matches.pattern >= FIRST_VETO
    keep = ~is_veto
    vetoes = np.flatnonzero(is_veto)
    if len(vetoes):
        generic = np.zeros(FIRST_VETO, np.bool_)
        generic[:FIRST_CONTEXT] = _tables().generic
        low = np.searchsorted(matches.line, matches.line[vetoes], "left")
        high = np.searchsorted(matches.line, matches.line[vetoes], "right")
        widths = high - low
        pair_veto = np.repeat(vetoes, widths)
        pair = (
            np.arange(widths.sum()) - np.repeat(np.cumsum(widths) - widths, widths) + np.repeat(low, widths)
        )
        pattern = matches.pattern[pair]
        hit = (
            generic[np.minimum(pattern, FIRST_VETO - 1)]
            & (pattern < FIRST_CONTEXT)
            & (matches.start[pair] < matches.end[pair_veto])
            & (matches.end[pair] > matches.start[pair_veto])
        )
        keep[pair[hit]] = False
    return Matches(matches.line[keep], matches.pattern[keep], matches.start[keep], matches.end[keep])


def judge(matches: Matches, lines: int) -> Verdicts:
    """The strongest signature of each line decides; context words of its class move the score, within 1–10."""
    tables = _tables()
    rule = np.full(lines, -1, np.int64)
    start, end = rule.copy(), rule.copy()
    is_signature = matches.pattern < FIRST_CONTEXT
    line, pattern = matches.line[is_signature], matches.pattern[is_signature]
    order = np.lexsort((pattern, -tables.score[pattern], line))
    first = order[np.flatnonzero(np.diff(line[order], prepend=-1))] if len(order) else order
    rule[line[first]] = pattern[first]
    start[line[first]] = matches.start[is_signature][first]
    end[line[first]] = matches.end[is_signature][first]
    known = rule >= 0
    classification = np.where(known, tables.classification[rule], UNCLASSIFIED)
    score = np.where(known, tables.score[rule], 1) + _context(matches, rule, classification, lines)
    same = tables.classification[pattern] == classification[line]
    support = np.maximum(np.bincount(line[same], minlength=lines) - 1, 0)
    confidence = np.where(known, np.minimum(tables.confidence[rule] + _SUPPORT * support, 0.99), 0.0)
    return Verdicts(rule, classification, np.clip(score, 1, 10), confidence.round(4), start, end)


def _context(matches: Matches, rule: Ints, classification: Ints, lines: int) -> Ints:
    """Sum of the weights of context words that apply: one of a kind a line, the first by number."""
    tables = _tables()
    is_word = matches.pattern >= FIRST_CONTEXT
    word, line = matches.pattern[is_word] - FIRST_CONTEXT, matches.line[is_word]
    applies = tables.context_applies[word, classification[line]]
    applies &= ~(tables.context_privilege[word] & (rule[line] >= 0) & tables.privileged[rule[line]])
    word, line = word[applies], line[applies]
    key = line * (len(CONTEXT) + 1) + tables.context_kind[word]
    _, first = np.unique(key, return_index=True)
    return np.bincount(line[first], weights=tables.context_weight[word[first]], minlength=lines).astype(
        np.int64
    )


def reasons_of(
    matches: list[tuple[int, int, int, bytes]], *, rule: int, classification: int
) -> list[dict[str, Any]]:
    """Why one line was judged so, as fields of Reason: the rule's signature first, then each context word.

    `matches` are (pattern, start, end, words) of the line. The weights add up to the score before it is
    kept within 1–10. Further signatures of the class weigh 0: they make the verdict surer.
    """
    tables = _tables()
    reasons: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    support: list[dict[str, Any]] = []
    kinds: set[int] = set()
    for number, start, end, found in matches:
        reason = {"words": found.decode("utf-8", "replace")[:300], "start": start, "end": end}
        if number < FIRST_CONTEXT:
            signature = SIGNATURES[number]
            reason |= {
                "signature": signature.id,
                "title": signature.title,
                "attack": ", ".join(signature.attack),
            }
            if number == rule:
                reasons.append(reason | {"weight": signature.score})
            elif tables.classification[number] == classification:
                support.append(reason | {"weight": 0})
            continue
        word = CONTEXT[number - FIRST_CONTEXT]
        kind = int(tables.context_kind[number - FIRST_CONTEXT])
        counted = rule >= 0 and PRIVILEGED in SIGNATURES[rule].tags and word.kind == "privilege"
        if CLASSES[classification] in word.classes and kind not in kinds and not counted:
            kinds.add(kind)
            words.append(reason | {"signature": word.id, "title": word.title, "weight": word.weight})
    return [*reasons, *words, *support[:8]]
