"""Atlassian Document Format: is it one, how long is its text, and what does it read like as plain text."""

from __future__ import annotations

from typing import Any

BLOCKS = frozenset(
    [
        "paragraph",
        "heading",
        "bulletList",
        "orderedList",
        "listItem",
        "codeBlock",
        "blockquote",
        "panel",
        "rule",
        "table",
        "tableRow",
        "tableHeader",
        "tableCell",
        "expand",
        "nestedExpand",
        "taskList",
        "taskItem",
        "decisionList",
        "decisionItem",
        "mediaSingle",
        "mediaGroup",
        "media",
        "blockCard",
        "embedCard",
    ]
)
INLINES = frozenset(["text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "placeholder"])
MARKS = frozenset(
    [
        "code",
        "em",
        "link",
        "strike",
        "strong",
        "subsup",
        "textColor",
        "backgroundColor",
        "underline",
        "border",
    ]
)
DEEPEST = 60


def is_document(value: Any) -> bool:
    """Whether this is an ADF document of known nodes and marks; text nodes may not be empty."""
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        return False
    content = value.get("content")
    return (
        isinstance(content, list)
        and set(value) <= {"type", "version", "content"}
        and all(
            isinstance(node, dict) and node.get("type") in BLOCKS and _is_node(node, 1) for node in content
        )
    )


def _is_node(node: Any, depth: int) -> bool:
    if not isinstance(node, dict) or depth > DEEPEST:
        return False
    kind, content, marks = node.get("type"), node.get("content", []), node.get("marks", [])
    if kind not in BLOCKS | INLINES or not isinstance(content, list) or not isinstance(marks, list):
        return False
    if kind == "text" and not (isinstance(node.get("text"), str) and node["text"]):
        return False
    if kind == "heading" and (node.get("attrs") or {}).get("level") not in range(1, 7):
        return False
    if not all(isinstance(mark, dict) and mark.get("type") in MARKS for mark in marks):
        return False
    if kind in ("paragraph", "heading", "codeBlock") and any(_type(n) in BLOCKS for n in content):
        return False
    if kind in ("bulletList", "orderedList") and any(_type(n) != "listItem" for n in content):
        return False
    return all(_is_node(child, depth + 1) for child in content)


def _type(node: Any) -> Any:
    return node.get("type") if isinstance(node, dict) else None


def text_of(value: Any) -> str:
    """Plain text of a document (or of a string, as it is): one line a paragraph or list item."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return "\n".join(_lines(value)).strip("\n")


def _lines(node: dict[str, Any]) -> list[str]:
    content = node.get("content", [])
    if node.get("type") in ("paragraph", "heading", "codeBlock"):
        return ["".join(_inline(child) for child in content)]
    lines = [line for child in content for line in _lines(child)]
    if node.get("type") == "listItem" and lines:
        lines[0] = f"* {lines[0]}"
    return lines


def _inline(node: dict[str, Any]) -> str:
    attrs = node.get("attrs") or {}
    if node.get("type") == "hardBreak":
        return "\n"
    return str(node.get("text") or attrs.get("text") or attrs.get("shortName") or attrs.get("url") or "")


def document_of(text: str) -> dict[str, Any]:
    """A document that reads like `text`: one paragraph a line."""
    paragraphs: list[dict[str, Any]] = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}] if line else []}
        for line in text.split("\n")
    ]
    return {"type": "doc", "version": 1, "content": paragraphs}
