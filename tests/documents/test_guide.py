"""The user guide: a page for each page, and every word in bold stands on the screen."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from soc.integrations.registry import KINDS
from soc.ui.kit.places import PLACES
from tests.documents.blocks import ROOT

GUIDE = ROOT / "docs" / "guide"


def _literals(path: Path) -> set[str]:
    """Every text in a module. Of one with gaps the parts between them; joined, as they may stand in a sentence."""
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@cache
def _on_screen() -> str:
    sources = [*(ROOT / "pages").glob("*.py"), *(ROOT / "soc" / "ui").rglob("*.py"), ROOT / "app.py"]
    found = set().union(*(_literals(path) for path in sources))
    found |= {kind.toggle for kind in KINDS.values()} | {place.title for place in PLACES}
    return "\n".join(sorted(found)).casefold()


def _bold(path: Path) -> list[str]:
    return re.findall(r"\*\*(.+?)\*\*", path.read_text(), re.DOTALL)


@pytest.mark.parametrize("name", [place.name for place in PLACES])
def test_every_page_of_the_dashboard_has_a_page_of_the_guide(name: str) -> None:
    page = GUIDE / f"{name}.md"
    title = next(place.title for place in PLACES if place.name == name)
    assert page.read_text().startswith(f"# {title}\n")
    assert f"]({name}.md)" in (GUIDE / "index.md").read_text()


@pytest.mark.parametrize("page", sorted(GUIDE.glob("*.md")), ids=lambda page: page.stem)
def test_what_the_guide_prints_in_bold_stands_on_the_screen(page: Path) -> None:
    #: A vendor's title is put into such labels when they are drawn.
    titles = "|".join(sorted(kind.title for kind in KINDS.values()))
    for words in _bold(page):
        parts = [part for part in re.split(rf"\b(?:{titles})\b", " ".join(words.split())) if part.strip()]
        assert all(part.strip().casefold() in _on_screen() for part in parts), words


def test_a_word_that_no_page_draws_is_noticed() -> None:
    assert "launch the missiles" not in _on_screen()
    assert "acknowledge" in _on_screen()
