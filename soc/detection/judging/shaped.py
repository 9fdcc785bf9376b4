"""Failed logins and probes, asked once a shape of message: numbers tell nothing of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from soc.detection.judging.tables.login_words import (
    DENIED,
    FAILED,
    NONSENSE,
    PROBE,
    REFUSAL,
    SPEAKER,
    find_failed_login,
    may_be_failed_login,
    may_be_nonsense,
    may_be_probe,
    may_be_refusal,
)
from soc.logs.text.eager import take
from soc.logs.text.placed import remember_group
from soc.logs.text.shapes import Shapes, number_distinct


def find_failed_logins(bodies: Shapes, rows: pl.Series) -> tuple[pl.Series, pl.Series]:
    """What `find_failed_login` says of the rows (a mask) of the texts."""
    asked = bodies.asked(rows)
    asked = asked.filter(may_be_failed_login(take(bodies.text, asked)))
    some = take(bodies.text, asked)
    plain = some.str.replace(SPEAKER, "").str.replace_all(DENIED, " ; ")
    same = (plain == some).to_numpy()
    start, size = np.zeros(len(bodies.text), np.int64), np.full(len(bodies.text), -1, np.int64)
    some, places = some.filter(pl.Series(same)), asked.to_numpy()[same]
    if len(some):
        start[places], size[places] = remember_group(some, f"({FAILED})")
    words = bodies.cut(rows, start, size)
    other = np.zeros(len(bodies.text), np.bool_)
    other[asked.to_numpy()[~same]] = True
    bent = (rows & pl.Series(other[bodies.code])).arg_true()
    nothing_failed = pl.Series([False]).new_from_index(0, len(rows))
    if not len(bent):
        return words, nothing_failed
    # what was taken out may stand within the words: of these each text is asked
    texts, code = number_distinct(take(bodies.rows, bent))
    its_words, denied = find_failed_login(texts, pl.Series([True]).new_from_index(0, len(texts)))
    return words.scatter(bent, take(its_words, code)), nothing_failed.scatter(bent, take(denied, code))


def find_probes(bodies: Shapes, rows: pl.Series) -> pl.Series:
    """What `find_probe` says of the rows (a mask) of the texts."""
    return _find(bodies, rows, may_be_probe, PROBE)


def find_nonsense(bodies: Shapes, rows: pl.Series) -> pl.Series:
    """The words of the rows (a mask) that say that a peer does not keep to the protocol; null where none do."""
    return _find(bodies, rows, may_be_nonsense, NONSENSE)


def find_refusals(bodies: Shapes, rows: pl.Series) -> pl.Series:
    """The words of the rows (a mask) that say that a peer was turned away; null where none do."""
    return _find(bodies, rows, may_be_refusal, REFUSAL)


def _find(
    bodies: Shapes, rows: pl.Series, may_be: Callable[[pl.Series], pl.Series], pattern: str
) -> pl.Series:
    """The pattern's words in the rows, asked only of shapes that may hold them."""
    asked = bodies.asked(rows)
    possible = np.zeros(len(bodies.text), np.bool_)
    possible[asked.to_numpy()] = may_be(take(bodies.text, asked)).to_numpy()
    return bodies.extract(rows & pl.Series(possible[bodies.code]), f"({pattern})")
