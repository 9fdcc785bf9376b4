"""What is done in a service's audit record, by the service's own name for it: the tables of `tables/deeds`, else the name's words."""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.detection.judging.facts import PLACES, Facts, spans_of
from soc.detection.judging.scanning.scan import Ints
from soc.detection.judging.score import Flags
from soc.detection.judging.stage import NOBODY, Move, Stage, rule_numbers
from soc.detection.judging.tables.changes import RIGHTS_CHANGED
from soc.detection.judging.tables.deeds_read import MUCH, find_deed
from soc.detection.ruleset import Ruleset

#: What makes a deed graver, by the sign that the record gives of it.
_GRAVER = {
    "root": ("deed.root", "the root account did it"),
    "public": ("deed.public", "it concerns everybody"),
}


def hear_deeds(ruleset: Ruleset, facts: Facts) -> Stage:
    """Speaks of records whose deed a table knows. A deed that failed changed nothing, unless the table says otherwise."""
    none = np.full(len(facts), NOBODY, np.int64)
    told = facts.deed
    distinct = told.unique().drop_nulls()
    if not len(distinct):
        return Stage(none, none, none, none)
    numbers = rule_numbers(ruleset)
    found = {deed: numbers[named] for deed in distinct.to_list() if (named := find_deed(deed))}
    rule: Ints = (
        told.replace_strict(found, default=NOBODY, return_dtype=pl.Int64).fill_null(NOBODY).to_numpy()
    )
    has_name = facts.fields["event.action"].is_not_null().to_numpy()
    field = np.where((rule >= 0) & has_name, PLACES["event.action"], NOBODY).astype(np.int64)
    start, end = spans_of(facts, field)
    mild = np.isin(rule, [numbers[name] for name in MUCH if name in numbers] + [numbers[RIGHTS_CHANGED]])
    moves = tuple(
        Move(name, title, (mild & is_signed(told, sign)).astype(np.int64))
        for sign, (name, title) in _GRAVER.items()
    )
    return Stage(rule, field, start, end, moves=moves)


def is_undone(told: pl.Series) -> Flags:
    """Of each deed whether it failed, was a service's own, or was only a look."""
    return is_signed(told, "(?:failed|service|reads)")


def is_signed(told: pl.Series, sign: str) -> Flags:
    """Of each deed whether the record gives that sign."""
    if told.null_count() == len(told):
        return np.zeros(len(told), np.bool_)
    found: Flags = told.str.contains(rf"\t(?:[\w-]+ )*{sign}(?: |$)").fill_null(False).to_numpy()
    return found
