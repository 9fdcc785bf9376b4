"""Patterns that tell some digits from others, and the same patterns where any digit will do."""

from __future__ import annotations

import re

_DIGITS = frozenset("0123456789")
#: The parts of an expression: an escape, a class, how often, a group's beginning, or one character.
_PART = re.compile(
    r"\\x[0-9a-fA-F]{2}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|\(\?[^)]?(?:<\w+>)?|.", re.DOTALL
)
_IN_CLASS = re.compile(r"\\x[0-9a-fA-F]{2}|\\.|.-\\?.|.", re.DOTALL)


def with_any_digit(pattern: str) -> str:
    """The pattern, which finds all that it did, and besides whatever differs from that in digits only."""
    return "".join(_loosened(part) for part in _PART.findall(pattern))


def _loosened(part: str) -> str:
    if part in _DIGITS:
        return r"\d"
    if not part.startswith("["):
        return part
    told = _digits_of(part)
    if not told or told == _DIGITS:
        return part
    return part[:-1] + r"\d]" if not part.startswith("[^") else _without_digits(part)


def _digits_of(part: str) -> frozenset[str]:
    """The digits that a class names (of `[^…]` those that it leaves out)."""
    return frozenset().union(*(_digits_in(one) for one in _named_in(part)))


def _named_in(part: str) -> list[str]:
    return _IN_CLASS.findall(part[2:-1] if part.startswith("[^") else part[1:-1])


def _digits_in(one: str) -> frozenset[str]:
    if one in (r"\d", r"\w"):
        return _DIGITS
    if len(one) == 3 and one[1] == "-":
        return frozenset(digit for digit in _DIGITS if one[0] <= digit <= one[2])
    return _DIGITS & {one}


def _without_digits(part: str) -> str:
    """A class `[^…]` that leaves no digit out."""
    kept = [one for one in _named_in(part) if not _digits_in(one)]
    return "[^" + "".join(kept) + "]" if kept else r"[\s\S]"
