"""API keys: made and shown once, listed with their use, taken back."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from soc import clock
from soc.access.keys import check_key, make_key
from soc.access.scopes import Scope
from soc.domain.actor import AT_A_PAGE
from soc.store.db import read_session, write_session
from soc.store.nouns.people.keys import list_keys
from soc.ui.kit import buttons
from tests.pages.conftest import OpenPage, grids, read


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buttons, "GRACE", 0.0)


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def test_a_key_is_shown_once_and_then_only_its_name(open_page: OpenPage) -> None:
    page = open_page("api_keys")
    assert "No key is in force" in read(page)
    page.text_input(key="key-name-0").input("ticket-bot")
    page.selectbox(key="key-scope-0").select_index(1)
    press(page, "Make the key")
    key = page.code[0].value
    with read_session() as session:
        row = check_key(session, key, now=clock.now())
    assert row is not None
    assert (row.name, row.scope) == ("ticket-bot", "act")
    press(page, "I have copied it")
    assert key not in read(page) + str(grids(page)[0].rows)
    assert grids(page)[0].column("name") == ["ticket-bot"]


def test_a_key_needs_a_name(open_page: OpenPage) -> None:
    assert "The key has no name." in read(press(open_page("api_keys"), "Make the key"))
    with read_session() as session:
        assert not list_keys(session)


def test_a_key_is_taken_back_after_saying_what_that_means(open_page: OpenPage) -> None:
    with write_session() as session:
        key = make_key(session, "old-bot", Scope.READ, now=clock.now(), actor=AT_A_PAGE)[1]
    page = open_page("api_keys")
    page.selectbox(key="key-to-revoke").select_index(0).run()
    assert "refused at once" in read(page)
    assert "No other key is in force" in read(page)
    press(page, "Revoke it")
    with read_session() as session:
        assert check_key(session, key, now=clock.now()) is None
    assert grids(page)[0].column("state") == ["revoked"]
