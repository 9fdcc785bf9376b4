"""Digits, words and blanks of expressions as ASCII: Unicode's make an expression ten times as large."""

from __future__ import annotations

_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \\t\\n\\r\\x0b\\x0c"}


def plain_classes(expression: str) -> str:
    """The expression with `\\d`, `\\w` and `\\s` (and what is not these) of ASCII; all else stays."""
    parts: list[str] = []
    inside = False
    at = 0
    while at < len(expression):
        one = expression[at]
        if one == "\\":
            kind = expression[at + 1]
            known = _CLASSES.get(kind.lower())
            if known is None or (inside and kind.isupper()):
                parts.append(expression[at : at + 2])
            elif inside:
                parts.append(known)
            else:
                parts.append(f"[^{known}]" if kind.isupper() else f"[{known}]")
            at += 2
            continue
        if one in "[]":
            inside = one == "["
        parts.append(one)
        at += 1
    return "".join(parts)
