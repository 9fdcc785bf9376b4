"""Asks the model of what is left when sender, behaviour and signatures have spoken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from soc.detection.judging.facts import Facts
from soc.detection.judging.scanning.scan import Matches
from soc.detection.judging.score import Flags, tables_of
from soc.detection.judging.stage import Spoken
from soc.detection.model.hear import hear_model
from soc.detection.ruleset import Ruleset

#: A record of pairs says what it says by its keys, and a name of one word is none of a sentence: the model has learned those.
_RECORD = r"^\s*[\[{]\s*[\"'{]"
#: A message that begins by saying what is not; the model counts words and would take “no problems” for problems.
_DENIES = r"(?i)^\W*(?:no|never|without)\s"


def ask_model(
    ruleset: Ruleset, facts: Facts, template: pl.Series, found: Matches, matches: Matches, spoken: Spoken
) -> Spoken:
    """With the model as the last of the stages, of lines of which none spoke and that no signature matches, or by a word alone.

    `found` are the matches before vetoes: of “0 failed” it is known what it says, and that it is nothing.
    """
    if not ruleset.rules:
        return spoken
    named = named_lines(ruleset, found, matches, len(facts))
    explained = np.logical_or.reduce([named, *(stage.speaks for stage in spoken.first)])
    if explained.all():
        return spoken
    explained |= (
        (facts.body.str.contains(_RECORD) | ~template.str.contains(r"\S\s\S")).fill_null(False).to_numpy()
    )
    explained |= template.str.contains(_DENIES).fill_null(False).to_numpy()
    return replace(spoken, last=(*spoken.last, hear_model(ruleset, facts, template, explained)))


def named_lines(ruleset: Ruleset, found: Matches, matches: Matches, lines: int) -> Flags:
    """Whether a signature (no context word) says of each line what it is, or takes back what a word says."""
    if not ruleset.signatures:
        return np.zeros(lines, np.bool_)
    word = tables_of(ruleset).word
    said, kept = (_by_signature(ruleset, some) for some in (found, matches))
    named = np.zeros(lines, np.bool_)
    named[said.line[~word[said.pattern]]] = True
    by_word, still = (np.bincount(some.line[word[some.pattern]], minlength=lines) for some in (said, kept))
    return np.asarray(named | (by_word > still), np.bool_)


def _by_signature(ruleset: Ruleset, matches: Matches) -> Matches:
    keep = matches.pattern < ruleset.first_context
    return Matches(matches.line[keep], matches.pattern[keep], matches.start[keep], matches.end[keep])
