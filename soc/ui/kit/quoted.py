"""Text from logs and vendors is hostile: it is made harmless before any Markdown sees it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

#: Invisible, direction-changing and control characters: shown as what they are instead of doing what they do.
_TRICKS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:<>&@^=])")

#: In escaped text: where an address or an icon would begin.
_AUTOMATIC = re.compile(r":(?=\S)|@|www", re.IGNORECASE)

#: Readable on light and dark alike, and marked by more than colour.
_MARK = "background:rgba(221,171,0,.38);color:inherit;font-weight:600;border-radius:2px;padding:0 1px"


def visible(text: str) -> str:
    """`text` with every trick character spelled out (`\\x1b`, `\\u202e`); safe for st.code, st.text, tables."""
    return _TRICKS.sub(_spell, text)


def _spell(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def markdown(text: str) -> str:
    """`text` as one line of Markdown that shows its characters and does nothing: no link, icon, image, colour.

    Streamlit looks for addresses and `:icons:` after it has taken escapes away, so those are also cut in two
    by a word joiner, which nobody sees.
    """
    return _AUTOMATIC.sub("\\g<0>\u2060", _MARKDOWN.sub(r"\\\1", visible(" ".join(text.split()))))


def cell(text: str, limit: int = 400) -> str:
    """One line for a table's cell."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def spans_of(raw: str, words: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Byte ranges of a line's UTF-8 as ranges of its characters: merged, sorted, within the line."""
    whole = raw.encode("utf-8", "surrogatepass")
    found: list[tuple[int, int]] = []
    for start, end in sorted(words):
        if not 0 <= start < end <= len(whole):
            continue
        first = len(whole[:start].decode("utf-8", "ignore"))
        last = first + len(whole[start:end].decode("utf-8", "replace"))
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def highlighted(raw: str, words: Sequence[tuple[int, int]]) -> str:
    """The line as HTML with the matched bytes marked. Every character of the line is escaped."""
    pieces: list[str] = []
    at = 0
    for start, end in spans_of(raw, words):
        pieces.append(escape(visible(raw[at:start])))
        pieces.append(f'<mark style="{_MARK}">{escape(visible(raw[start:end]))}</mark>')
        at = end
    pieces.append(escape(visible(raw[at:])))
    return "".join(pieces)


def link_target(url: str) -> str:
    """An address that may stand between `(<` and `>)`; only http(s), anything else becomes `#`."""
    if not url.startswith(("https://", "http://")):
        return "#"
    return "".join(c for c in url if c.isprintable() and c not in "<>\\ ")
