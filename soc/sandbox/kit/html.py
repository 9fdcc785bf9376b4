"""HTML for the console: pages, tables, links. Every text is escaped here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from typing import Any

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


def page(title: str, links: Iterable[tuple[str, str]], *parts: str) -> str:
    """A whole page; `links` are (address, text) of its head, `parts` are HTML already."""
    head = "".join(f"<a href='{escape(address)}'>{escape(text)}</a>" for address, text in links)
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)} · practice</title>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<style>{STYLE}</style></head><body><header>{head}"
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


def listing(name: str, total: int, most: int, shown: str, *, path: str = "") -> str:
    """A table of the newest with their number, and a way to the rest where there are more."""
    if not total:
        return f"<p>No {name} yet.</p>"
    more = f" · <a href='{path or '/' + name}'>more</a>" if most < total else ""
    return f"<p class='muted'>{total} {name}, newest first{more}</p>{shown}"


def pretty(value: Any) -> str:
    """A JSON value with its lines broken."""
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"
