"""SQLite's file where SOC_DATABASE_URL says: relative or whole, the engine's beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from soc.settings import Settings, get_settings
from soc.store.db import answers, get_engine
from soc.store.migrate import migrate

pytestmark = pytest.mark.sqlite("files")


@pytest.mark.parametrize("written", ["sqlite:///night.db", "sqlite:///{folder}/night.db"])
def test_the_store_lies_where_the_address_says(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOC_DATABASE_URL", written.format(folder=tmp_path))
    get_settings.cache_clear()
    migrate()
    assert (get_engine().dialect.name, answers()) == ("sqlite", True)
    assert (tmp_path / "night.db").is_file()
    assert get_settings().sqlite_engine_file == tmp_path / "night-engine.db"
    assert not get_settings().many_machines


def test_the_usual_file_keeps_its_usual_engine(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/soc.db")
    assert settings.sqlite_engine_file == tmp_path / "engine.db"


@pytest.mark.parametrize("written", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:file.db"])
def test_an_address_without_a_file_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///file\.db"):
        Settings(database_url=written)


def test_a_server_is_many_machines() -> None:
    assert Settings(database_url="postgresql://a@h/b").many_machines
