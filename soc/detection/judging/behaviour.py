"""What is done, in whatever words: category, type and outcome of the event, and who is there to do it."""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.detection.judging.facts import PLACES, Facts, spans_of
from soc.detection.judging.stage import NOBODY, Stage, rule_numbers
from soc.detection.ruleset import Ruleset


def hear_behaviour(ruleset: Ruleset, facts: Facts) -> Stage:
    numbers = rule_numbers(ruleset)
    failed = (
        facts.fields.select(
            (
                (pl.col("event.category") == "authentication") & (pl.col("event.outcome") == "failure")
            ).fill_null(False)
        )
        .to_series()
        .to_numpy()
    )
    rule = np.where(failed, numbers["behaviour.failed-login"], NOBODY)
    field = np.where(failed, PLACES["event.outcome"], NOBODY)
    start, end = spans_of(facts, field)
    return Stage(rule, field, start, end)
