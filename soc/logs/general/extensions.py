"""CEF, LEEF, key=value and pairs in any other writing cut into pairs: JSON behind other words, `key: value`, keys of several
words, quoted keys, brackets, arrows, elements of XML. Bounded; None where it is a sentence like any other."""

from __future__ import annotations

import json
import re
from collections import Counter
from html import unescape

import orjson

from soc.logs.general.pairs import Pairs

_CEF_HEAD = re.compile(r"(?:CEF: ?|^)\d+\|")
#: The machine that a syslog header without a program names last.
_SENDER = re.compile(r"(?:^|\d\d:\d\d:\d\d\S{0,40} )(?:\S{1,100} )?([\w][\w.-]{0,100}) $")
_LEEF_HEAD = re.compile(r"LEEF: ?(\d)(?:\.\d)?\|")
_BAR = re.compile(r"(?<!\\)\|")
_CEF_KEY = re.compile(r"(?:^|\s)([A-Za-z_][\w.\-\[\]]{0,80})=")
_KEY_VALUE = re.compile(
    r"(?:^|[\s,;|(\[{])([A-Za-z_@][\w.\-/@]{0,60})\s?=(?:\s(?![A-Za-z_@][\w.\-/@]{0,60}\s?=))?(\"(?:[^\"\\]|\\.){0,8000}\"|'(?:[^'\\]|\\.){0,8000}'|[^\s,;|\"']{0,4000})"
)
_COLON = re.compile(r"(?:^|[\s;,\[])([A-Za-z_][\w.\-]{0,60}):\"((?:[^\"\\]|\\.){0,8000})\"")
_QUOTES = {'"': '"', "'": "'", "<": ">"}
_MOST = 400
_CEF_NAMES = (
    "observer vendor",
    "observer product",
    "observer version",
    "event code",
    "event name",
    "severity",
)
_LEEF_NAMES = ("observer vendor", "observer product", "observer version", "event code")


def cef_pairs(text: str) -> Pairs | None:
    """The header's parts by name, then the extension; `cs1` is called as `cs1Label` says."""
    head = _CEF_HEAD.search(text)
    if head is None:
        return None
    parts = _BAR.split(text[head.end() :], maxsplit=6)
    keys, values = list(_CEF_NAMES[: len(parts)]), [part.replace("\\|", "|") for part in parts[:6]]
    if sender := _SENDER.search(text[: head.start()]):
        keys.append("host")
        values.append(sender[1])
    if len(parts) == 7:
        more_keys, more_values = _extension(parts[6])
        labels = {
            key[:-5]: value
            for key, value in zip(more_keys, more_values, strict=True)
            if key.endswith("Label")
        }
        for key, value in zip(more_keys, more_values, strict=True):
            if not key.endswith("Label"):
                keys.append(labels.get(key) or key)
                values.append(value)
    return keys, values


def _extension(text: str) -> Pairs:
    """A value goes on to the next key; `\\=` is no end of a key."""
    found = list(_CEF_KEY.finditer(text))[:_MOST]
    if not found:
        return [], []
    keys, values = [], []
    for one, following in zip(found, [*found[1:], None], strict=True):
        end = following.start() if following is not None else len(text)
        keys.append(one[1])
        values.append(text[one.end() : end].strip().replace("\\=", "=").replace("\\\\", "\\"))
    return keys, values


def leef_pairs(text: str) -> Pairs | None:
    head = _LEEF_HEAD.search(text)
    if head is None:
        return None
    named = 5 if head[1] == "2" else 4
    parts = _BAR.split(text[head.end() :], maxsplit=named)
    if len(parts) < 5:
        return None
    keys, values = list(_LEEF_NAMES), list(parts[:4])
    between, rest = "\t", parts[-1]
    if named == 5 and len(parts) == 6:
        between = _delimiter(parts[4])
    elif named == 5:
        rest = parts[4]
    if between not in rest and "\t" not in rest:
        more = _extension(rest)
    else:
        pairs = [one.split("=", 1) for one in rest.split(between) if "=" in one][:_MOST]
        more = [key.strip() for key, _ in pairs], [value.strip() for _, value in pairs]
    return [*keys, *more[0]], [*values, *more[1]]


def _delimiter(said: str) -> str:
    """`^`, `x09`, `0x7C`, or nothing: a tab."""
    hexadecimal = re.fullmatch(r"(?:0?x)([0-9A-Fa-f]{1,4})", said)
    return chr(int(hexadecimal[1], 16)) if hexadecimal else said or "\t"


def key_value_pairs(text: str) -> Pairs | None:
    """`key=value key="a value"`, with blanks, commas, semicolons or bars between."""
    keys: list[str] = []
    values: list[str] = []
    begins: list[int] = []
    for one in _KEY_VALUE.finditer(text):
        if len(keys) >= _MOST:
            break
        value = one[2]
        if value[:1] in _QUOTES and len(value) > 1 and value[-1] == _QUOTES[value[0]]:
            value = value[1:-1]
        keys.append(one[1])
        values.append(value)
        begins.append(one.start(1))
    if len(set(keys)) < len(keys):
        keys = _told_apart(keys, begins, text)
    if "date" in keys and "time" in keys:
        keys.append("date time")
        values.append(f"{values[keys.index('date')]} {values[keys.index('time')]}")
    return (keys, values) if len(keys) >= 3 else None


def _told_apart(keys: list[str], begins: list[int], text: str) -> list[str]:
    """Keys that come twice with the word before them, where each has one: `Server IP=… Peer IP=…`."""
    counted = Counter(keys)
    befores = [
        _WORD_BEFORE.search(text, max(at - _LONGEST_BEFORE, 0), at) if counted[key] > 1 else None
        for key, at in zip(keys, begins, strict=True)
    ]
    bare = {key for key, before in zip(keys, befores, strict=True) if before is None}
    return [
        key if before is None or key in bare else f"{before[1]} {key}"
        for key, before in zip(keys, befores, strict=True)
    ]


def colon_pairs(text: str) -> Pairs | None:
    """`key:"value"; key:"value"`."""
    found = _COLON.findall(text)[:_MOST]
    return ([key for key, _ in found], [value for _, value in found]) if len(found) >= 3 else None


#: A word that belongs to the key behind it.
_WORD_BEFORE = re.compile(r"(?:^|[\s,;|(\[])([A-Za-z][A-Za-z-]{1,24}) $")
_LONGEST_BEFORE = 27
#: Where an object begins, also one whose quotes are escaped or single.
_OBJECT = re.compile(r"\{\s*(?:\\?\"|')")
#: A host before it and nothing else, as a header without a program leaves it; a level is none.
_HOST_BEFORE = re.compile(r"^(?=[\w.-]{0,100}[\d.-])[A-Za-z][\w.-]{1,100} $")
_QUOTED_PAIR = re.compile(
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
    for mark in ("¦", "\n", ";", "\t", "|", ",")
}
#: The ends of lines and tabs that a syslog server wrote out, so that its record stays one line.
_WRITTEN_OUT = {"#015": "", "#012": "\n", "#011": " "}
_WRITTEN = re.compile("|".join(map(re.escape, _WRITTEN_OUT)))
_BRACKETS = re.compile(r"[\])}]\s*,?\s*[\[({]")
#: A second pair within what should be one.
_ANOTHER = re.compile(rf"\s{_WORD}\s?=\S")
_COLON_KEY = re.compile(r"(?:^|[\s,;|\[({])([A-Za-z_][\w.\-]{0,40}) ?:(?=[ \"'\[<(]|[^\s:/])")
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
    found = _HOST_BEFORE.match(text[:began]) if 0 < began <= 102 else None
    return found[0].strip() if found else ""


def quoted_pairs(text: str) -> Pairs | None:
    """`"key":"value"`, `'key': 'value'`, `"key"="value"`, as far as they go: of an object that is cut off, or written by Python."""
    found = [
        (key, double or single or bare) for key, double, single, bare in _QUOTED_PAIR.findall(text)[:_MOST]
    ]
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
    found = list(_COLON_KEY.finditer(text[:20_000]))[:_MOST]
    if len(found) < _FEWEST:
        return None
    pairs = []
    for one, following in zip(found, [*found[1:], None], strict=True):
        value = text[one.end() : following.start() if following is not None else len(text)]
        pairs.append((one[1], _bare(value.strip(" ,;|¦"))))
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
