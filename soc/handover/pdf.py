"""A small PDF: paragraphs on A4 in the fonts that every reader has. Pure.

Those fonts know the characters of Western Europe (Windows-1252); any other is spelled out (`\\u4e2d`), never dropped.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_WIDE, _HIGH, _EDGE = 595, 842, 50
#: Where the line at the foot of each page stands.
_FOOT = 28


class _Style(NamedTuple):
    """Font (F1 plain, F2 bold), size, colour, room above, and how many characters a line holds. `follow` is the room that must be
    left below it on its page (a heading never ends one), `mark` stands before its first line and the others under that.
    """

    font: str
    size: int
    color: str
    above: int
    wide: int
    follow: int = 0
    mark: str = ""


_STYLES = {
    "title": _Style("F2", 18, "0 0 0", 0, 50),
    "head": _Style("F2", 13, "0 0 0", 12, 70, follow=40),
    "bold": _Style("F2", 10, "0 0 0", 6, 88, follow=28),
    "bad": _Style("F2", 10, "0.65 0.05 0.15", 0, 88, follow=14),
    "text": _Style("F1", 10, "0 0 0", 0, 96),
    "item": _Style("F1", 10, "0 0 0", 3, 93, mark="•"),
    "foot": _Style("F1", 8, "0.4 0.4 0.4", 0, 110),
}
_INDENT = 12


def write_pdf(paragraphs: Iterable[tuple[str, str]], *, foot: str = "") -> bytes:
    """(style, text) each; styles are title, head, bold, bad, text and item. `foot` stands below each page, with its number."""
    pages: list[list[str]] = [[]]
    at = _HIGH - _EDGE
    for style, line, first in _lines(paragraphs):
        at -= style.size + 4 + (style.above if first else 0)
        if at - style.follow < _EDGE:
            pages.append([])
            at = _HIGH - _EDGE - style.size
        if style.mark and first:
            pages[-1].append(_shown(style, style.mark, _EDGE, at))
        pages[-1].append(_shown(style, line, _EDGE + (_INDENT if style.mark else 0), at))
    for number, page in enumerate(pages, start=1):
        words = textwrap.shorten(_known(foot), 90, placeholder="…")
        page.append(
            _shown(_STYLES["foot"], _escaped(f"{words} · page {number} of {len(pages)}"), _EDGE, _FOOT)
        )
    return _file([("\n".join(page)).encode("cp1252") for page in pages])


def _shown(style: _Style, line: str, across: int, up: int) -> str:
    return f"{style.color} rg BT /{style.font} {style.size} Tf {across} {up} Td ({line}) Tj ET"


def _lines(paragraphs: Iterable[tuple[str, str]]) -> Iterator[tuple[_Style, str, bool]]:
    for name, text in paragraphs:
        style = _STYLES[name]
        whole = [
            part
            for line in text.splitlines() or [""]
            for part in textwrap.wrap(_known(line), style.wide, break_on_hyphens=False) or [""]
        ]
        for number, line in enumerate(whole):
            yield style, _escaped(line), number == 0


def _known(text: str) -> str:
    """Only characters that the fonts have."""
    return "".join(
        one if one.isprintable() and _fits(one) else one.encode("unicode_escape").decode() for one in text
    )


def _fits(character: str) -> bool:
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _file(pages: list[bytes]) -> bytes:
    """The objects of the file and the table of where each begins."""
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        font.format("Helvetica").encode(),
        font.format("Helvetica-Bold").encode(),
    ]
    for number, content in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDE} {_HIGH}] /Contents {6 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(made)
