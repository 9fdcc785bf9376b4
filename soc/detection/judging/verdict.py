"""From what stages and signatures say to a verdict a line: class, score, confidence, rule, evidence, who decided. Columnar."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from soc.detection.field_rule import NONE, SIGNATURE
from soc.detection.judging.scanning.scan import Ints, Matches
from soc.detection.judging.score import (
    CLASSES,
    HIGHEST,
    LOWEST,
    UNCLASSIFIED,
    Flags,
    Floats,
    score_lines,
    tables_of,
)
from soc.detection.judging.stage import NOBODY, Move, Spoken, Stage
from soc.detection.ruleset import Ruleset
from soc.detection.signatures.declaration import AUTH_FAILURE
from soc.domain.classification import Classification

_SECURITY = CLASSES.index(Classification.SECURITY_ALERT)
#: From this score on a signature is narrow: its words alone say that it is grave.
_NARROW = 8
#: So much a narrow signature of the same class adds at most to what a stage decided: two independent signs.
_MOST_LIFT = 2
_SILENT = Spoken()


@dataclass(frozen=True)
class Verdicts:
    """One entry a line. `rule`: a signature's number, then (from `first_context` on) a field rule's; -1 where there is none.

    Evidence is -1 where there is no rule, or a field decided and it cannot be said where in the line its value stands.
    `decided`: a place in DECIDERS. `field`: the place in `FIELDS` of what decided, -1 where no field did. `moves`: what
    moved the scores of lines that a stage decided. `beneath`: the signature of trouble whose class the model knew better, or -1.
    """

    rule: Ints
    classification: Ints
    score: Ints
    confidence: Floats
    evidence_start: Ints
    evidence_end: Ints
    decided: Ints
    field: Ints
    moves: tuple[Move, ...] = ()
    beneath: Ints | None = None


def unjudged(lines: int) -> Verdicts:
    """Nothing says anything of any line."""
    none = np.full(lines, NOBODY, np.int64)
    classification, score = np.full(lines, UNCLASSIFIED, np.int64), np.full(lines, LOWEST, np.int64)
    return Verdicts(
        none, classification, score, np.zeros(lines), none, none, np.full(lines, NONE, np.int64), none
    )


def judge(ruleset: Ruleset, matches: Matches, lines: int, spoken: Spoken = _SILENT) -> Verdicts:
    """The first stage that speaks of a line decides its class, else its strongest signature (of equally strong ones the
    first), else the stages that come last. Context moves a signature's score, a stage's own moves that of a stage."""
    verdicts = _by_signature(ruleset, _unmuted(ruleset, matches, spoken), lines)
    strongest = verdicts.rule
    owned = np.zeros(lines, np.bool_)
    for stage in spoken.first:
        verdicts, owned = _decide(ruleset, verdicts, strongest, stage, owned)
    for stage in spoken.last:
        said = (strongest >= 0) & ~_knows_better(ruleset, strongest, stage)
        verdicts, now = _decide(ruleset, verdicts, strongest, stage, owned | said)
        fresh = now & ~said & ~owned
        if stage.overrules:
            verdicts = replace(verdicts, beneath=_beneath(ruleset, strongest, stage, fresh))
        owned |= now & ~said  # what a signature said binds this stage; the next may outrank it
    return verdicts


def _beneath(ruleset: Ruleset, strongest: Ints, stage: Stage, decides: Flags) -> Ints:
    """The signature of each line that the stage decides, where both tell of trouble."""
    if not ruleset.signatures:
        return np.full(len(strongest), NOBODY, np.int64)
    trouble = tables_of(ruleset).trouble
    both = decides & (strongest >= 0) & trouble[strongest] & trouble[len(ruleset.signatures) + stage.rule]
    return np.where(both, strongest, NOBODY)


def _knows_better(ruleset: Ruleset, strongest: Ints, stage: Stage) -> Flags:
    """Where the stage decides though a signature speaks: one that has found no more than a word."""
    if not ruleset.signatures:
        return np.zeros(len(strongest), np.bool_)
    tables = tables_of(ruleset)
    better = np.zeros(len(strongest), np.bool_)
    if stage.outranks is not None:
        better |= tables.level[strongest] & stage.outranks
    if stage.overrules:
        other = (
            tables.classification[strongest] != tables.classification[len(ruleset.signatures) + stage.rule]
        )
        better |= tables.word[strongest] & other
    return better


def _unmuted(ruleset: Ruleset, matches: Matches, spoken: Spoken) -> Matches:
    """Without the signatures of failed logins in lines of which a stage knows that none failed."""
    muted = [stage.mutes for stage in spoken.first if stage.mutes is not None and stage.mutes.any()]
    if not muted:
        return matches
    failing = np.zeros(int(matches.pattern.max(initial=0)) + 1, np.bool_)
    tagged = [number for number, one in enumerate(ruleset.signatures) if AUTH_FAILURE in one.tags]
    failing[[number for number in tagged if number < len(failing)]] = True
    keep = ~(failing[matches.pattern] & np.logical_or.reduce(muted)[matches.line])
    return Matches(matches.line[keep], matches.pattern[keep], matches.start[keep], matches.end[keep])


def _by_signature(ruleset: Ruleset, matches: Matches, lines: int) -> Verdicts:
    if not ruleset.signatures:
        return unjudged(lines)
    tables = tables_of(ruleset)
    rule = np.full(lines, NOBODY, np.int64)
    start, end = rule.copy(), rule.copy()
    is_signature = matches.pattern < ruleset.first_context
    line, pattern = matches.line[is_signature], matches.pattern[is_signature]
    specific = np.zeros(lines, np.bool_)
    specific[line[~(tables.word | tables.level)[pattern]]] = True
    by_word = specific[line] & tables.word[pattern]
    order = np.lexsort((pattern, -tables.score[pattern], by_word, line))
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
    decided = np.where(rule >= 0, SIGNATURE, NONE)
    none = np.full(lines, NOBODY, np.int64)
    return Verdicts(rule, classification, score, confidence, start, end, decided, none)


def _decide(
    ruleset: Ruleset, sofar: Verdicts, strongest: Ints, stage: Stage, owned: Flags
) -> tuple[Verdicts, Flags]:
    """With the stage's verdict on each line of which it speaks and that nobody before it `owned`."""
    takes = stage.speaks & ~owned
    if not takes.any():
        return sofar, owned
    tables = tables_of(ruleset)
    rule = len(ruleset.signatures) + stage.rule
    grave = (strongest >= 0) & (tables.score[strongest] >= _NARROW)
    attack = grave & (tables.classification[strongest] == _SECURITY)
    takes &= ~(tables.yields[rule] & attack)
    base = tables.score[rule]
    agrees = takes & grave & (tables.classification[strongest] == tables.classification[rule])
    lift = np.where(agrees, np.clip(tables.score[strongest] - base, 0, _MOST_LIFT), 0)
    moves = (*stage.moves, Move("sign.words", "words of an attack in the same line", lift))
    if stage.overrules:
        both = _beneath(ruleset, strongest, stage, takes) >= 0
        lift = np.where(both, np.clip(sofar.score - base, 0, _MOST_LIFT), 0)
        moves = (*moves, Move("sign.trouble", "a word of trouble in the same line", lift))
    moved = tuple(Move(move.id, move.title, np.where(takes, move.weight, 0)) for move in moves)
    score = np.clip(base + sum(move.weight for move in moved), LOWEST, HIGHEST)
    sure = tables.confidence[rule] if stage.confidence is None else stage.confidence
    sure = np.minimum(sure + ruleset.weights.support * agrees, ruleset.weights.surest).round(4)
    return Verdicts(
        rule=np.where(takes, rule, sofar.rule),
        classification=np.where(takes, tables.classification[rule], sofar.classification),
        score=np.where(takes, score, sofar.score),
        confidence=np.where(takes, sure, sofar.confidence),
        evidence_start=np.where(takes, stage.start, sofar.evidence_start),
        evidence_end=np.where(takes, stage.end, sofar.evidence_end),
        decided=np.where(takes, tables.decider[rule], sofar.decided),
        field=np.where(takes, stage.field, sofar.field),
        moves=(*sofar.moves, *(move for move in moved if move.weight.any())),
    ), owned | takes


def _confidence(ruleset: Ruleset, rule: Ints, agreeing: Ints) -> Floats:
    """The rule's own, raised by each further signature of its class in the line; 0 where there is no rule."""
    weights = ruleset.weights
    raised = tables_of(ruleset).confidence[rule] + weights.support * np.maximum(agreeing - 1, 0)
    return np.where(rule >= 0, np.minimum(raised, weights.surest), 0.0).round(4)
