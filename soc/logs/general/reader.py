"""Columns of records by the general reader: JSON objects, and bodies of lines that are CEF, LEEF, key=value or JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import orjson
import polars as pl

from soc.domain.event import ECS_FIELDS
from soc.logs.general.deeds import DEED, read_deed
from soc.logs.general.extensions import cef_pairs, key_value_pairs, leef_pairs
from soc.logs.general.lexicon import SAID
from soc.logs.general.pairs import Pairs, json_pairs, pairs_of
from soc.logs.general.plans import read_pairs
from soc.logs.general.signs import read_signs
from soc.logs.text.compiled import keeps_compiled
from soc.logs.text.display import clean_text
from soc.logs.text.shapes import Shapes
from soc.logs.windows.fields import read_event

#: What the reader gives beside the ECS fields: the text of the event's time.
TIME = "@timestamp"
#: And what the sender calls the event in words of its own.
SAID_FIELDS = (*(row.field for row in SAID), DEED)
_FIELDS = (*ECS_FIELDS, *SAID_FIELDS, TIME)

#: Signs of each kind of body, in the order in which they are tried: so many of a character first, which costs little, then an
#: expression.
_SIGNS: tuple[tuple[str, int, str, Callable[[str], Pairs | None]], ...] = (
    ("|", 6, r"CEF: ?\d\||^\d\|(?:[^|]{0,200}\|){5}[\w-]{1,9}\|", cef_pairs),
    ("|", 4, r"LEEF: ?\d(?:\.\d)?\|", leef_pairs),
    ("{", 1, r"^\s*\{\s*\"", json_pairs),
    ("=", 4, r"(?:(?:^|[\s,;|(\[])[A-Za-z_][\w.\-]{0,40} ?=.*){4}", key_value_pairs),
)
#: What a record of a Windows event holds.
_OF_WINDOWS = ('"EventID"', '"EventCode"', '"winlog"')
#: So short (characters) is a body of which is remembered what it says.
_SHORT = 300
#: What a body without has none of them.
_SIGNALS = ["=", "{", "|"]


def read_objects(texts: pl.Series) -> pl.DataFrame:
    """Of JSON objects as text, one a row: the ECS fields, SAID_FIELDS and TIME as strings, null where there is none."""
    return _frame([_read_object(text) for text in texts.to_list()])


def _read_object(text: str) -> Mapping[str, str]:
    """A Windows event by what its number and its data's names mean; else by the words of its keys."""
    if not any(sign in text for sign in _OF_WINDOWS):
        return _read(json_pairs(text))
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    event = read_event(record)
    if event is None:
        return _read(pairs_of(record))
    return event if "Event" in record else {**_read(pairs_of(record)), **event}


@keeps_compiled
def read_bodies(body: Shapes, rows: pl.Series) -> dict[str, pl.Series]:
    """Of those bodies (in `rows`, a mask) that are made of pairs the same, a row a body: the fields that any of them has."""
    places: list[int] = []
    found: list[Mapping[str, str]] = []
    left = rows & body.contains_any(_SIGNALS)
    for character, least, sign, pairs in _SIGNS:
        asked = left & body.spread(body.text.str.count_matches(character, literal=True) >= least)
        hits = body.among(asked, sign).arg_true()
        places += hits.to_list()
        found += [_read_body(pairs, text) for text in body.rows.gather(hits).to_list()]
        left = left.scatter(hits, False) if len(hits) else left
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(body.rows))
    return {
        name: clean_text(nothing.clone().scatter(places, [one.get(name) for one in found]))
        for name in _FIELDS
        if any(name in one for one in found)
    }


def _read_body(pairs: Callable[[str], Pairs | None], text: str) -> Mapping[str, str]:
    return _read_again(pairs, text) if len(text) <= _SHORT else _read(pairs(text))


@lru_cache(maxsize=10_000)
def _read_again(pairs: Callable[[str], Pairs | None], text: str) -> Mapping[str, str]:
    """Short bodies come again, word for word."""
    return _read(pairs(text))


def _read(pairs: Pairs | None) -> Mapping[str, str]:
    return {**read_signs(*pairs), **read_pairs(*pairs), **read_deed(*pairs)} if pairs is not None else {}


def _frame(found: Sequence[Mapping[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        {name: pl.Series([one.get(name) for one in found], dtype=pl.String) for name in _FIELDS}
    )
