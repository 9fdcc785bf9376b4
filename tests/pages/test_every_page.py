"""What holds for every page: its title, the practice banner, the zone, and errors that explain themselves."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa

from soc.errors import SocError, StoreError
from soc.settings import get_settings
from soc.store import unchanged
from soc.store.db import get_engine
from soc.ui import frame
from soc.ui.kit import grid, problems, tables
from soc.ui.kit.open_pages import OPEN_PAGES
from soc.ui.kit.places import PLACES
from tests.pages.conftest import ROOT, OpenPage, read
from tests.pages.night import add_night

NAMES = [place.name for place in PLACES]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_draws_on_an_empty_database(open_page: OpenPage, name: str) -> None:
    page = open_page(name)
    assert not page.exception
    assert not page.error
    assert [title.value for title in page.title] == [place.title for place in PLACES if place.name == name]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_shows_practice_says_so(open_page: OpenPage, name: str) -> None:
    add_night()
    text = read(open_page(name))
    assert "Practice data — some rows come from the built-in sandbox" in text
    assert "Times in UTC" in text


@pytest.mark.sqlite("PostgreSQL's log also moves by what else the server does: then it is read again")
@pytest.mark.parametrize("name", NAMES)
def test_a_second_look_reads_nothing_and_puts_no_table_into_words(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    add_night()
    monkeypatch.setattr(unchanged, "LONGEST", timedelta(hours=1))
    page = open_page(name).run()
    done: list[str] = []
    monkeypatch.setattr(tables, "make_table", lambda *_, **about: done.append(about["alt"]))
    monkeypatch.setattr(grid, "make_table", lambda *_, **about: done.append(about["alt"]))
    note = lambda _connection, _cursor, statement, *_: done.append(statement)  # noqa: E731
    sa.event.listen(get_engine(), "before_cursor_execute", note)
    page.run()
    sa.event.remove(get_engine(), "before_cursor_execute", note)
    assert not page.exception
    assert [one for one in done if one != "BEGIN"] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_cannot_be_drawn_says_so_instead_of_staying_empty(open_page: OpenPage, name: str) -> None:
    with get_engine().begin() as connection:
        for table in ("tickets", "sla_policies", "deliveries", "incidents", "batches", "integrations"):
            connection.execute(sa.text(f"ALTER TABLE {table} RENAME TO gone_{table}"))
    page = open_page(name)
    assert not page.exception
    assert "This could not be shown." in read(page)


def test_an_error_of_the_product_is_shown_with_what_to_do(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise StoreError("The stored credentials cannot be opened.", hint="Restore data/secret.key.")

    monkeypatch.setattr(frame, "read_installation", refuse)
    text = read(open_page("tickets"))
    assert "The stored credentials cannot be opened." in text
    assert "Restore data/secret.key." in text


@pytest.mark.parametrize("name", [name for name in NAMES if name != "overview"])
def test_a_new_installation_leads_to_the_first_steps(open_page: OpenPage, name: str) -> None:
    assert "Nothing is set up yet." in read(open_page(name))


def test_a_process_that_the_log_path_spawns_does_not_load_the_dashboard() -> None:
    entry = ROOT / "soc" / "ui" / "main.py"
    code = f"import runpy, sys; runpy.run_path({str(entry)!r}, run_name='__mp_main__'); sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_was_opened_to_a_proxy_says_that_it_has_no_sign_in(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert OPEN_PAGES not in [one.value for one in open_page(name).warning]
    monkeypatch.setenv("SOC_OPEN_PAGES", "1")
    get_settings.cache_clear()
    assert OPEN_PAGES in [one.value for one in open_page(name).warning]


def test_one_cause_is_said_once_a_page_and_another_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(problems, "show_problem", lambda message, hint="": said.append(message))
    told: set[tuple[str, str]] = set()

    def away(message: str) -> None:
        raise SocError(message, hint="Wait.")

    for message in ("gone", "gone", "full"):
        problems.draw_or_explain(lambda message=message: away(message), told)  # type: ignore[misc]
    assert said == ["gone", "full"]
