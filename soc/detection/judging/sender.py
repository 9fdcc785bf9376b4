"""What the sender itself says of its line: that it found something, how grave it is, what it calls the event."""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.detection.judging.facts import PLACES, Facts, spans_of
from soc.detection.judging.stage import NOBODY, Move, Stage, rule_numbers
from soc.detection.ruleset import Ruleset


def hear_sender(ruleset: Ruleset, facts: Facts) -> Stage:
    numbers = rule_numbers(ruleset)
    alert = (facts.fields["event.kind"] == "alert").fill_null(False).to_numpy()
    rule = np.where(alert, numbers["sender.alert"], NOBODY)
    named = facts.fields["event.detection"].is_not_null().to_numpy()
    field = np.where(alert, np.where(named, PLACES["event.detection"], PLACES["event.kind"]), NOBODY)
    start, end = spans_of(facts, field)
    return Stage(rule, field, start, end, moves=_moves(facts))


#: What the sender's severity adds to its detection.
_BY_GRAVITY = {"informational": -2, "low": -1, "medium": 0, "high": 1, "critical": 1}


def _moves(facts: Facts) -> tuple[Move, ...]:
    gravity = facts.fields["event.gravity"].replace_strict(_BY_GRAVITY, default=0, return_dtype=pl.Int64)
    return (Move("sender.severity", "the sender calls it mild, or grave", gravity.to_numpy()),)
