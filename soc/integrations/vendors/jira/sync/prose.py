"""A comment's rich text as plain text, and the names of what plain text cannot hold."""

from __future__ import annotations

import re
from typing import Any

#: What is named as not synced, by ADF's node.
_UNSAID = {
    "media": "image or file",
    "mediaInline": "image or file",
    "table": "table",
    "blockCard": "card",
    "embedCard": "card",
    "extension": "macro",
    "bodiedExtension": "macro",
    "inlineExtension": "macro",
}
_WIKI_UNSAID = (
    (re.compile(r"![^\s!|]+\.\w{2,5}(\|[^!]*)?!"), "image or file"),
    (re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE), "table"),
    (re.compile(r"\{(?:chart|gallery|jiraissues)\b"), "macro"),
)
_DEEPEST = 60


def text_of(body: Any) -> tuple[str, tuple[str, ...]]:
    """The plain text of an ADF document or of wiki markup, and what it leaves out."""
    if isinstance(body, str):
        return body, tuple(dict.fromkeys(name for found, name in _WIKI_UNSAID if found.search(body)))
    if not isinstance(body, dict):
        return "", ()
    unsaid: list[str] = []
    lines = _lines(body, unsaid, 0)
    return "\n".join(lines).strip("\n"), tuple(dict.fromkeys(unsaid))


def _lines(node: dict[str, Any], unsaid: list[str], depth: int) -> list[str]:
    kind = str(node.get("type"))
    if kind in _UNSAID:
        unsaid.append(_UNSAID[kind])
    content = [one for one in node.get("content") or [] if isinstance(one, dict)]
    if depth > _DEEPEST:
        return []
    if kind in ("paragraph", "heading", "codeBlock"):
        return ["".join(_inline(child, unsaid) for child in content)]
    if kind == "tableRow":
        cells = [" ".join(_lines(cell, unsaid, depth + 1)) for cell in content]
        return [" | ".join(cells)]
    lines = [line for child in content for line in _lines(child, unsaid, depth + 1)]
    if kind == "listItem" and lines:
        lines[0] = f"* {lines[0]}"
    return lines


def _inline(node: dict[str, Any], unsaid: list[str]) -> str:
    kind = str(node.get("type"))
    if kind in _UNSAID:
        unsaid.append(_UNSAID[kind])
    if kind == "hardBreak":
        return "\n"
    attrs = node.get("attrs")
    more: dict[str, Any] = attrs if isinstance(attrs, dict) else {}
    return str(node.get("text") or more.get("text") or more.get("shortName") or more.get("url") or "")
