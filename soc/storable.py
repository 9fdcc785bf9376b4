"""Text that every database can hold: no NUL (PostgreSQL's text has no place for it), no half of a surrogate pair (no encoding has)."""

from __future__ import annotations

import re
from typing import Any

_HALVES = re.compile("[\ud800-\udfff]")


def is_storable(text: str) -> bool:
    return "\0" not in text and (text.isascii() or _HALVES.search(text) is None)


def storable(text: str) -> str:
    """The text without NUL characters, which nobody reads; half a character is the sign for one that is lost (U+FFFD)."""
    return text if is_storable(text) else _HALVES.sub("\ufffd", text.replace("\0", ""))


def storable_values(value: Any) -> Any:
    """A JSON value with every text in it, names too, made storable. Raises RecursionError where it nests too deeply."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [storable_values(one) for one in value]
    if isinstance(value, dict):
        return {storable_values(name): storable_values(one) for name, one in value.items()}
    return value


def is_all_storable(value: Any) -> bool:
    """The same, asked of a JSON value or what pydantic makes of one."""
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, (list, tuple)):
        return all(map(is_all_storable, value))
    if isinstance(value, dict):
        return all(is_storable(str(name)) and is_all_storable(one) for name, one in value.items())
    return True
