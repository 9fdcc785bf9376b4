"""Columns of a table by the words of their names: ranked once a file, each distinct value checked once."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from soc.logs.general.pairs import UNIT
from soc.logs.general.plans import plan_of
from soc.logs.general.typed import CHECKS, NOTHING
from soc.logs.text.addresses import OWN_NET
from soc.logs.text.display import clean_text

#: The check that takes whatever is there.
_ANY = "text"
#: Two columns that are one time, in a few languages.
_DATES, _TIMES, _BOTH = ("date", "datum", "fecha"), ("time", "uhrzeit", "zeit", "hora", "heure"), "date time"
#: A zone that a column's name gives for all its times: `TimeGenerated [UTC]`.
_ZONE = re.compile(r"[\[(](UTC|GMT|[+-]\d\d:?\d\d)[\])]\s*$", re.IGNORECASE)
_HAS_ZONE = r"(?:[A-Za-z]{3,5}|Z|[+-]\d\d:?\d\d)$"
_HALF_DAY = r"(?i) [ap]\.?m\.?$"


def paths_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns' names as paths (a dot is a level), and one more where a date and a time stand apart."""
    paths = [name.strip().replace(".", UNIT) for name in names]
    return (*paths, _BOTH) if _date_and_time(names) else tuple(paths)


def _date_and_time(names: tuple[str, ...]) -> tuple[int, ...]:
    """The numbers of the two columns, none where they do not stand apart."""
    plain = [name.strip().lower() for name in names]
    days = [plain.index(name) for name in _DATES if name in plain]
    clocks = [plain.index(name) for name in _TIMES if name in plain]
    return (days[0], clocks[0]) if days and clocks else ()


def with_zone_of(name: str, values: pl.Series) -> pl.Series:
    """Times of a column whose name gives their zone, with that zone behind those that name none."""
    said = _ZONE.search(name)
    if said is None:
        return values
    text = pl.col("v").str.strip_chars()
    bare = (text.str.len_bytes() > 0) & (~text.str.contains(_HAS_ZONE) | text.str.contains(_HALF_DAY))
    zoned = pl.when(bare).then(pl.concat_str(text, pl.lit(f" {said[1].upper()}"))).otherwise("v")
    return values.to_frame("v").select(zoned.alias("v")).to_series()


def wanted_columns(names: tuple[str, ...]) -> tuple[int, ...]:
    """The numbers of the columns that may give a field."""
    plan = plan_of(paths_of(names))
    places = {place for _, _, some in plan.rows for place in some if place < len(names)} | set(plan.forwarded)
    return tuple(sorted(places | set(_date_and_time(names))))


def known_fields(names: tuple[str, ...]) -> int:
    """How many fields these columns' names may give."""
    return len({field for field, _, _ in plan_of(paths_of(names)).rows})


def read_columns(names: tuple[str, ...], columns: Mapping[int, pl.Series]) -> dict[str, pl.Series]:
    """The fields, row for row, of the columns by number (those that `wanted_columns` names)."""
    given = {number: with_zone_of(names[number], values) for number, values in columns.items()}
    apart = _date_and_time(names)
    if apart and all(number in columns for number in apart):
        both = pl.select(pl.concat_str(*(columns[number] for number in apart), separator=" "))
        given[len(names)] = both.to_series()
    found: dict[str, pl.Series] = {}
    for field, check, places in plan_of(paths_of(names)).rows:
        parts = [_checked(given[place], check) for place in places if place in given]
        if field in found:
            parts = [found[field], *parts]
        if parts:
            found[field] = pl.select(pl.coalesce(parts)).to_series()
    _ask_for_whom(found, plan_of(paths_of(names)).forwarded, given)
    return {field: clean_text(column) for field, column in found.items() if column.null_count() < len(column)}


def _ask_for_whom(
    found: dict[str, pl.Series], places: tuple[int, ...], given: Mapping[int, pl.Series]
) -> None:
    """Behind a proxy of one's own, the address that it asks for is the source."""
    for place in places:
        if "source.ip" not in found or place not in given:
            continue
        theirs = _checked(given[place], "address")
        asked = found["source.ip"].str.contains(OWN_NET).fill_null(True) & theirs.is_not_null()
        found["source.ip"] = pl.select(pl.when(asked).then(theirs).otherwise(found["source.ip"])).to_series()


def _checked(values: pl.Series, check: str) -> pl.Series:
    """Each distinct value as the check keeps it, null where it cannot be."""
    if check == _ANY:
        kind = pl.col("v").str.strip_chars().str.to_lowercase()
        return values.to_frame("v").select(pl.when(~kind.is_in(list(NOTHING))).then("v")).to_series()
    of = CHECKS[check]
    kept: dict[str, str] = {}
    for value in values.drop_nulls().unique().to_list():
        plain = value.strip()
        if plain.lower() not in NOTHING and (good := of(plain)):
            kept[value] = good
    if not kept:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(values))
    return values.replace_strict(list(kept), list(kept.values()), default=None, return_dtype=pl.String)
