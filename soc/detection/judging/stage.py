"""What one stage of judging says of a block's lines: who sent them, what they do, or a model. Columnar.

A stage speaks of a line by naming a field rule. `combine` in `verdict` asks the stages in their order: the first that speaks
decides the class; what comes later moves score and confidence only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from soc.detection.judging.scanning.scan import Ints
from soc.detection.judging.score import Flags, Floats
from soc.detection.ruleset import Ruleset

#: No line, no rule, no place.
NOBODY = -1


@dataclass(frozen=True)
class Move:
    """What moves the score of some lines, and why, as a sentence: one weight a line, 0 where it does not apply."""

    id: str
    title: str
    weight: Ints


@dataclass(frozen=True)
class Stage:
    """One entry a line. `rule`: the number of a field rule in `Ruleset.rules`, NOBODY where the stage does not speak.

    `field`: the place in `FIELDS` of the field that decided; `start`, `end`: where its value stands in the line, NOBODY
    where that cannot be said. `moves` add to the rule's score where this stage decides. `confidence`: None takes the rule's.
    `mutes`: lines that say that no login failed: signatures of failed logins do not count there. `outranks`: lines in which this
    stage knows better than a signature that has found no more than the word of a level. `overrules`: whether it knows better
    than one that has found no more than a word such as failed.
    """

    rule: Ints
    field: Ints
    start: Ints
    end: Ints
    moves: tuple[Move, ...] = ()
    confidence: Floats | None = None
    mutes: Flags | None = None
    outranks: Flags | None = None
    overrules: bool = False

    @property
    def speaks(self) -> Flags:
        return np.asarray(self.rule >= 0, np.bool_)


@dataclass(frozen=True)
class Spoken:
    """The stages before the signatures, in order, and those that are asked where no signature speaks either."""

    first: Sequence[Stage] = ()
    last: Sequence[Stage] = ()


def rule_numbers(ruleset: Ruleset) -> Mapping[str, int]:
    """The number of each field rule by its id."""
    return {rule.id: number for number, rule in enumerate(ruleset.rules)}


def numbers_of(ruleset: Ruleset, rules: pl.Series) -> Ints:
    """The numbers of field rules by their ids; NOBODY for null."""
    known = dict(rule_numbers(ruleset))
    return rules.replace_strict(known, default=NOBODY, return_dtype=pl.Int64).fill_null(NOBODY).to_numpy()
