"""CEF, LEEF and key=value cut into pairs."""

from __future__ import annotations

import re

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
    for one in _KEY_VALUE.finditer(text):
        if len(keys) >= _MOST:
            break
        value = one[2]
        if value[:1] in _QUOTES and len(value) > 1 and value[-1] == _QUOTES[value[0]]:
            value = value[1:-1]
        keys.append(one[1])
        values.append(value)
    if "date" in keys and "time" in keys:
        keys.append("date time")
        values.append(f"{values[keys.index('date')]} {values[keys.index('time')]}")
    return (keys, values) if len(keys) >= 3 else None


def colon_pairs(text: str) -> Pairs | None:
    """`key:"value"; key:"value"`."""
    found = _COLON.findall(text)[:_MOST]
    return ([key for key, _ in found], [value for _, value in found]) if len(found) >= 3 else None
