"""Vetoes: words such as `failed=0` silence the generic signatures that they overlap, and nothing else."""

from __future__ import annotations

import numpy as np

from soc.detection.judging.scanning.scan import Matches
from soc.detection.judging.score import tables_of
from soc.detection.ruleset import Ruleset


def silence(ruleset: Ruleset, matches: Matches) -> Matches:
    """Without the vetoes, and without generic matches that a veto in the same line overlaps."""
    is_veto = matches.pattern >= ruleset.first_veto
    keep = ~is_veto
    vetoes = np.flatnonzero(is_veto)
    if len(vetoes):
        generic = np.zeros(ruleset.first_veto + 1, np.bool_)
        generic[: ruleset.first_context] = tables_of(ruleset).generic[: ruleset.first_context]
        low = np.searchsorted(matches.line, matches.line[vetoes], "left")
        high = np.searchsorted(matches.line, matches.line[vetoes], "right")
        widths = high - low
        pair_veto = np.repeat(vetoes, widths)
        pair = (
            np.arange(widths.sum()) - np.repeat(np.cumsum(widths) - widths, widths) + np.repeat(low, widths)
        )
        hit = (
            generic[np.minimum(matches.pattern[pair], ruleset.first_veto)]
            & (matches.start[pair] < matches.end[pair_veto])
            & (matches.end[pair] > matches.start[pair_veto])
        )
        keep[pair[hit]] = False
    return Matches(matches.line[keep], matches.pattern[keep], matches.start[keep], matches.end[keep])
