"""A shape of record (its paths, in order) is ranked once: which paths may give which field, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from soc.logs.general.lexicon import ROWS, Choice
from soc.logs.general.pairs import UNIT
from soc.logs.general.typed import CHECKS, NOTHING
from soc.logs.general.words import words_of

#: What a word of the last key costs that a choice does not name, and one of a key above it.
_BESIDE, _ABOVE = 4.0, 1.5
#: However many words are beside it, a choice costs no more.
_DEAREST = 60.0
#: Whose word (of `local` and `remote`) each field takes where both are told of: a machine tells of itself first.
_ENDS = {"source.ip": "local", "source.port": "local", "destination.ip": "remote", "destination.port": "remote"}  # fmt: skip
_END = 50.0
#: Paths that are thought of for one field.
_MOST = 8

#: Field, its check and the numbers of the paths that may give it.
Plan = tuple[tuple[str, str, tuple[int, ...]], ...]


def _by_last_word() -> dict[str, list[tuple[int, Choice]]]:
    found: dict[str, list[tuple[int, Choice]]] = {}
    for number, row in enumerate(ROWS):
        for choice in row.choices:
            found.setdefault(choice.last, []).append((number, choice))
    return found


_CHOICES = _by_last_word()


@lru_cache(maxsize=50_000)
def _weights(path: str) -> tuple[tuple[int, float], ...]:
    """How well the path names each row's field; rows that it does not name are left out."""
    *keys, last = path.split(UNIT)
    leaf = frozenset(words_of(last))
    above = frozenset(word for key in keys for word in words_of(key))
    found: dict[int, float] = {}
    for word in leaf:
        for number, choice in _CHOICES.get(word, ()):
            never = ROWS[number].never
            rest = choice.words - leaf
            beside = above - choice.words
            if not rest <= above or (leaf | beside) & never or (choice.whole and not leaf <= choice.words):
                continue
            cost = _BESIDE * len(leaf - choice.words) + _ABOVE * len(beside)
            weight = choice.weight - min(cost, _DEAREST)
            if weight > found.get(number, 0.0):
                found[number] = weight
    return tuple(found.items())


@lru_cache(maxsize=50_000)
def _end(path: str) -> str:
    """`local` or `remote`, where a key of the path says so."""
    words = {word for key in path.split(UNIT) for word in words_of(key)}
    return "local" if "local" in words else "remote" if "remote" in words else ""


@lru_cache(maxsize=5_000)
def plan_of(paths: tuple[str, ...]) -> Plan:
    """For the fields that these paths may give, in the lexicon's order."""
    ranked: dict[int, list[tuple[float, int]]] = {}
    # what runs on a machine tells of its own processes; a server tells of those who come to it
    own = any("process" in words_of(path.rsplit(UNIT, 1)[-1]) for path in paths)
    both = own and {"local", "remote"} <= {_end(path) for path in paths}
    for place, path in enumerate(paths):
        for number, weight in _weights(path):
            end = _ENDS.get(ROWS[number].field) if both else None
            if end is not None and (said := _end(path)):
                weight += _END if said == end else -_END
            if weight > 0:
                ranked.setdefault(number, []).append((-weight, place))
    return tuple(
        (ROWS[number].field, ROWS[number].check, tuple(place for _, place in sorted(ranked[number])[:_MOST]))
        for number in sorted(ranked)
    )


def read_pairs(paths: Sequence[str], values: Sequence[str]) -> Mapping[str, str]:
    """The fields of one record; a value that cannot be lets the next path have its turn."""
    found: dict[str, str] = {}
    for field, check, places in plan_of(tuple(paths)):
        of = CHECKS[check]
        for place in places:
            value = values[place].strip()
            if value.lower() in NOTHING:
                continue
            if kept := of(value):
                found[field] = kept
                break
    return found
