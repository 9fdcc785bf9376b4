"""Our first ten minutes, walked as the page says: each step that it asks for is done, each word that it promises is seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words).first.click()


def open_place(page: Page, words: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=words).click()
    expect(page.get_by_role("heading", name=words, exact=True)).to_be_visible()


def click(page: Page, words: str) -> None:
    page.get_by_text(words).first.click()


def see(page: Page, words: str) -> None:
    expect(page.get_by_text(words).first).to_be_visible(timeout=120_000)


def fill(page: Page, words: str, value: str) -> None:
    page.get_by_role("textbox", name=words, exact=True).first.fill(value)


def sit(page: Page, words: str) -> None:
    page.get_by_role("combobox", name="Who sits here?").click()
    page.get_by_role("option", name=words).click()


STEPS: dict[str, Callable[..., None]] = {
    r"Press \*\*(.+)\*\*\.": press,
    r"Open \*\*(.+)\*\*\.": open_place,
    r"Click \*\*(.+)\*\*\.": click,
    r"You see \*\*(.+)\*\*\.?": see,
    r"Fill \*\*(.+)\*\* with `(.+)`\.?": fill,
    r"Choose \*\*(.+)\*\* as who sits here\.": sit,
}


def steps() -> Iterator[tuple[str, Callable[..., None], tuple[str, ...]]]:
    """(the line, what does it, with which words) of each line of a list. A line that nobody can walk fails the test."""
    for line in re.findall(r"^- (.+)$", PAGE.read_text(), re.MULTILINE):
        found = [(act, match) for pattern, act in STEPS.items() if (match := re.fullmatch(pattern, line))]
        assert len(found) == 1, f"no step is written like this: {line}"
        yield line, found[0][0], found[0][1].groups()


def test_the_first_ten_minutes_are_as_the_tutorial_says(product: Any, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto(product.url)
    walked = 0
    for line, act, words in steps():
        try:
            act(page, *words)
        except Exception as error:
            raise AssertionError(f"at “{line}”: {error}") from error
        walked += 1
    assert walked > 15
