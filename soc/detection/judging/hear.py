"""The stages in their order: what is asked before the signatures, and what where no signature speaks."""

from __future__ import annotations

from soc.detection.judging.behaviour import hear_accepted, hear_behaviour
from soc.detection.judging.deeds import hear_deeds
from soc.detection.judging.facts import Facts
from soc.detection.judging.sender import hear_levels, hear_sender
from soc.detection.judging.stage import Spoken
from soc.detection.ruleset import Ruleset
from soc.logs.text.compiled import keeps_compiled


@keeps_compiled
def hear_stages(ruleset: Ruleset, facts: Facts) -> Spoken:
    """What the sender, its tables of deeds and behaviour say of each line, in that order. A ruleset without field rules has none."""
    if not ruleset.rules or not len(facts):
        return Spoken()
    return Spoken(
        first=(hear_sender(ruleset, facts), hear_deeds(ruleset, facts), hear_behaviour(ruleset, facts)),
        last=(hear_accepted(ruleset, facts), hear_levels(ruleset, facts)),
    )
