"""Where a pattern looks at digits: what it would find if each of its digits could be any."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from soc.detection.judging.scan import Ints, Matches, Patterns, by_line, placed, scan_patterns
from soc.detection.ruleset import Ruleset
from soc.detection.signatures.any_digit import with_any_digit


@lru_cache(maxsize=4)
def _loose(ruleset: Ruleset) -> tuple[Ints, Patterns]:
    """The numbers of the patterns that tell digits apart, and these with any digit."""
    several = [
        (number, with_any_digit(text), caseless) for number, (text, caseless) in enumerate(ruleset.patterns())
    ]
    told = [one for one in several if one[1] != ruleset.patterns()[one[0]][0]]
    return np.array([number for number, _, _ in told], np.int64), tuple(one[1:] for one in told)


def find_loosely(ruleset: Ruleset, data: bytes, starts: Ints, ends: Ints) -> Matches:
    """All matches, by the lines [starts, ends) of `data`, of the patterns that tell digits apart, were they to take any digit."""
    numbers, patterns = _loose(ruleset)
    if not patterns:
        return by_line(np.zeros((0, 3), np.int64), starts, ends)
    found = scan_patterns(patterns, data).copy()
    found[:, 0] = numbers[found[:, 0]]
    return placed(ruleset, by_line(found, starts, ends), data, starts, ends)
