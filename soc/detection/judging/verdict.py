"""From matches to a verdict a line: class, score, confidence, rule and evidence. Columnar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soc.detection.judging.scan import Ints, Matches
from soc.detection.judging.score import LOWEST, UNCLASSIFIED, Floats, score_lines, tables_of
from soc.detection.ruleset import Ruleset


@dataclass(frozen=True)
class Verdicts:
    """One entry a line. `rule` is a signature number or -1; evidence is -1 where there is no rule."""

    rule: Ints
    classification: Ints
    score: Ints
    confidence: Floats
    evidence_start: Ints
    evidence_end: Ints


def unjudged(lines: int) -> Verdicts:
    """No signature says anything of any line."""
    none = np.full(lines, -1, np.int64)
    classification, score = np.full(lines, UNCLASSIFIED, np.int64), np.full(lines, LOWEST, np.int64)
    return Verdicts(none, classification, score, np.zeros(lines), none, none)


def judge(ruleset: Ruleset, matches: Matches, lines: int) -> Verdicts:
    """The strongest signature of each line decides, of equally strong ones the first; context moves the score."""
    if not ruleset.signatures:
        return unjudged(lines)
    tables = tables_of(ruleset)
    rule = np.full(lines, -1, np.int64)
    start, end = rule.copy(), rule.copy()
    is_signature = matches.pattern < ruleset.first_context
    line, pattern = matches.line[is_signature], matches.pattern[is_signature]
    order = np.lexsort((pattern, -tables.score[pattern], line))
    first = order[np.flatnonzero(np.diff(line[order], prepend=-1))] if len(order) else order
    rule[line[first]] = pattern[first]
    start[line[first]] = matches.start[is_signature][first]
    end[line[first]] = matches.end[is_signature][first]
    classification = np.where(rule >= 0, tables.classification[rule], UNCLASSIFIED)
    score = score_lines(ruleset, matches, rule, classification)
    confidence = _confidence(
        ruleset,
        rule,
        np.bincount(line[tables.classification[pattern] == classification[line]], minlength=lines),
    )
    return Verdicts(rule, classification, score, confidence, start, end)


def _confidence(ruleset: Ruleset, rule: Ints, agreeing: Ints) -> Floats:
    """The rule's own, raised by each further signature of its class in the line; 0 where there is no rule."""
    weights = ruleset.weights
    raised = tables_of(ruleset).confidence[rule] + weights.support * np.maximum(agreeing - 1, 0)
    return np.where(rule >= 0, np.minimum(raised, weights.surest), 0.0).round(4)
