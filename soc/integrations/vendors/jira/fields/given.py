"""Values of other fields as a person writes them in one line of an environment file."""

from __future__ import annotations

import json
import re
from typing import Any

#: The ticket says these itself.
OURS = frozenset({"project", "issuetype", "issue type", "summary", "description"})


def lines_of_values(text: str) -> dict[str, Any]:
    """JSON, or `Business impact=High; Region=Europe > Berlin` (also a line each). Raises ValueError."""
    text = text.strip()
    if not text:
        return {}
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except ValueError as error:
            where = f"line {getattr(error, 'lineno', 1)}, column {getattr(error, 'colno', 1)}"
        else:
            return dict(found)
        raise ValueError(f'are no valid JSON ({where}); write {{"Business impact": "High"}}')
    pairs = [
        part.partition("=") if "=" in part else part.partition(":")
        for part in re.split(r"[;\n]", text)
        if part.strip()
    ]
    if not all(name.strip() and sign for name, sign, _ in pairs):
        raise ValueError(
            'are written as {"Business impact": "High"}, or as Business impact=High; Region=Europe'
        )
    return {name.strip(): value.strip() for name, _, value in pairs}
