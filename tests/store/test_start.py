"""What a start does to a database that has the newest schema already."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.script import ScriptDirectory

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
