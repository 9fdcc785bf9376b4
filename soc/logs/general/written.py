"""Pairs as people and programs write them in a line: JSON behind other words, `key: value, key: value`, keys of several words,
quoted keys, brackets, arrows, elements of XML. Bounded, and None where it is a sentence like any other.
"""

from __future__ import annotations

import json
import re
from html import unescape

import orjson

from soc.logs.general.pairs import Pairs

_MOST = 400
#: Where an object begins, also one whose quotes are escaped or single.
_OBJECT = re.compile(r"\{\s*(?:\\?\"|')")
#: A host before it and nothing else, as a header without a program leaves it; a level is none.
_HOST = re.compile(r"^(?=[\w.-]{0,100}[\d.-])[A-Za-z][\w.-]{1,100} $")
_QUOTED = re.compile(
    r"[\"']([A-Za-z_@][\w.\-@/ ]{0,80})[\"']\s?[:=]\s?(?:\"((?:[^\"\\]|\\.){0,8000})\"|'([^']{0,8000})'|([^\s,;}\]\"'\[{]{1,400}))"
)
_WORD = r"[A-Za-z_@][\w.\-/@]{0,40}"
#: One pair: a key of at most four words, a mark, and the rest.
_PAIR = re.compile(
    rf"^[\s\[({{<\"']*({_WORD}(?: [A-Za-z][\w.\-]{{0,20}}){{0,3}})[\"']?\s*(?:=>|->|=|:(?!//|:))\s*(.*)$"
)
#: Brackets and quotes that a value is put in as a whole.
_WHOLE = {'"': '"', "'": "'", "[": "]", "(": ")", "<": ">", "{": "}"}
#: What stands between pairs, the surest first.
_BETWEEN = {
    mark: re.compile(rf"(?:[^{mark}\"]|\"(?:[^\"\\]|\\.){{0,8000}}\"|\")+")
    for mark in ("\n", ";", "\t", "|", ",")
}
#: The ends of lines and tabs that a syslog server wrote out, so that its record stays one line.
_WRITTEN_OUT = {"#015": "", "#012": "\n", "#011": " "}
_WRITTEN = re.compile("|".join(map(re.escape, _WRITTEN_OUT)))
_BRACKETS = re.compile(r"[\])}]\s*,?\s*[\[({]")
#: A second pair within what should be one.
_ANOTHER = re.compile(rf"\s{_WORD}\s?=\S")
_COLON = re.compile(r"(?:^|[\s,;|\[({])([A-Za-z_][\w.\-]{0,40}) ?:(?=[ \"'\[<(]|[^\s:/])")
_ELEMENT = re.compile(r"<([A-Za-z][\w.:-]{0,60})(?:\s[^<>]{0,300})?>([^<>]{1,2000})</\1>")
_FEWEST = 3


def inner_json(text: str) -> str | None:
    """The JSON object within a text, as text of its own; None where none can be read."""
    began = _OBJECT.search(text)
    if began is None:
        return None
    piece = text[began.start() : text.rfind("}") + 1]
    if _loads(piece):
        return piece
    if '\\"' in piece[:3]:
        plain = piece.replace('\\"', '"').replace("\\\\", "\\")
        return plain if _loads(plain) else None
    try:
        _, end = json.JSONDecoder().raw_decode(text, began.start())
    except (ValueError, RecursionError):
        return None
    return text[began.start() : end]


def _loads(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def host_before(text: str) -> str:
    """The host that stands before an object and nothing else; "" where there is none."""
    began = text.find("{")
    found = _HOST.match(text[:began]) if 0 < began <= 102 else None
    return found[0].strip() if found else ""


def quoted_pairs(text: str) -> Pairs | None:
    """`"key":"value"`, `'key': 'value'`, `"key"="value"`, as far as they go: of an object that is cut off, or written by Python."""
    found = [(key, double or single or bare) for key, double, single, bare in _QUOTED.findall(text)[:_MOST]]
    return _as_pairs(found)


def lines_of(text: str) -> str:
    """The text with the ends of its lines as they were: `#012`."""
    return _WRITTEN.sub(lambda one: _WRITTEN_OUT[one[0]], text) if "#01" in text else text


def delimited_pairs(text: str) -> Pairs | None:
    """Pairs with one mark between them all: an end of line, `;`, a tab, `|`, `,` or brackets; None where fewer than three or than half are pairs."""
    best: list[tuple[str, str]] = []
    for mark, between in _BETWEEN.items():
        if text.count(mark) >= _FEWEST - 1:
            best = max(best, _cut(between.findall(text[:20_000])), key=len)
    if len(best) < _FEWEST and text.count("[") + text.count("(") >= _FEWEST:
        best = _cut(_BRACKETS.split(text[:20_000]))
    return _as_pairs(best)


def _cut(pieces: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for number, piece in enumerate(pieces[:_MOST]):
        one = _PAIR.match(piece)
        if one is None:
            continue
        inner = _PAIR.match(one[2]) if not number else None  # `login failed: user: bob, …`
        if inner is not None and inner[2]:
            one = inner
        value = _bare(one[2])
        if value[:1] != '"' and _ANOTHER.search(value):
            return []
        found.append((one[1], value))
    filled = [piece for piece in pieces if piece.strip()]
    return found if len(found) * 2 >= len(filled) else []


def spaced_pairs(text: str) -> Pairs | None:
    """`key: value key: value`: each value goes on to the next key."""
    found = list(_COLON.finditer(text[:20_000]))[:_MOST]
    if len(found) < _FEWEST:
        return None
    pairs = []
    for one, following in zip(found, [*found[1:], None], strict=True):
        value = text[one.end() : following.start() if following is not None else len(text)]
        pairs.append((one[1], _bare(value.strip(" ,;|"))))
    return _as_pairs([(key, value) for key, value in pairs if value])


def element_pairs(text: str) -> Pairs | None:
    """`<key>value</key>`, of those that hold no other."""
    return _as_pairs([(key, unescape(value.strip())) for key, value in _ELEMENT.findall(text)[:_MOST]])


def _bare(value: str) -> str:
    """Without the quotes or brackets around it, and without one that closes what was opened before."""
    value = value.strip()
    if len(value) > 1 and value[-1] == _WHOLE.get(value[0]):
        return value[1:-1].strip()
    while value and (
        value.count(_OPENS[value[-1]]) < value.count(value[-1])
        if value[-1] in _OPENS
        else value[-1] in "\"'" and value.count(value[-1]) % 2
    ):
        value = value[:-1].rstrip()
    return value


_OPENS = {"]": "[", ")": "(", "}": "{", ">": "<"}


def _as_pairs(found: list[tuple[str, str]]) -> Pairs | None:
    return ([key for key, _ in found], [value for _, value in found]) if len(found) >= _FEWEST else None
