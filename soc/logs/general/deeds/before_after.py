"""What a record tells twice, as it was and as it is: `old_value` and `new_value`, `before.mfa` and `after.mfa`, `preaction` and `postaction`,
lists of `{"field": …, "from": …, "to": …}`; and which way it went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from soc.logs.general.deeds.signs import OFF, ON, is_everybody, is_mighty
from soc.logs.general.pairs import UNIT

#: A key that tells how it was; and what the same key is called that tells how it is.
_WAS = re.compile(r"(?:^|(?<=_))(old|previous|prev|prior|before|pre|from|original)(?=[_-]?[a-z]|$)")
_IS = {
    "old": ("new", "current", ""), "previous": ("new", "current", "next", ""), "prev": ("new", "current", "next", ""), "prior": ("new", "current", ""),
    "before": ("after", ""), "pre": ("post",), "from": ("to",), "original": ("new", "current", "updated"),
}  # fmt: skip
#: Beside values without a name of their own stands what they are values of.
_NAMED = frozenset((
    "field", "fieldname", "field_name", "key", "name", "change", "property", "propertyname", "attribute", "setting", "setting_name", "i18nkey", "displayname", "display_name", "label",
))  # fmt: skip
_NO_NAME = frozenset(
    ("", "value", "values", "val", "state", "data", "details", "params", "parameters", "_tag", ".tag")
)
#: So many paths are looked through at most.
_MOST = 300
#: More of what these name is weaker where it is yes: who may go past, who need not.
_LOOSER = re.compile(
    r"disab|bypass|skip|ignor|exempt|exclu|inactive|allow|anonymous|public|external|guest|receive|insecure|weak|legacy"
)
_MIGHT = re.compile(r"admin|sudo|superuser|owner|root")
_LOCK = re.compile(r"lock(?:ed)?_?out|locked")
#: Values that say that something no longer holds, whatever it was before.
_NO_MORE = frozenset(
    (
        "off",
        "disabled",
        "none",
        "never",
        "bypass",
        "no_mfa",
        "optional",
        "not required",
        "not_required",
        "unrestricted",
        "open",
        "0",
    )
)
_FEWER = re.compile(r"retention|length|history|approv|review|complexity|strength|keep")
_MORE = re.compile(r"time_?out|duration|expir|\bttl|max_?age|attempts|threshold")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,3})?")


@lru_cache(maxsize=5_000)
def _twice(paths: tuple[str, ...]) -> tuple[tuple[int, int, int, str], ...]:
    """The places of what was, of what is and of its name (-1: none), and the name that the keys give it."""
    places: dict[str, list[int]] = {}
    for place, path in enumerate(paths[:_MOST]):
        places.setdefault(path.lower(), []).append(place)
    found = []
    for path, were in places.items():
        for other, label in _names_now(path):
            if other == path or other not in places:
                continue
            above = path.rpartition(UNIT)[0]
            beside = next(
                (
                    places[name]
                    for one in _NAMED
                    if (name := f"{above}{UNIT}{one}" if above else one) in places
                ),
                [],
            )
            for number, (was, now) in enumerate(zip(were, places[other], strict=False)):
                named = beside[number] if len(beside) > number else -1
                found.append((was, now, named, label))
            break
    return tuple(found)


def _names_now(path: str) -> Iterator[tuple[str, str]]:
    """What the path may be called that tells how it is, and the name of what is told."""
    keys = path.split(UNIT)
    for number, key in enumerate(keys):
        said = _WAS.search(key)
        for word in _IS[said[1]] if said is not None else ():
            rest = (key[: said.start()] + key[said.end() :]).strip("_-") if said is not None else key
            other = (key[: said.start()] + word + key[said.end() :]).strip("_-") if said is not None else key
            below = " ".join(keys[number + 1 :][-2:])
            label = next(
                (one for one in (below or rest, *reversed(keys[:number])) if one not in _NO_NAME), ""
            )
            yield UNIT.join((*keys[:number], *((other,) if other else ()), *keys[number + 1 :])), label


def read_changes(paths: Sequence[str], values: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What is otherwise now, by its name, how it was and how it is, all in lower case."""
    for was, now, named, label in _twice(tuple(paths)):
        before, after = values[was].lower().strip('"[] '), values[now].lower().strip('"[] ')
        if before != after:
            yield values[named].strip().lower() if named >= 0 else label, before, after


def way_of(label: str, before: str, after: str) -> str:
    """Which way it went: `off`, `public`, `admin`, `locked`, and the ways back `stricter` and `lowered`; "" where that is not said."""
    if "public" in label and before.startswith("no") and not after.startswith("no"):
        return "public"
    if is_everybody(after) != is_everybody(before):
        return "public" if is_everybody(after) else "stricter"
    if is_mighty(after) != is_mighty(before):
        return "admin" if is_mighty(after) else "lowered"
    was, now = _is_on(before), _is_on(after)
    if was is None and after in _NO_MORE and before:
        was, now = True, False
    elif now is None and before in _NO_MORE and after and not _NUMBER.fullmatch(before):
        was, now = False, True
    if was is not None and now is not None and was != now:
        if _LOCK.search(label):
            return "locked" if now else ""
        if _MIGHT.search(label):
            return "admin" if now else "lowered"
        return "off" if now == bool(_LOOSER.search(label)) else "stricter"
    if _NUMBER.fullmatch(before) and _NUMBER.fullmatch(after):
        less = float(after) < float(before)
        if (less and _FEWER.search(label)) or (not less and _MORE.search(label)):
            return "off"
    return ""


def _is_on(value: str) -> bool | None:
    """None where it is neither on nor off."""
    if value in ON:
        return True
    return False if value in OFF or not value else None
