"""What a record tells twice, as it was and as it is: `old_value` and `new_value`, `before.mfa` and `after.mfa`, `preaction` and `postaction`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from soc.logs.general.pairs import UNIT

#: A key that tells how it was; and what the same key is called that tells how it is.
_WAS = re.compile(r"(?:^|(?<=_))(old|previous|prev|prior|before|pre|from|original)(?=[_-]?[a-z]|$)")
_IS = {
    "old": ("new", "current", ""), "previous": ("new", "current", "next", ""), "prev": ("new", "current", ""), "prior": ("new", "current", ""),
    "before": ("after",), "pre": ("post",), "from": ("to",), "original": ("new", "current", "updated"),
}  # fmt: skip
#: So many paths are looked through at most.
_MOST = 300


@lru_cache(maxsize=5_000)
def _twice(paths: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """The places of what was and of what is."""
    places = {path.lower(): place for place, path in enumerate(paths[:_MOST])}
    found = []
    for path, place in places.items():
        now = next((places[other] for other in _names_now(path) if other in places), place)
        if now != place:
            found.append((place, now))
    return tuple(found)


def _names_now(path: str) -> Iterator[str]:
    keys = path.split(UNIT)
    for number, key in enumerate(keys):
        said = _WAS.search(key)
        for word in _IS[said[1]] if said is not None else ():
            other = (key[: said.start()] + word + key[said.end() :]).strip("_-") if said is not None else key
            yield UNIT.join((*keys[:number], *((other,) if other else ()), *keys[number + 1 :]))


def read_changes(paths: Sequence[str], values: Sequence[str]) -> Iterator[tuple[str, str]]:
    """How it was and how it is, in lower case, of each value that is otherwise now."""
    for was, now in _twice(tuple(paths)):
        before, after = values[was].strip().lower(), values[now].strip().lower()
        if before != after:
            yield before, after
