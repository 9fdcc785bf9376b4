"""Records as pairs: the path of each value (its keys, joined by the unit separator) and the value as text."""

from __future__ import annotations

from typing import Any

import orjson

#: Between the keys of a path.
UNIT = "\x1f"
#: Deeper, longer or more than this is not looked at.
_DEEPEST, _LONGEST_LIST, _MOST = 12, 8, 600
#: So many paths are kept from record to record, and of what length.
_MOST_PATHS, _LONGEST_PATH = 50_000, 400
_NAMES = ("name", "key", "Name", "Key", "field", "label", "displayName")
_VALUES = ("value", "Value", "val", "newValue", "data", "string_value", "content", "#text")
#: Beside the value stands what it was before.
_WERE = ("oldValue", "OldValue", "old_value", "previousValue", "previous_value", "before_value")


#: Paths and, number for number, their values.
Pairs = tuple[list[str], list[str]]


def json_pairs(text: str) -> Pairs | None:
    """Of a JSON value as text; None where it is none."""
    try:
        return pairs_of(orjson.loads(text))
    except orjson.JSONDecodeError:
        return None


class _Node(dict[str, "_Node"]):
    """A path, and under each key that was met behind it the path with that key: each is put together once."""

    __slots__ = ("path",)
    met = 0

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def __missing__(self, key: str) -> _Node:
        node = _Node(f"{self.path}{UNIT}{key}" if self.path else key)
        if _Node.met < _MOST_PATHS and len(node.path) <= _LONGEST_PATH:
            _Node.met += 1
            self[key] = node
        return node


_ROOT = _Node("")


def pairs_of(record: Any) -> Pairs:
    """Of a JSON value. Of a list the first items count; a list of names with values is read as an object."""
    if _Node.met >= _MOST_PATHS:
        _ROOT.clear()
        _Node.met = 0
    paths: list[str] = []
    values: list[str] = []
    _walk(record, _ROOT, paths, values, 0)
    return paths, values


def _walk(value: Any, node: _Node, paths: list[str], values: list[str], depth: int) -> None:
    if isinstance(value, dict):
        if depth < _DEEPEST:
            _walk_object(value, node, paths, values, depth + 1)
    elif isinstance(value, list):
        _walk_list(value, node, paths, values, depth)
    elif value is not None and len(paths) < _MOST:
        text = _text(value)
        if text[:1] == "{" and depth < _DEEPEST and (inner := _parsed(text)) is not None:
            _walk(inner, node, paths, values, depth + 1)
        else:
            paths.append(node.path)
            values.append(text)


def _walk_object(
    record: dict[str, Any], node: _Node, paths: list[str], values: list[str], depth: int
) -> None:
    """Plain text, which most values are, without a call for each."""
    for key, value in record.items():
        if len(paths) >= _MOST:
            return
        if type(value) is str and value[:1] != "{":
            paths.append(node[key].path)
            values.append(value)
        elif value is not None:
            _walk(value, node[key], paths, values, depth)


def _walk_list(items: list[Any], node: _Node, paths: list[str], values: list[str], depth: int) -> None:
    if len(paths) >= _MOST:
        return
    if items and all(isinstance(item, dict) for item in items) and (named := _as_object(items)) is not None:
        _walk(named, node, paths, values, depth + 1)
        return
    for number, item in enumerate(items[:_LONGEST_LIST]):
        if number and not isinstance(item, dict):
            break  # of plain values the first one speaks for all
        _walk(item, node, paths, values, depth + 1)


def _as_object(items: list[dict[str, Any]]) -> dict[str, Any] | None:
    """`[{"Name": "ClientIP", "Value": "192.0.2.1"}, …]` as `{"ClientIP": "192.0.2.1", …}`."""
    first = items[0]
    for name in _NAMES:
        if name not in first:
            continue
        for value in _VALUES:
            if value in first and all(name in item and value in item for item in items):
                found = {str(item[name]): item[value] for item in items}
                was = next((key for key in _WERE if key in first), "")
                if was:
                    found |= {f"old_{item[name]}": item[was] for item in items if was in item}
                return found
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
