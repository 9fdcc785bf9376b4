"""What the sender itself says of its line: that it found something, how grave it is, what it calls the event."""

from __future__ import annotations

import numpy as np

from soc.detection.judging.facts import PLACES, Facts, spans_of
from soc.detection.judging.stage import NOBODY, Stage, rule_numbers
from soc.detection.ruleset import Ruleset


def hear_sender(ruleset: Ruleset, facts: Facts) -> Stage:
    numbers = rule_numbers(ruleset)
    alert = (facts.fields["event.kind"] == "alert").fill_null(False).to_numpy()
    rule = np.where(alert, numbers["sender.alert"], NOBODY)
    field = np.where(alert, PLACES["event.kind"], NOBODY)
    start, end = spans_of(facts, field)
    return Stage(rule, field, start, end)
