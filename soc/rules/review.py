"""What rules say of each other: one that can never match, one that adds nothing to others, and where two meet.

A rule looks at score and class alone, so all that it could ever match is a set of at most 10 × 10 cells, and this is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from soc.domain.classification import Classification
from soc.domain.rule import Rule
from soc.integrations.registry import KINDS

Cell = tuple[int, str]
_CELLS: tuple[Cell, ...] = tuple(product(range(1, 11), (one.value for one in Classification)))


@dataclass(frozen=True)
class Notice:
    """`grave`: the rule does not do what somebody may think. Otherwise it is good to know."""

    text: str
    grave: bool


def cells_of(rule: Rule) -> frozenset[Cell]:
    """Every score and class that the rule would match if it were switched on."""
    on = rule.model_copy(update={"enabled": True})
    return frozenset(cell for cell in _CELLS if on.matches(score=cell[0], classification=cell[1]))


def channels_of(rule: Rule) -> frozenset[str]:
    """The kinds that it names."""
    return frozenset(kind for kind in KINDS if rule.names(kind))


def review_rules(rules: Sequence[Rule]) -> Mapping[str, tuple[Notice, ...]]:
    """What there is to say of each, by its id."""
    return {rule.id: review_rule(rule, rules) for rule in rules}


def review_rule(rule: Rule, rules: Iterable[Rule]) -> tuple[Notice, ...]:
    """What there is to say of this rule among these (it may be one of them); they are in the order of asking."""
    mine = cells_of(rule)
    if not mine:
        classes = ", ".join(one.value for one in Classification)
        return (
            Notice(f"No class contains “{rule.class_contains}”: it never matches. Classes: {classes}.", True),
        )
    notices = (
        [] if channels_of(rule) else [Notice("It names no channel: what it matches is told to nobody.", True)]
    )
    if not rule.enabled:
        return tuple(notices)
    others = [one for one in rules if one.enabled and one.id != rule.id]
    broader = next(
        (one for one in others if mine <= cells_of(one) and channels_of(rule) <= channels_of(one)), None
    )
    if broader is not None:
        return (*notices, _covered(rule, broader))
    if all(
        any(cell in cells_of(one) and kind in channels_of(one) for one in others)
        for cell in mine
        for kind in channels_of(rule)
    ):
        return (
            *notices,
            Notice(
                "Other rules together match all of this and tell the same channels: it adds nothing.", True
            ),
        )
    met = [one for one in others if mine & cells_of(one) and channels_of(rule) & channels_of(one)]
    if met:
        names = ", ".join(f"“{one.name}”" for one in met)
        notices.append(Notice(f"Some incidents also meet {names}; each channel is told once.", False))
    return tuple(notices)


def _covered(rule: Rule, broader: Rule) -> Notice:
    if (broader.position, broader.id) < (rule.position, rule.id):
        return Notice(
            f"Unreachable: “{broader.name}” is asked before it, matches all of this and tells the same channels.",
            True,
        )
    return Notice(
        f"“{broader.name}”, asked later, matches all of this too and tells the same channels: only the rule that is noted differs.",
        False,
    )
