"""A shape of record (its paths, in order) is ranked once: which paths may give which field, the best first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from soc.logs.general.lexicon import ROWS, Choice
from soc.logs.general.pairs import UNIT
from soc.logs.general.typed import CHECKS, NOTHING
from soc.logs.general.words import words_of
from soc.logs.text.addresses import OWN_NET

#: What a word of the last key costs that a choice does not name, and one of a key above it.
_BESIDE, _ABOVE = 4.0, 1.5
#: What a key above it costs that holds none of the choice's words: what lies deep is told of, not what tells.
_DEEP = 1.5
#: However many words are beside it, a choice costs no more.
_DEAREST = 60.0
#: Whose word (of `local` and `remote`) each field takes where both are told of: a machine tells of itself first.
_ENDS = {"source.ip": "local", "source.port": "local", "destination.ip": "remote", "destination.port": "remote"}  # fmt: skip
#: What told of one end tells nothing of the other.
_OTHER_END = frozenset({"destination.ip", "destination.port"})
_END = 50.0
#: The same where somebody came to the machine; keys that may say so, and what they say.
_TURNED = {"source.ip": "remote", "source.port": "remote", "destination.ip": "local", "destination.port": "local"}  # fmt: skip
_DIRECTIONS = frozenset({"direction", "action"})
_INWARD = re.compile(r"(?i)\A(?:in\Z|inbound|incoming|ingress)|Inbound")
_OWN_NET = re.compile(OWN_NET)
#: A zone that stands beside the time, and a time that names none.
_ZONE_KEYS = (
    frozenset({"tz"}),
    frozenset({"time", "zone"}),
    frozenset({"dtz"}),
    frozenset({"timezone"}),
    frozenset({"device", "time", "zone"}),
)
_ZONE = re.compile(r"(?i)\A(?:UTC|GMT|[A-Z]{3,4}|[+-]\d\d:?\d\d)\Z")
_ZONELESS = re.compile(
    r"(?i)\A[^a-z]*\d:\d\d(?:[.,]\d{1,9})?(?: ?[ap]m)?\Z|\A[a-z]{3} \d{1,2},? \d{4} \d\d:\d\d:\d\d\Z"
)
_FORWARDED = frozenset({"forwarded", "for"})
#: Paths that are thought of for one field.
_MOST = 8

#: Field, its check and the numbers of the paths that may give it.
Rows = tuple[tuple[str, str, tuple[int, ...]], ...]


class Plan(NamedTuple):
    """`rows` in the lexicon's order; `own`: a machine tells of its own processes, so that what is remote may be either end. `forwarded`: whom a proxy says that it asks for. `zones`: the zone of its times. `turned` where a value at one of `directions` says that somebody came to the machine."""

    rows: Rows
    turned: Rows
    directions: tuple[int, ...]
    own: bool = False
    forwarded: tuple[int, ...] = ()
    zones: tuple[int, ...] = ()


class _Weight(NamedTuple):
    row: int
    weight: float
    beside: frozenset[str]


def _by_last_word() -> dict[str, list[tuple[int, Choice]]]:
    found: dict[str, list[tuple[int, Choice]]] = {}
    for number, row in enumerate(ROWS):
        for choice in row.choices:
            found.setdefault(choice.last, []).append((number, choice))
    return found


_CHOICES = _by_last_word()


@lru_cache(maxsize=50_000)
def _words(path: str) -> frozenset[str]:
    return frozenset(word for key in path.split(UNIT) for word in words_of(key))


@lru_cache(maxsize=50_000)
def _weights(path: str) -> tuple[_Weight, ...]:
    """How well the path names each row's field, the best first; rows that it does not name are left out."""
    *keys, last = path.split(UNIT)
    leaf = frozenset(words_of(last))
    holders = [frozenset(words_of(key)) for key in keys]
    above = frozenset(word for key in holders for word in key)
    found: list[_Weight] = []
    for word in leaf:
        for number, choice in _CHOICES.get(word, ()):
            never = ROWS[number].never
            rest = choice.words - leaf
            beside = above - choice.words
            if (
                not rest <= above
                or ((leaf - choice.words) | beside) & never
                or (choice.whole and not leaf <= choice.words)
            ):
                continue
            deep = sum(not key & choice.words for key in holders)
            if "event" in rest and leaf - choice.words:  # `event.HostName` is no name of an event
                continue
            cost = _BESIDE * len(leaf - choice.words) + _ABOVE * len(beside) + _DEEP * deep
            weight = choice.weight - min(cost, _DEAREST)
            if weight > 0:
                found.append(_Weight(number, weight, choice.beside))
    return tuple(sorted(found, key=lambda one: -one.weight))


@lru_cache(maxsize=50_000)
def _end(path: str) -> str:
    """`local` or `remote`, where a key of the path says so."""
    words = _words(path)
    return "local" if "local" in words else "remote" if "remote" in words else ""


@lru_cache(maxsize=5_000)
def plan_of(paths: tuple[str, ...]) -> Plan:
    """For the fields that these paths may give."""
    # what runs on a machine tells of its own processes; a server tells of those who come to it
    own = any("process" in words_of(path.rsplit(UNIT, 1)[-1]) for path in paths)
    both = {"local", "remote"} <= {_end(path) for path in paths}
    rows = _rank(paths, _ENDS if both and own else {})
    directions = (
        tuple(place for place, path in enumerate(paths) if _words(path) & _DIRECTIONS) if both else ()
    )
    forwarded = tuple(place for place, path in enumerate(paths) if _words(path) >= _FORWARDED)
    zones = tuple(
        place
        for place, path in enumerate(paths)
        if frozenset(words_of(path.rsplit(UNIT, 1)[-1])) in _ZONE_KEYS
    )
    return Plan(rows, _rank(paths, _TURNED) if directions else rows, directions, own, forwarded, zones)


def _rank(paths: tuple[str, ...], ends: Mapping[str, str]) -> Rows:
    keys = frozenset("_".join(words_of(path.rsplit(UNIT, 1)[-1])) for path in paths)
    words = keys | frozenset(word for path in paths for word in _words(path))
    ranked: dict[int, list[tuple[float, int]]] = {}
    for place, path in enumerate(paths):
        done: set[int] = set()
        for number, choice_weight, beside in _weights(path):
            if number in done or not beside <= words:
                continue
            done.add(number)
            weight = choice_weight
            end = ends.get(ROWS[number].field)
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
    plan = plan_of(tuple(paths))
    inward = any(_INWARD.search(values[place]) for place in plan.directions)
    found: dict[str, str] = {}
    sources: set[int] = set()
    for field, check, places in plan.turned if inward else plan.rows:
        if field in found:
            continue
        of = CHECKS[check]
        for place in places:
            value = values[place].strip()
            if value.lower() in NOTHING or (place in sources and field in _OTHER_END):
                continue
            if kept := of(value):
                found[field] = kept
                if field == "source.ip" and not plan.own:
                    sources.add(place)
                break
    if plan.zones and _ZONELESS.match(said := found.get("@timestamp", "")):
        zone = values[plan.zones[0]].strip()
        placed = f"{said} {zone}" if _ZONE.match(zone) else said
        found["@timestamp"] = CHECKS["time"](placed) or said
    if plan.forwarded and _OWN_NET.match(found.get("source.ip", "")):
        asked_for = (kept for place in plan.forwarded if (kept := CHECKS["address"](values[place].strip())))
        found["source.ip"] = next(asked_for, found["source.ip"])
    return found
