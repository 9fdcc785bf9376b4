"""Records as pairs: the path of each value (its keys, joined by the unit separator) and the value as text."""

from __future__ import annotations

from typing import Any

import orjson

#: Between the keys of a path.
UNIT = "\x1f"
#: Deeper, longer or more than this is not looked at.
_DEEPEST, _LONGEST_LIST, _MOST = 12, 8, 600
_NAMES = ("name", "key", "Name", "Key", "field", "label", "displayName")
_VALUES = ("value", "Value", "val", "newValue", "data", "string_value", "content", "#text")


#: Paths and, number for number, their values.
Pairs = tuple[list[str], list[str]]


def json_pairs(text: str) -> Pairs | None:
    """Of a JSON value as text; None where it is none."""
    try:
        return pairs_of(orjson.loads(text))
    except orjson.JSONDecodeError:
        return None


def pairs_of(record: Any) -> Pairs:
    """Of a JSON value. Of a list the first items count; a list of names with values is read as an object."""
    paths: list[str] = []
    values: list[str] = []
    _walk(record, "", paths, values, 0)
    return paths, values


def _walk(value: Any, path: str, paths: list[str], values: list[str], depth: int) -> None:
    if len(paths) >= _MOST:
        return
    if isinstance(value, dict):
        if depth < _DEEPEST:
            for key, one in value.items():
                _walk(one, f"{path}{UNIT}{key}" if path else key, paths, values, depth + 1)
    elif isinstance(value, list):
        _walk_list(value, path, paths, values, depth)
    elif value is not None:
        text = _text(value)
        if text[:1] == "{" and depth < _DEEPEST and (inner := _parsed(text)) is not None:
            _walk(inner, path, paths, values, depth + 1)
        else:
            paths.append(path)
            values.append(text)


def _walk_list(items: list[Any], path: str, paths: list[str], values: list[str], depth: int) -> None:
    if items and all(isinstance(item, dict) for item in items) and (named := _as_object(items)) is not None:
        _walk(named, path, paths, values, depth + 1)
        return
    for number, item in enumerate(items[:_LONGEST_LIST]):
        if number and not isinstance(item, dict):
            break  # of plain values the first one speaks for all
        _walk(item, path, paths, values, depth + 1)


def _as_object(items: list[dict[str, Any]]) -> dict[str, Any] | None:
    """`[{"Name": "ClientIP", "Value": "192.0.2.1"}, …]` as `{"ClientIP": "192.0.2.1", …}`."""
    for name in _NAMES:
        for value in _VALUES:
            if all(name in item and value in item for item in items):
                return {str(item[name]): item[value] for item in items}
    return None


def _text(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    return value if isinstance(value, str) else str(value)


def _parsed(text: str) -> Any:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
