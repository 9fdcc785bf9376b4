"""What the model says of lines that nothing else explains: asked once a distinct template."""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.detection.judging.facts import PLACES, Facts, spans_of
from soc.detection.judging.scanning.scan import Ints
from soc.detection.judging.score import Flags
from soc.detection.judging.stage import NOBODY, Stage, rule_numbers
from soc.detection.model.classifier import LABELS, NOTHING, classify
from soc.detection.model.rules import MODEL_RULES
from soc.detection.ruleset import Ruleset
from soc.logs.text.eager import take


def hear_model(ruleset: Ruleset, facts: Facts, template: pl.Series, explained: Flags) -> Stage:
    """Speaks of lines that are not `explained` and whose template the model knows; the message is the evidence."""
    rows = np.flatnonzero(~explained)
    rule = np.full(len(facts), NOBODY, np.int64)
    sure = np.zeros(len(facts))
    some = take(template, rows)
    distinct = some.unique().drop_nulls()
    if len(distinct):
        label, chance = classify(distinct)
        code = some.cast(pl.Enum(distinct)).to_physical().fill_null(len(distinct)).to_numpy()
        rule[rows] = np.append(_rule_by_label(ruleset)[label], NOBODY)[code]
        sure[rows] = np.append(chance, 0.0)[code]
    field = np.where(rule >= 0, PLACES["message"], NOBODY)
    start, end = spans_of(facts, field)
    return Stage(rule, field, start, end, confidence=sure.round(4), overrules=True)


def _rule_by_label(ruleset: Ruleset) -> Ints:
    """The number of each label's rule; NOBODY for what is none of the nine."""
    numbers = rule_numbers(ruleset)
    by_class = {one.classification: numbers.get(one.id, NOBODY) for one in MODEL_RULES}
    return np.array(
        [NOBODY if place == NOTHING else by_class[label] for place, label in enumerate(LABELS)], np.int64
    )
