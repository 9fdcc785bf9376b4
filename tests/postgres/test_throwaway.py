"""A test's own database: fresh for whoever writes, handed on where nobody did anything."""

from __future__ import annotations

import psycopg
import pytest

from tests.throwaway import fresh_database

pytestmark = pytest.mark.postgres


def test_only_a_database_that_nobody_touched_is_handed_on(
    postgres_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_database(postgres_template, monkeypatch) as untouched:
        pass
    with fresh_database(postgres_template, monkeypatch) as again, psycopg.connect(again) as connection:
        connection.execute("DELETE FROM soc.notes")
    with fresh_database(postgres_template, monkeypatch) as other:
        pass
    assert again == untouched
    assert other != again
