"""Rich text (ADF) as HTML. Every text is escaped here."""

from __future__ import annotations

from html import escape
from typing import Any

from soc.sandbox.kit.html import link


def rich_text(value: Any) -> str:
    """An ADF document, or plain text, as HTML."""
    if value is None:
        return "<p class='muted'>No text.</p>"
    if isinstance(value, str):
        return f"<pre>{escape(value)}</pre>"
    return "".join(_node(node) for node in value.get("content", []))


WRAPS = {
    "paragraph": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "codeBlock": "pre",
    "blockquote": "blockquote",
    "table": "table",
    "tableRow": "tr",
    "tableHeader": "th",
    "tableCell": "td",
}
MARKS = {"strong": "strong", "em": "em", "code": "code", "strike": "s", "underline": "u"}


def _node(node: dict[str, Any]) -> str:
    kind, attrs = node.get("type"), node.get("attrs") or {}
    inner = "".join(_node(child) for child in node.get("content", []))
    if kind == "text":
        return _marked(str(node.get("text", "")), node.get("marks", []))
    if kind == "heading":
        level = min(int(attrs.get("level", 2)) + 1, 6)
        return f"<h{level}>{inner}</h{level}>"
    if kind in ("hardBreak", "rule"):
        return "<br>" if kind == "hardBreak" else "<hr>"
    if kind == "panel":
        return f"<div class='card'>{inner}</div>"
    if kind in ("inlineCard", "blockCard"):
        return link(attrs.get("url"), str(attrs.get("url", "")))
    if kind in WRAPS:
        return f"<{WRAPS[kind]}>{inner}</{WRAPS[kind]}>"
    return inner or escape(str(attrs.get("text", "")))


def _marked(text: str, marks: list[dict[str, Any]]) -> str:
    shown = escape(text)
    for mark in marks:
        if mark.get("type") == "link":
            shown = link((mark.get("attrs") or {}).get("href"), text)
        elif mark.get("type") in MARKS:
            shown = f"<{MARKS[mark['type']]}>{shown}</{MARKS[mark['type']]}>"
    return shown
