"""One store, one key: an empty store is given one, everybody else compares."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL
from soc.errors import KeyFault
from soc.settings import Settings, get_settings
from soc.store import vault
from soc.store.db import read_session, write_session
from soc.store.key_check import take_new_key
from soc.store.migrate import migrate
from soc.store.nouns.installation.key_checks import forget_check, read_check
from soc.store.nouns.vendors.integrations import list_integrations, open_secrets

JIRA = {
    "base_url": "https://jira.example.com", "username": "bot@example.com", "api_token": "a-token",
    "project_key": "SOC",
}  # fmt: skip

pytestmark = pytest.mark.sqlite("the template of PostgreSQL has a key already")


def _key(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("SOC_SECRET_KEY", key)
    get_settings.cache_clear()


def _without_key(settings: Settings) -> Path:
    moved = settings.data_dir / "elsewhere.key"
    shutil.move(settings.data_dir / "secret.key", moved)
    return moved


def test_an_empty_store_is_given_a_key_and_keeps_it(settings: Settings) -> None:
    migrate()
    first = (settings.data_dir / "secret.key").read_text()
    migrate()
    assert (settings.data_dir / "secret.key").read_text() == first


def test_without_the_key_nobody_starts_and_none_is_made(settings: Settings) -> None:
    migrate()
    _without_key(settings)
    with pytest.raises(KeyFault, match="SOC_SECRET_KEY"):
        migrate()
    assert not (settings.data_dir / "secret.key").exists()


def test_with_another_key_nobody_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    _key(monkeypatch, "another")
    with pytest.raises(KeyFault, match="not the one that sealed"):
        migrate()


@pytest.mark.parametrize("key", ["", "another"])
def test_a_store_of_before_the_check_is_compared_with_what_it_holds(
    key: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate()
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    with write_session() as session:
        forget_check(session)
    moved = _without_key(settings)
    if key:
        _key(monkeypatch, key)
    with pytest.raises(KeyFault):
        migrate()
    monkeypatch.delenv("SOC_SECRET_KEY", raising=False)
    get_settings.cache_clear()
    shutil.move(moved, settings.data_dir / "secret.key")
    migrate()
    with read_session() as session:
        assert read_check(session)


def test_a_lost_key_is_replaced_by_a_word_and_what_it_sealed_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate()
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    _key(monkeypatch, "another")
    assert take_new_key(actor=AT_THE_SHELL) == ["jira"]
    migrate()
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    with read_session() as session:
        [row] = list_integrations(session)
        assert open_secrets(row)["api_token"] == "a-token"


def test_the_check_shows_nothing_of_the_key(settings: Settings) -> None:
    migrate()
    with read_session() as session:
        sealed = read_check(session)
    assert (settings.data_dir / "secret.key").read_text().strip() not in sealed
    assert vault.unseal(sealed, owner="key check")
