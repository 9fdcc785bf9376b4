"""Columns of records by the general reader: JSON objects, and bodies of lines that are CEF, LEEF, key=value or JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import orjson
import polars as pl

from soc.domain.event import ECS_FIELDS
from soc.logs.general.audit import audit_pairs
from soc.logs.general.deeds.deeds import DEED, read_deed
from soc.logs.general.extensions import (
    cef_pairs,
    colon_pairs,
    delimited_pairs,
    element_pairs,
    host_before,
    inner_json,
    key_value_pairs,
    leef_pairs,
    lines_of,
    quoted_pairs,
    spaced_pairs,
)
from soc.logs.general.lexicon import SAID
from soc.logs.general.pairs import UNIT, Pairs, json_pairs, pairs_of
from soc.logs.general.plans import read_pairs
from soc.logs.general.rows import row_pairs
from soc.logs.general.sender.signs import read_signs
from soc.logs.text.compiled import keeps_compiled
from soc.logs.text.display import clean_text
from soc.logs.text.eager import take
from soc.logs.text.shapes import Shapes
from soc.logs.windows.fields import read_event
from soc.logs.windows.rendered import event_of_text
from soc.logs.windows.xml import event_of_xml

#: What the reader gives beside the ECS fields: the text of the event's time.
TIME = "@timestamp"
#: And what the sender calls the event in words of its own.
SAID_FIELDS = (*(row.field for row in SAID), DEED)
_FIELDS = (*ECS_FIELDS, *SAID_FIELDS, TIME)

#: What a record of a Windows event holds, and the keys of one that is made of pairs.
_KEYS_OF_WINDOWS = frozenset({"EventID", "EventCode"})
#: Its data that are told of by its number: where somebody came from, what let him in, and who it is that others call a target.
_WINDOWS_SAYS = frozenset(
    [
        "WorkstationName",
        "Workstation",
        "LogonProcessName",
        "TargetUserName",
        "TargetDomainName",
        "SubjectUserName",
        "SubjectDomainName",
        "TargetSid",
        "TargetUserSid",
        "SubjectUserSid",
        "ProcessName",
        "AuthenticationPackageName",
    ]
)
_OF_WINDOWS = ('"EventID"', '"EventCode"', '"winlog"')
#: So short (characters) is a body of which is remembered what it says.
_SHORT = 300
#: What a body without has none of them.
_SIGNALS = [
    "=",
    "{",
    "|",
    ':"',
    ",",
    ";",
    "\t",
    "Account Name:",
    "Logon Account:",
    ": ",
    ":[",
    ":#",
    "->",
    "</",
]
#: The labels of an account in a Windows event that is told in sentences.
_RENDERED = r"(?:Account Name|Logon Account):(?:\s|#011|\\t)"


_Reader = Callable[[str], Mapping[str, str]]


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
    return event if "Event" in record else _with_event(pairs_of(record), event)


@keeps_compiled
def read_bodies(body: Shapes, rows: pl.Series) -> dict[str, pl.Series]:
    """Of those bodies (in `rows`, a mask) that are made of pairs the same, a row a body: the fields that any of them has."""
    places: list[int] = []
    found: list[Mapping[str, str]] = []
    left = rows & body.contains_any(_SIGNALS)
    for character, least, sign, read in _SIGNS:
        asked = left & body.spread(body.text.str.count_matches(character, literal=True) >= least)
        hits = body.among(asked, sign).arg_true()
        places += hits.to_list()
        found += [_read_body(read, text) for text in take(body.rows, hits).to_list()]
        left = left.scatter(hits, False) if len(hits) else left
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(body.rows))
    known = set().union(*found)
    return {
        name: clean_text(nothing.clone().scatter(places, [one.get(name) for one in found]))
        for name in _FIELDS
        if name in known
    }


def _read_body(read: _Reader, text: str) -> Mapping[str, str]:
    return _read_again(read, text) if len(text) <= _SHORT else read(text)


@lru_cache(maxsize=10_000)
def _read_again(read: _Reader, text: str) -> Mapping[str, str]:
    """Short bodies come again, word for word."""
    return read(text)


def _read_cef(text: str) -> Mapping[str, str]:
    return _read(cef_pairs(text))


def _read_leef(text: str) -> Mapping[str, str]:
    return _read(leef_pairs(text))


def _read_xml(text: str) -> Mapping[str, str]:
    record = event_of_xml(text)
    return (record and read_event(record)) or {}


def _read_audit(text: str) -> Mapping[str, str]:
    return _read(audit_pairs(text))


def _read_key_value(text: str) -> Mapping[str, str]:
    """Of pairs with one mark between them the whole keys and values, else each as one word."""
    return read_written_pairs(delimited_pairs(text) or key_value_pairs(text))


def _row_reader(mark: str) -> _Reader:
    def read(text: str) -> Mapping[str, str]:
        pairs = row_pairs(text, mark)
        return read_pairs(*pairs) if pairs is not None else {}

    return read


def _read_rendered(text: str) -> Mapping[str, str]:
    return event_of_text(text) or {}


def _read_colons(text: str) -> Mapping[str, str]:
    return read_written_pairs(colon_pairs(text))


def _read_inner_json(text: str) -> Mapping[str, str]:
    """An object behind a few other words; what is cut off, or no JSON after all, as far as it goes."""
    inner = inner_json(text)
    if inner is None:
        return read_written_pairs(quoted_pairs(text))
    found = _with_level(_read_object(inner), inner)
    host = "" if "host.name" in found else host_before(text)
    return {**found, "host.name": host} if host else found


#: Levels of loggers by number, where a program writes one under just that key.
_LEVELS = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}


def _with_level(found: Mapping[str, str], text: str) -> Mapping[str, str]:
    if not found.get("log.level", "x").isdigit():
        return found
    level = orjson.loads(text).get("level")
    return {**found, "log.level": _LEVELS[level]} if isinstance(level, int) and level in _LEVELS else found


def _read_spoken(text: str) -> Mapping[str, str]:
    """Pairs in any other writing: what they give must be more than one field, or a sentence was taken for pairs."""
    text = lines_of(text)
    for pairs in (quoted_pairs(text), delimited_pairs(text), spaced_pairs(text)):
        if pairs is not None and len(read_pairs(*pairs)) >= _FEWEST_FIELDS:
            return read_written_pairs(pairs)
    return {}


def _read_elements(text: str) -> Mapping[str, str]:
    return _read(element_pairs(text))


def read_written_pairs(pairs: Pairs | None) -> Mapping[str, str]:
    """Pairs of a Windows event by what its number and its data's names mean, else by the words of the keys."""
    if pairs is None or not _KEYS_OF_WINDOWS & set(pairs[0]):
        return _read(pairs)
    return _with_event(pairs, read_event(dict(zip(*pairs, strict=True))))


def _with_event(pairs: Pairs, event: Mapping[str, str] | None) -> Mapping[str, str]:
    """What Windows' own names say of an event before what words of the other keys do."""
    if event is None:
        return _read(pairs)
    others = [place for place, path in enumerate(pairs[0]) if path.rpartition(UNIT)[2] not in _WINDOWS_SAYS]
    return {**_read(([pairs[0][at] for at in others], [pairs[1][at] for at in others])), **event}


def _read(pairs: Pairs | None) -> Mapping[str, str]:
    return {**read_signs(*pairs), **read_pairs(*pairs), **read_deed(*pairs)} if pairs is not None else {}


#: Words of keys one of which a line of spoken pairs has at least twice; so few fields are none.
_NAMED = r"(?i)(?:\b|#\d+)(?:[a-z]{0,12}[ _-]?(?:ip|addr(?:ess)?|user|account|src|dst|source|dest(?:ination)?|client|host|hostname|login|ports?|action|url|uri|method|status|result|domain|process|policy|rule|severity)(?:[ _-]?(?:ip|addr(?:ess)?|name|port|id|code|path))?)[\"']?"
_SPOKEN_EQUALS = rf"(?:{_NAMED}\s?=.*){{2}}"
_SPOKEN_COLONS = rf"(?:{_NAMED}\s?:(?:[ \"'\[]|[^\s:/]).*){{2}}"
_SPOKEN_ARROWS = rf"(?:{_NAMED}\s?[=-]>.*){{2}}"
_FEWEST_FIELDS = 2

#: Signs of each kind of body, in the order in which they are tried: so many of a character first, which costs little, then an
#: expression.
_SIGNS: tuple[tuple[str, int, str, _Reader], ...] = (
    ("|", 6, r"CEF: ?\d\||^\d\|(?:[^|]{0,200}\|){5}[\w-]{1,9}\|", _read_cef),
    ("|", 4, r"LEEF: ?\d(?:\.\d)?\|", _read_leef),
    ("{", 1, r"^[^={]*(?:=[^={]*){0,2}\{\s*(?:\\?\"|')[^\"']+[\"'\\]", _read_inner_json),
    ("=", 3, r"<Event(?: xmlns=[^<>]{1,100})?>\s*<System>", _read_xml),
    (":", 4, _RENDERED, _read_rendered),
    ("=", 2, r"\bmsg=audit\(\d", _read_audit),
    ("=", 4, r"(?:(?:^|[\s,;|(\[])[A-Za-z_][\w.\-]{0,40} ?=.*){4}", _read_key_value),
    (':"', 3, r"(?:(?:^|[\s;,\[])[A-Za-z_][\w.\-]{0,40}:\"[^\"]*\"[;,\]].*){3}", _read_colons),
    ("<", 6, r"(?:>[^<>]+</[A-Za-z].*){3}", _read_elements),
    ("=", 3, _SPOKEN_EQUALS, _read_spoken),
    (":", 3, _SPOKEN_COLONS, _read_spoken),
    (">", 3, _SPOKEN_ARROWS, _read_spoken),
    *(
        (
            mark,
            4,
            rf"^[^=]*(?:\"{bar}\"|{bar}{bar})|^(?:[^{bar}=\s]*(?: [^{bar}=\s]*)?{bar}){{4}}",
            _row_reader(mark),
        )
        for mark, bar in ((",", ","), (";", ";"), ("|", r"\|"))
    ),
    ("\t", 4, r"^(?:[^\t=]*\t){4}", _row_reader("\t")),
)


def _frame(found: Sequence[Mapping[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        {name: pl.Series([one.get(name) for one in found], dtype=pl.String) for name in _FIELDS}
    )
