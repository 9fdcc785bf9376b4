"""JSON as vendors send it, made fit to be kept."""

from __future__ import annotations

import json
from typing import Any


def read_json(raw: bytes | str) -> Any:
    """What the JSON says, but for NUL characters within its texts: PostgreSQL's text holds none, and nobody reads them.

    Raises ValueError or RecursionError for what is no JSON.
    """
    text = raw if isinstance(raw, str) else raw.decode(json.detect_encoding(raw), "surrogatepass")
    found = json.loads(text)
    return _without_nul(found) if r"\u0000" in text else found


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(one) for one in value]
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(one) for name, one in value.items()}
    return value
