from __future__ import annotations

import os
import stat

import pytest

from soc.errors import StoreError
from soc.settings import Settings, get_settings
from soc.store import vault


@pytest.fixture(autouse=True)
def key() -> None:
    vault.generate_key()


def test_what_is_sealed_opens_again_for_the_same_owner() -> None:
    sealed = vault.seal({"api_token": "hunter2"}, owner="integration:jira")
    assert vault.unseal(sealed, owner="integration:jira") == {"api_token": "hunter2"}


def test_a_secret_moved_to_another_row_does_not_open() -> None:
    sealed = vault.seal({"api_token": "hunter2"}, owner="integration:jira")
    with pytest.raises(StoreError, match="cannot be opened"):
        vault.unseal(sealed, owner="integration:slack")


def test_the_sealed_text_does_not_show_the_secret() -> None:
    assert "hunter2" not in vault.seal({"api_token": "hunter2"}, owner="integration:jira")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    once, again = (vault.seal({"a": "b"}, owner="x") for _ in range(2))
    assert once != again


def test_the_generated_key_belongs_to_its_owner_only(settings: Settings) -> None:
    vault.seal({"a": "b"}, owner="x")
    mode = stat.S_IMODE(os.stat(settings.data_dir / "secret.key").st_mode)
    assert mode == 0o600


def test_another_key_gives_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = vault.seal({"a": "b"}, owner="x")
    monkeypatch.setenv("SOC_SECRET_KEY", "another")
    get_settings.cache_clear()
    with pytest.raises(StoreError, match="enter the credentials again"):
        vault.unseal(sealed, owner="x")
