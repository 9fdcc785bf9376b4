"""Values that look secret by their name, made fit to show and to keep."""

from __future__ import annotations

import re

SECRET_NAMES = re.compile(r"auth|cookie|credential|key|passw|secret|session|token", re.IGNORECASE)
SCHEME = re.compile(r"(Basic|Bearer|Token) ", re.IGNORECASE)
MASK = "********"


def masked(name: str, value: str) -> str:
    """A header's value, or a mask that leaves only the scheme when the name looks like a secret's."""
    if not SECRET_NAMES.search(name):
        return value
    scheme = SCHEME.match(value)
    return f"{scheme[0]}{MASK}" if scheme else MASK
