"""A ticket's text in two dialects: Atlassian Document Format (Cloud) and wiki markup (Data Center).

Log text is hostile. In ADF it stands in text nodes, where nothing is markup; in wiki markup it stands in
`{noformat}` blocks that it cannot close, or with every marking character escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from soc.integrations.kit.fields import clean_text, one_line

_WIKI = re.compile(r"[\\{}\[\]|!*_^~+?#@]|(?<!\w)-")
_CLOSING = re.compile(r"\{(?=\s*(?:noformat|code))", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Facts:
    """Labels and values, a line each; empty values are left out."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """Text as it is, line by line."""

    text: str


@dataclass(frozen=True)
class Link:
    """A line of its own that leads to one of our own pages; nothing without an address."""

    label: str
    url: str


Block = Heading | Paragraph | Facts | Bullets | Code | Link


def adf(blocks: Sequence[Block]) -> dict[str, Any]:
    """The document as ADF. Empty text nodes are not valid and never made."""
    content = [node for block in blocks for node in _adf_nodes(block)]
    return {"type": "doc", "version": 1, "content": content}


def _text(text: str, *, strong: bool = False) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "text", "text": text}
    return {**node, "marks": [{"type": "strong"}]} if strong else node


def _linked(link: Link) -> dict[str, Any]:
    return {**_text(link.label), "marks": [{"type": "link", "attrs": {"href": link.url}}]}


def _list(items: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    entries = [
        {"type": "listItem", "content": [{"type": "paragraph", "content": item}]} for item in items if item
    ]
    return [{"type": "bulletList", "content": entries}] if entries else []


def _adf_nodes(block: Block) -> list[dict[str, Any]]:
    if isinstance(block, Facts):
        return _list(
            [[_text(f"{k}: ", strong=True), _text(v)] for k, raw in block.items if (v := one_line(raw))]
        )
    if isinstance(block, Bullets):
        return _list([[_text(v)] for raw in block.items if (v := one_line(raw))])
    if isinstance(block, Code):
        text = clean_text(block.text)
        return [{"type": "codeBlock", "content": [_text(text)]}] if text.strip() else []
    if isinstance(block, Link):
        return [{"type": "paragraph", "content": [_linked(block)]}] if block.url else []
    text = one_line(block.text)
    if not text:
        return []
    if isinstance(block, Heading):
        return [{"type": "heading", "attrs": {"level": 3}, "content": [_text(text)]}]
    return [{"type": "paragraph", "content": [_text(text)]}]


def wiki(blocks: Sequence[Block]) -> str:
    """The document as Jira wiki markup."""
    return "\n\n".join(part for block in blocks if (part := _wiki_part(block)))


def escaped(text: str) -> str:
    """One line in which no character is wiki markup."""
    return _WIKI.sub(lambda found: "\\" + found.group(), one_line(text))


def _wiki_part(block: Block) -> str:
    if isinstance(block, Heading):
        return f"h3. {escaped(block.text)}"
    if isinstance(block, Link):
        return f"[{escaped(block.label)}|{block.url}]" if block.url else ""
    if isinstance(block, Facts):
        return "\n".join(f"* *{escaped(k)}:* {v}" for k, raw in block.items if (v := escaped(raw)))
    if isinstance(block, Bullets):
        return "\n".join(f"* {v}" for raw in block.items if (v := escaped(raw)))
    if isinstance(block, Code):
        text = _CLOSING.sub("{ ", clean_text(block.text))
        return "{noformat}\n" + text + "\n{noformat}" if text.strip() else ""
    return escaped(block.text)
