"""Scores: a signature's weight, moved by context words of its class, kept within 1–10. Columnar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from soc.detection.field_rule import SIGNATURE, FieldRule
from soc.detection.judging.scanning.scan import Ints, Matches
from soc.detection.ruleset import Ruleset
from soc.detection.signatures.declaration import GENERIC, LEVEL, PRIVILEGED, WORD
from soc.domain.classification import Classification

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CLASSES: tuple[Classification, ...] = tuple(Classification)
UNCLASSIFIED = CLASSES.index(Classification.UNCLASSIFIED)
LOWEST, HIGHEST = 1, 10
_TROUBLE = (Classification.CRITICAL_ERROR, Classification.ERROR, Classification.WORKFLOW_ERROR)

#: The kind of context words that a privileged signature already counts on.
PRIVILEGE = "privilege"


@dataclass(frozen=True)
class Tables:
    """A ruleset as columns: one entry a signature and, behind them, one a field rule; `context_…`: one a context word."""

    score: Ints
    classification: Ints
    confidence: Floats
    generic: Flags
    privileged: Flags
    decider: Ints
    yields: Flags
    level: Flags
    word: Flags
    trouble: Flags
    context_weight: Ints
    context_kind: Ints
    context_applies: Flags
    context_privilege: Flags


@lru_cache(maxsize=8)
def tables_of(ruleset: Ruleset) -> Tables:
    words = ruleset.context
    rules = ruleset.deciding
    kinds = sorted({word.kind for word in words})
    return Tables(
        score=np.array([s.score for s in rules], np.int64),
        classification=np.array([CLASSES.index(s.classification) for s in rules], np.int64),
        confidence=np.array([s.confidence for s in rules], np.float64),
        generic=np.array([GENERIC in s.tags for s in rules], np.bool_),
        privileged=np.array([PRIVILEGED in s.tags for s in rules], np.bool_),
        decider=np.array([s.decider if isinstance(s, FieldRule) else SIGNATURE for s in rules], np.int64),
        yields=np.array([isinstance(s, FieldRule) and s.yields for s in rules], np.bool_),
        level=np.array([LEVEL in s.tags for s in rules], np.bool_),
        trouble=np.array([s.classification in _TROUBLE for s in rules], np.bool_),
        word=np.array([WORD in s.tags for s in rules], np.bool_),
        context_weight=np.array([w.weight for w in words], np.int64),
        context_kind=np.array([kinds.index(w.kind) for w in words], np.int64),
        context_applies=np.array([[c in w.classes for c in CLASSES] for w in words], np.bool_).reshape(
            len(words), len(CLASSES)
        ),
        context_privilege=np.array([w.kind == PRIVILEGE for w in words], np.bool_),
    )


def score_lines(ruleset: Ruleset, matches: Matches, rule: Ints, classification: Ints) -> Ints:
    """Each line's score: its rule's (1 where it has none) plus its context, within LOWEST–HIGHEST."""
    tables = tables_of(ruleset)
    base = np.where(rule >= 0, tables.score[rule], LOWEST)
    return np.clip(base + _context(ruleset, matches, rule, classification), LOWEST, HIGHEST)


def _context(ruleset: Ruleset, matches: Matches, rule: Ints, classification: Ints) -> Ints:
    """Sum of the weights of context words that apply: one of a kind a line, the first by number."""
    tables, lines = tables_of(ruleset), len(rule)
    is_word = matches.pattern >= ruleset.first_context
    word, line = matches.pattern[is_word] - ruleset.first_context, matches.line[is_word]
    applies = tables.context_applies[word, classification[line]]
    applies &= ~(tables.context_privilege[word] & (rule[line] >= 0) & tables.privileged[rule[line]])
    word, line = word[applies], line[applies]
    key = line * (len(ruleset.context) + 1) + tables.context_kind[word]
    _, first = np.unique(key, return_index=True)
    weights = tables.context_weight[word[first]]
    return np.bincount(line[first], weights=weights, minlength=lines).astype(np.int64)
