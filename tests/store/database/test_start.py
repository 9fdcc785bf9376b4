"""What a start does to a database that has the newest schema already."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from soc.errors import StoreError
from soc.settings import get_settings
from soc.store import migrate
from soc.store.db import get_engine


def test_a_database_with_the_newest_schema_runs_no_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate.migrate()

    def refuse(*_: object) -> None:
        raise AssertionError("Nothing is to be upgraded.")

    monkeypatch.setattr(command, "upgrade", refuse)
    migrate.migrate()


def test_the_newest_schema_is_that_of_the_last_script() -> None:
    migrate.migrate()
    with get_engine().begin() as connection:
        scripts = ScriptDirectory.from_config(migrate._config(connection))
    assert migrate._newest() == scripts.get_current_head()
    assert all(f"/v{one.revision}_" in one.path for one in scripts.walk_revisions())


def _claim(revision: str) -> None:
    with get_engine().begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


@pytest.mark.parametrize("asked", [False, True])
def test_a_newer_schema_is_refused_with_the_reason_and_left_as_it_is(asked: bool) -> None:
    migrate.migrate()
    _claim("9999")
    with pytest.raises(
        StoreError, match=r"schema 9999, which this version does not know. Start the newer version"
    ):
        migrate.migrate(asked=asked)
    assert migrate.schema_of() == "9999"


def test_where_a_start_may_not_migrate_an_older_schema_waits_for_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    migrate.migrate()
    _claim("0001")
    monkeypatch.setenv("SOC_MIGRATE_AT_START", "false")
    get_settings.cache_clear()
    upgraded: list[str] = []
    monkeypatch.setattr(command, "upgrade", lambda _config, to: upgraded.append(to))
    with pytest.raises(
        StoreError, match=r"has schema 0001, and this version needs .* Run `soc migrate` first"
    ):
        migrate.migrate()
    assert upgraded == []
    migrate.migrate(asked=True)
    assert upgraded == ["head"]
