"""A test's own database: fresh for whoever writes, handed on where nobody did anything."""

from __future__ import annotations

import psycopg
import pytest

from tests.fresh import fresh_database

pytestmark = pytest.mark.postgres

_HELD = "SELECT (SELECT count(*) FROM soc.rules), (SELECT count(*) FROM soc.audit_chain), (SELECT count(*) FROM soc.tickets)"


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


def test_what_a_test_wrote_deleted_and_counted_is_as_before_and_who_still_writes_finds_nothing(
    postgres_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_database(postgres_template, monkeypatch) as url, psycopg.connect(url) as connection:
        before = connection.execute(_HELD).fetchone()
        connection.execute("DELETE FROM soc.rules")
        connection.execute(
            "INSERT INTO soc.audit_chain SELECT (jsonb_populate_record(kept, '{\"id\": 77}')).* FROM soc.audit_chain kept"
        )
        [ticket] = connection.execute("SELECT nextval('soc.tickets_id_seq')").fetchone() or [0]
        connection.commit()
        left = psycopg.connect(url)
    with fresh_database(postgres_template, monkeypatch) as other, psycopg.connect(other) as connection:
        assert connection.execute(_HELD).fetchone() == before
        assert connection.execute("SELECT nextval('soc.tickets_id_seq')").fetchone() == (ticket,)
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_a_database_that_is_defined_differently_is_no_other_test_s(
    postgres_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = [
        "CREATE TABLE soc.another (id int)",
        "ALTER TABLE soc.tickets ALTER COLUMN id DROP DEFAULT",
        "ALTER TABLE soc.tickets DROP CONSTRAINT tickets_pkey CASCADE",
        "CREATE SCHEMA engine",
        "CREATE FUNCTION soc.another() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ]
    which = "SELECT oid FROM pg_database WHERE datname = current_database()"
    seen = set()
    for change in changes:
        with (
            fresh_database(postgres_template, monkeypatch) as url,
            psycopg.connect(url, autocommit=True) as connection,
        ):
            seen.add(connection.execute(which).fetchone())
            connection.execute(change)
    assert len(seen) == len(changes)
