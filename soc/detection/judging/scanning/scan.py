"""Every pattern at once over the raw bytes of a block: Hyperscan, or RE2 where no Hyperscan wheel exists.

Both engines answer the same question with the same columns; RE2 is slower and finds, of each pattern,
the first match of a line only.
"""

from __future__ import annotations

import array
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from soc.detection.judging.scanning.decoded import decode_lines
from soc.detection.judging.scanning.patterns import (
    KEPT,
    Patterns,
    compiled_database,
    compiled_expressions,
    has_hyperscan,
)
from soc.detection.judging.scanning.places import places_of
from soc.detection.ruleset import Ruleset
from soc.detection.signatures.place import EVERYWHERE, WHERE
from soc.logs.text.loaded import LINE_CAP

Ints = npt.NDArray[np.int64]

#: Where attackers hide what they write.
_HIDDEN_IN = WHERE["parameter"]


@dataclass(frozen=True)
class Matches:
    """Parallel columns: line (row in the block), pattern number, and bytes [start, end) within the line.

    Sorted by line, then pattern; one row a (line, pattern): the leftmost, longest match. Vetoes keep all.
    """

    line: Ints
    pattern: Ints
    start: Ints
    end: Ints

    def at(self, keep: npt.NDArray[np.bool_]) -> Matches:
        return Matches(self.line[keep], self.pattern[keep], self.start[keep], self.end[keep])


def find_matches(ruleset: Ruleset, data: bytes, starts: Ints, ends: Ints) -> Matches:
    """All matches in `data`, by the lines [starts, ends), each where its pattern may stand (`where:`).

    A match past LINE_CAP or over a line's end is none. Patterns that may stand in an address are looked for in its decoded
    form too; the match's bytes are those that were written.
    """
    patterns = ruleset.patterns()
    if not patterns:
        return no_matches()
    found = _scan(patterns, data)
    hidden = _scan_decoded(ruleset, data, starts, ends)
    if len(hidden):
        found = np.concatenate((found, hidden))
    placed = _placed(ruleset, _by_line(found, starts, ends), data, starts, ends)
    return _first(_without_taken_back(ruleset, placed), every=ruleset.first_veto)


def find_anywhere(ruleset: Ruleset, data: bytes, starts: Ints, ends: Ints) -> Matches:
    """What the patterns find in lines, wherever that is and whatever takes it back: to say why a signature did not count."""
    patterns = ruleset.patterns()
    return (
        _first(_by_line(_scan(patterns, data), starts, ends), every=len(patterns))
        if patterns
        else no_matches()
    )


def _scan(patterns: Patterns, data: bytes) -> Ints:
    """(n, 3): pattern, start, end in `data`."""
    return _scan_hyperscan(patterns, data) if has_hyperscan() else _scan_re2(patterns, data)


def _scan_decoded(ruleset: Ruleset, data: bytes, starts: Ints, ends: Ints) -> Ints:
    """What lines hold once their escapes are undone, as spans of `data`."""
    numbers = np.flatnonzero(_decoded_patterns(ruleset.hash, ruleset))
    hidden = decode_lines(data, starts, ends, LINE_CAP) if len(numbers) else None
    if hidden is None:
        return np.zeros((0, 3), np.int64)
    patterns = ruleset.patterns()
    found = _scan(tuple(patterns[number] for number in numbers.tolist()), hidden.data)
    if len(found):
        last = hidden.origin[np.minimum(found[:, 2], len(hidden.origin) - 1)]
        found = np.stack((numbers[found[:, 0]], hidden.origin[found[:, 1]], last), axis=1)
    return found


@lru_cache(maxsize=KEPT)
def _decoded_patterns(_: str, ruleset: Ruleset) -> npt.NDArray[np.bool_]:
    return np.array(
        [bool(one.places & _HIDDEN_IN) and one.places != EVERYWHERE for one in ruleset.signatures], np.bool_
    )


@lru_cache(maxsize=KEPT)
def _places_of(_: str, ruleset: Ruleset) -> Ints:
    """The places of each pattern, as bits; all but signatures may stand anywhere."""
    everywhere = [EVERYWHERE] * (len(ruleset.patterns()) - len(ruleset.signatures))
    return np.array([*(one.places for one in ruleset.signatures), *everywhere], np.int64)


def _without_taken_back(ruleset: Ruleset, found: Matches) -> Matches:
    """Without the matches whose signature's `not:` stands in the same line."""
    back = np.flatnonzero(found.pattern >= ruleset.first_unless)
    if not len(back):
        return found
    owners = np.array([number for number, one in enumerate(ruleset.signatures) if one.unless], np.int64)
    taken = found.line[back] * len(ruleset.patterns()) + owners[found.pattern[back] - ruleset.first_unless]
    keep = ~np.isin(found.line * len(ruleset.patterns()) + found.pattern, taken)
    return found.at(keep & (found.pattern < ruleset.first_unless))


def _placed(ruleset: Ruleset, found: Matches, data: bytes, starts: Ints, ends: Ints) -> Matches:
    """Without the matches that do not stand where their pattern means something."""
    allowed = _places_of(ruleset.hash, ruleset)[found.pattern]
    asked = np.flatnonzero(allowed != EVERYWHERE)
    if not len(asked):
        return found
    spans = found.line[asked], found.start[asked], found.end[asked]
    places = places_of(data, starts, np.minimum(ends, starts + LINE_CAP), spans)
    keep = np.ones(len(found.line), np.bool_)
    keep[asked] = (allowed[asked] >> places) & 1 == 1
    return found.at(keep)


def _scan_hyperscan(patterns: Patterns, data: bytes) -> Ints:
    """(n, 3): pattern, start, end in `data`."""
    found = array.array("q")
    extend = found.extend

    def keep(pattern: int, start: int, end: int, flags: int, context: object) -> None:
        extend((pattern, start, end))

    compiled_database(patterns).scan(data, match_event_handler=keep)
    return np.frombuffer(found, np.int64).reshape(-1, 3) if found else np.zeros((0, 3), np.int64)


def _scan_re2(patterns: Patterns, data: bytes) -> Ints:
    """The fallback: each pattern goes over the whole block; matches are found one after the other in C++."""
    rows = [
        (number, *match.span())
        for number, expression in compiled_expressions(patterns)
        for match in expression.finditer(data)
    ]
    return np.array(rows, np.int64).reshape(-1, 3)


def _by_line(found: Ints, starts: Ints, ends: Ints) -> Matches:
    """By line, pattern and start; of matches that begin together the longest."""
    pattern, start, end = found[:, 0], found[:, 1], found[:, 2]
    line = np.searchsorted(starts, start, "right").astype(np.int64) - 1
    if len(starts):
        inside = (line >= 0) & (end <= np.minimum(ends, starts + LINE_CAP)[np.maximum(line, 0)])
    else:
        inside = np.zeros(len(line), np.bool_)
    pattern, line = pattern[inside], line[inside]
    start, end = start[inside] - starts[line], end[inside] - starts[line]
    order = np.lexsort((-end, start, pattern, line))
    return Matches(line[order], pattern[order], start[order], end[order])


def _first(found: Matches, *, every: int) -> Matches:
    """Of each pattern the first match of a line, from pattern number `every` on all of them."""
    if not len(found.line):
        return found
    fresh = np.ones(len(found.line), np.bool_)
    fresh[1:] = (found.line[1:] != found.line[:-1]) | (found.pattern[1:] != found.pattern[:-1])
    return found.at(fresh | (found.pattern >= every))


def no_matches() -> Matches:
    nothing = np.zeros(0, np.int64)
    return Matches(nothing, nothing, nothing, nothing)
