"""HTML for the console: pages, rich text from ADF, messages from blocks. Every text is escaped here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any

from soc.sandbox.slack import catalogue as slack

STYLE = """
:root{color-scheme:light dark;--line:light-dark(#d8dce3,#3a3f48);--soft:light-dark(#f5f6f8,#22262c);
--link:light-dark(#0b57d0,#8ab4f8);--bad:light-dark(#b3261e,#f2b8b5);--muted:light-dark(#5b6470,#a9b2bd)}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0;background:light-dark(#fff,#16191d);color:light-dark(#1c2128,#e6e9ed)}
header{background:light-dark(#fff4d6,#40340f);border-bottom:1px solid var(--line);padding:.6rem 1.2rem}
header a{font-weight:600;margin-right:1rem}
main{max-width:76rem;margin:0 auto;padding:1rem 1.2rem 3rem}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
h1{font-size:1.45rem;margin:.8rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .5rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);
vertical-align:top}th{font-size:.85rem;color:var(--muted);font-weight:600}
.wide{overflow-x:auto}.muted{color:var(--muted);font-size:.88rem}
.card{border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem;margin:.7rem 0;background:var(--soft);
overflow-wrap:anywhere}
pre,code{font:13px/1.45 ui-monospace,monospace;white-space:pre-wrap}
pre{background:light-dark(#eceff3,#0f1114);padding:.6rem;border-radius:6px}
.tag{border:1px solid var(--line);border-radius:10px;padding:0 .5rem;font-size:.85rem;display:inline-block;margin:0 .2rem .2rem 0}
button,.button{font:inherit;border:1px solid var(--line);border-radius:6px;padding:.3rem .8rem;cursor:pointer;
background:light-dark(#fff,#2c323a);color:inherit;display:inline-block}
.danger{color:var(--bad);border-color:var(--bad)}
form.inline{display:inline-block;margin:0 .4rem .4rem 0}
input,select,textarea{font:inherit;padding:.25rem .5rem;border:1px solid var(--line);border-radius:6px;
background:light-dark(#fff,#1d2126);color:inherit}label{margin-right:.8rem}textarea{width:100%}
input[type=number]{width:5rem}
.fields{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:.5rem 1.5rem}
blockquote{border-left:3px solid var(--line);margin:.5rem 0;padding-left:.8rem}
"""


def page(title: str, *parts: str) -> str:
    """A whole page; `parts` are HTML already."""
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)} · practice</title>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<style>{STYLE}</style></head><body><header><a href='/'>Practice vendors</a>"
        "<a href='/#jira'>Jira</a><a href='/#slack'>Slack</a><a href='/alerts'>PagerDuty</a>"
        "<a href='/executions'>StackStorm</a><a href='/deliveries'>Webhook</a><a href='/#faults'>Faults</a>"
        "<span class='muted'>Practice data. Nothing here leaves this machine.</span></header>"
        f"<main>{''.join(parts)}</main></body></html>"
    )


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """`heads` are text, cells are HTML already."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def link(url: Any, text: str) -> str:
    """A link when the address is http(s) or a path of ours, else only the text."""
    if re.match(r"https?://|/(?!/)", str(url), re.IGNORECASE):
        return f"<a href='{escape(str(url))}' rel='noreferrer'>{escape(text)}</a>"
    return escape(text)


def moment(at: str) -> str:
    """A time of the state (ISO-8601, UTC) for a person."""
    return f"{at[:19].replace('T', ' ')} UTC"


def tags(names: Iterable[str]) -> str:
    return "".join(f"<span class='tag'>{escape(name)}</span>" for name in names)


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


def blocks(found: list[dict[str, Any]], text: str) -> str:
    """A message's blocks, or its text when it has none."""
    return "".join(_block(block) for block in found) or f"<p>{mrkdwn(text)}</p>"


def _block(block: dict[str, Any]) -> str:
    kind = block.get("type")
    if kind == "header":
        return f"<h3>{escape(str(block['text']['text']))}</h3>"
    if kind == "divider":
        return "<hr>"
    if kind == "section":
        cells = "".join(f"<div>{_text(field)}</div>" for field in block.get("fields") or ())
        fields = f"<div class='fields'>{cells}</div>" if cells else ""
        text = f"<p>{_text(block['text'])}</p>" if block.get("text") else ""
        return text + fields + (_element(block["accessory"]) if block.get("accessory") else "")
    if kind == "context":
        return f"<p class='muted'>{' · '.join(_text(element) for element in block['elements'])}</p>"
    if kind == "actions":
        return f"<p>{' '.join(_element(element) for element in block['elements'])}</p>"
    return f"<p class='muted'>[{escape(str(kind))}]</p>"


def _text(value: dict[str, Any]) -> str:
    text = str(value.get("text") or value.get("alt_text") or "")
    return mrkdwn(text) if value.get("type") == "mrkdwn" else escape(text)


def _element(element: dict[str, Any]) -> str:
    if element.get("type") != "button":
        return f"<span class='tag'>{escape(str(element.get('type')))}</span>"
    label = str(element["text"]["text"])
    style = " danger" if element.get("style") == "danger" else ""
    if element.get("url"):
        return f"<span class='button{style}'>{link(element['url'], label)}</span>"
    return f"<span class='button{style}' title='This practice Slack does not press buttons'>{escape(label)}</span>"


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
