"""Which SQLite is used, and that a database stays whole where only an old one is there."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from soc.store import sqlite_driver
from soc.store.db import dispose_engines, read_session, sqlite_engine, write_session
from soc.store.migrate import migrate
from soc.store.nouns.rules.rules import RuleRow, list_rules
from soc.store.sqlite_driver import find_driver, is_sound, journal_mode


def _with_drivers(monkeypatch: pytest.MonkeyPatch, **versions: tuple[int, int, int]) -> None:
    """Only these can be imported, each with this version of SQLite."""
    drivers = {
        f"{name}.dbapi2": SimpleNamespace(name=name, sqlite_version_info=version, sqlite_version=str(version))
        for name, version in versions.items()
    }

    def find(name: str) -> Any:
        if name not in drivers:
            raise ImportError(name)
        return drivers[name]

    monkeypatch.setattr(sqlite_driver, "import_module", find)


def test_the_installed_driver_is_sound_so_the_log_is_used() -> None:
    assert is_sound(find_driver())
    assert journal_mode(find_driver()) == "WAL"


@pytest.mark.parametrize(
    ("installed", "taken"),
    [
        ({"pysqlite3": (3, 53, 4), "sqlcipher3": (3, 53, 4), "sqlite3": (3, 60, 0)}, "pysqlite3"),
        ({"sqlcipher3": (3, 53, 4), "sqlite3": (3, 40, 1)}, "sqlcipher3"),
        ({"pysqlite3": (3, 51, 2), "sqlcipher3": (3, 51, 3), "sqlite3": (3, 40, 1)}, "sqlcipher3"),
        ({"sqlite3": (3, 51, 3)}, "sqlite3"),
        ({"pysqlite3": (3, 51, 2), "sqlite3": (3, 40, 1)}, "sqlite3"),
    ],
)
def test_the_first_sound_driver_is_taken_else_python_s_own(
    installed: dict[str, tuple[int, int, int]], taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_drivers(monkeypatch, **installed)
    assert find_driver().name == taken


@pytest.mark.parametrize(("version", "mode"), [((3, 51, 2), "TRUNCATE"), ((3, 51, 3), "WAL")])
def test_the_write_ahead_log_begins_with_the_version_that_mended_it(
    version: tuple[int, int, int], mode: str
) -> None:
    assert journal_mode(SimpleNamespace(sqlite_version_info=version, sqlite_version="x")) == mode


@pytest.fixture
def _old_sqlite(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Python's own SQLite alone, taken for unsound."""
    monkeypatch.setattr(sqlite_driver, "BUNDLED", ())
    monkeypatch.setattr(sqlite_driver, "OLDEST_SOUND", (99, 0, 0))
    dispose_engines()
    yield
    dispose_engines()


@pytest.mark.usefixtures("_old_sqlite")
def test_an_old_sqlite_works_without_the_log_and_says_so(tmp_path: Path) -> None:
    with capture_logs() as said, sqlite_engine(tmp_path / "old.db").connect() as connection:
        assert connection.dialect.dbapi is sqlite3.dbapi2  # type: ignore[attr-defined]
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "truncate"
    assert [line["event"] for line in said] == ["sqlite_without_wal"]


@pytest.mark.usefixtures("_old_sqlite")
def test_the_store_is_the_same_on_an_old_sqlite() -> None:
    migrate()
    with write_session() as session:
        first = list_rules(session)[0].id
        session.delete(session.get(RuleRow, first))
    with read_session() as session:
        assert first not in [rule.id for rule in list_rules(session)]
