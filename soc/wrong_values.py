"""What is wrong with a value that somebody gave, in words that follow its name; for what pydantic found."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

#: A word that may be repeated though nothing resembles it: letters only, as no token is.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z_-]{0,29}")

_SAID = {
    "missing": "is missing",
    "greater_than": "is more than {gt}",
    "greater_than_equal": "is at least {ge}",
    "less_than": "is less than {lt}",
    "less_than_equal": "is at most {le}",
    "literal_error": "is {expected}",
    "enum": "is {expected}",
    "bool_type": "is true or false",
    "bool_parsing": "is true or false",
    "int_type": "is a whole number",
    "int_parsing": "is a whole number",
    "int_from_float": "is a whole number",
    "float_type": "is a number",
    "float_parsing": "is a number",
    "finite_number": "is a number",
    "string_type": "is a text",
    "dict_type": 'is written like {{"name": "value"}}',
    "model_attributes_type": 'is written like {{"name": "value"}}',
    "list_type": 'is written like ["one", "two"]',
    "tuple_type": 'is written like ["one", "two"]',
}


def said_of(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors: what belongs there. The value itself is never repeated."""
    kind, context = str(error["type"]), error.get("ctx") or {}
    if kind in ("too_short", "string_too_short"):
        least, what = context["min_length"], "characters" if kind.startswith("string") else "entries"
        return "is empty" if least == 1 else f"has at least {least} {what}"
    if kind in ("too_long", "string_too_long"):
        return (
            f"has at most {context['max_length']} {'characters' if kind.startswith('string') else 'entries'}"
        )
    if kind in _SAID:
        return _SAID[kind].format(**context)
    return str(error["msg"]).removeprefix("Value error, ")


def unknown_name(what: str, name: str, known: Collection[str]) -> str:
    """What to say of a name that is no such thing (`what`: setting, query). A word that may be a secret is not repeated."""
    near = get_close_matches(name.lower().replace("-", "_"), known, n=1, cutoff=0.7)
    if near and len(name) <= 40:
        return f"there is no {what} “{name}”; “{near[0]}” is meant?"
    if _PLAIN.fullmatch(name):
        return f"there is no {what} “{name}”"
    return f"there is a {what} that it does not know"
