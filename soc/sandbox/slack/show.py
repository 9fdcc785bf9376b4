"""Messages of blocks and mrkdwn as HTML. Every text is escaped here."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

from soc.sandbox.kit.html import link
from soc.sandbox.slack import catalogue as slack

#: The HTML of a button that can be pressed.
Press = Callable[[dict[str, Any]], str]


def blocks(found: list[dict[str, Any]], text: str, press: Press | None = None) -> str:
    """A message's blocks, or its text when it has none. Without `press` its buttons are only shown."""
    return "".join(_block(block, press) for block in found) or f"<p>{mrkdwn(text)}</p>"


def _block(block: dict[str, Any], press: Press | None) -> str:
    kind = block.get("type")
    if kind == "header":
        return f"<h3>{escape(str(block['text']['text']))}</h3>"
    if kind == "divider":
        return "<hr>"
    if kind == "section":
        cells = "".join(f"<div>{_text(field)}</div>" for field in block.get("fields") or ())
        fields = f"<div class='fields'>{cells}</div>" if cells else ""
        text = f"<p>{_text(block['text'])}</p>" if block.get("text") else ""
        return text + fields + (_element(block["accessory"], press) if block.get("accessory") else "")
    if kind == "context":
        return f"<p class='muted'>{' · '.join(_text(element) for element in block['elements'])}</p>"
    if kind == "actions":
        return f"<p>{' '.join(_element(element, press) for element in block['elements'])}</p>"
    return f"<p class='muted'>[{escape(str(kind))}]</p>"


def _text(value: dict[str, Any]) -> str:
    text = str(value.get("text") or value.get("alt_text") or "")
    return mrkdwn(text) if value.get("type") == "mrkdwn" else escape(text)


def _element(element: dict[str, Any], press: Press | None) -> str:
    if element.get("type") != "button":
        return f"<span class='tag'>{escape(str(element.get('type')))}</span>"
    label = str(element["text"]["text"])
    style = " danger" if element.get("style") == "danger" else ""
    if element.get("url"):
        return f"<span class='button{style}'>{link(element['url'], label)}</span>"
    return press(element) if press is not None else f"<span class='button{style}'>{escape(label)}</span>"


EMOJI = {
    "bar_chart": "📊",
    "information_source": "ℹ️",
    "large_blue_circle": "🔵",
    "large_orange_diamond": "🔶",
    "large_orange_circle": "🟠",
    "large_yellow_circle": "🟡",
    "octagonal_sign": "🛑",
    "red_circle": "🔴",
    "rotating_light": "🚨",
    "small_blue_diamond": "🔹",
    "ticket": "🎫",
    "warning": "⚠️",
    "white_check_mark": "✅",
}
SPECIAL = re.compile(r"<([^<>]+)>")
FENCE = re.compile(r"```(.*?)```", re.DOTALL)
STYLES = (
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
    (re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w_/])_([^_\n]+)_(?![\w_])"), r"<em>\1</em>"),
)


def mrkdwn(text: str) -> str:
    """Slack's markup as HTML: links, code, bold, italics. `&lt;` in the text stays a literal `<`."""
    parts = FENCE.split(text)
    return "".join(f"<pre>{_literal(p)}</pre>" if i % 2 else _line(p) for i, p in enumerate(parts))


def _line(text: str) -> str:
    parts = SPECIAL.split(text)
    return "".join(_special(part) if i % 2 else _styled(part) for i, part in enumerate(parts))


def _styled(text: str) -> str:
    shown = _literal(text)
    for pattern, replacement in STYLES:
        shown = pattern.sub(replacement, shown)
    shown = re.sub(r":([a-z_]+):", lambda name: EMOJI.get(name[1], name[0]), shown)
    return shown.replace("\n", "<br>")


def _special(inner: str) -> str:
    """What stands between `<` and `>`: a link, a mention, a channel."""
    target, _, label = inner.partition("|")
    if target.startswith("!"):
        return f"<span class='tag danger'>@{_literal(target[1:])}</span>"
    if target.startswith("@"):
        member = slack.MEMBERS.get(target[1:])
        return f"<span class='tag'>@{escape(member.name if member else target[1:])}</span>"
    if target.startswith("#"):
        channel = slack.CHANNELS.get(target[1:])
        return f"<span class='tag'>#{escape(channel.name if channel else target[1:])}</span>"
    return link(_unescaped(target), _unescaped(label or target))


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _literal(text: str) -> str:
    """Slack's three escapes undone, then HTML's made."""
    return escape(_unescaped(text))
