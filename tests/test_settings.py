"""Where the data folder and `.env` are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from soc.errors import ConfigurationError
from soc.settings import ROOT, Settings, env_file, get_settings


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOC_DATA_DIR")


def test_anywhere_in_the_checkout_the_checkout_s_data_and_env_are_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT / "docs" / "adr")
    assert Settings().data_dir == ROOT / "data"
    assert env_file() == ROOT / ".env"


def test_elsewhere_the_folder_one_stands_in_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings().data_dir == tmp_path / "data"
    assert env_file() == tmp_path / ".env"


def test_a_data_folder_that_is_named_is_taken_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOC_DATA_DIR", "mine")
    assert Settings().data_dir == tmp_path / "mine"


def test_a_setting_that_cannot_be_used_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_PUBLIC_URL", "https://me:s3cret@soc.example")
    monkeypatch.setenv("SOC_WORKERS", "many")
    get_settings.cache_clear()
    with pytest.raises(
        ConfigurationError, match=r"SOC_PUBLIC_URL: holds no user name.*SOC_WORKERS: "
    ) as caught:
        get_settings()
    assert "s3cret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_an_env_file_where_one_stands_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SOC_LOG_LEVEL=DEBUG\n")
    assert Settings(_env_file=env_file()).log_level == "DEBUG"
