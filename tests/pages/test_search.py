"""The search box of every page and the page that it opens."""

from __future__ import annotations

from tests.pages.conftest import OpenPage, grids, read
from tests.pages.night import BREAK_IN, add_night


def test_a_link_to_a_search_shows_what_it_finds(open_page: OpenPage) -> None:
    add_night()
    page = open_page("search", q="203.0.113.7 scan")
    assert grids(page)[0].column("title") == ["Port scan from one address"]
    assert "1 incident, the last found first" in read(page)


def test_the_box_in_the_menu_opens_the_search(open_page: OpenPage) -> None:
    add_night()
    page = open_page("deliveries")
    page.sidebar.text_input(key="find").set_value(f" {BREAK_IN} ").run()
    assert BREAK_IN in str(page.query_params["q"])
    assert "1 incident, the last found first" in read(page)


def test_without_words_it_says_what_it_takes(open_page: OpenPage) -> None:
    assert "Whatever you have at hand finds the incident." in read(open_page("search"))


def test_what_nothing_matches_is_said(open_page: OpenPage) -> None:
    add_night()
    assert "Nothing is found by this. Fewer words may find more." in read(
        open_page("search", q="nothing like this")
    )
    assert "Nothing is found by this. It is no beginning of" in read(open_page("search", q="nowhere"))
