"""What a start does to a database that has the newest schema already."""

from __future__ import annotations

import pytest

from soc.store import migrate


def test_a_database_with_the_newest_schema_runs_no_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate.migrate()

    def refuse(*_: object) -> None:
        raise AssertionError("Nothing is to be upgraded.")

    monkeypatch.setattr(migrate.command, "upgrade", refuse)
    migrate.migrate()
