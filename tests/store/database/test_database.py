from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from alembic import command
from sqlmodel import SQLModel

from soc import clock
from soc.domain.rule import GUIDE_RULES
from soc.errors import StoreError
from soc.settings import get_settings
from soc.store import db
from soc.store.db import get_engine, insert_ignoring, postgres_url, read_session, write_session
from soc.store.migrate import _config, migrate
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.installation.notes import NoteRow
from soc.store.nouns.rules.rules import RuleRow, list_rules
from soc.store.nouns.sla.policies import list_policies

pytestmark = pytest.mark.migrations


@pytest.fixture(autouse=True)
def _schema() -> None:
    migrate()


def test_the_migrations_make_exactly_the_tables_that_the_code_declares() -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with get_engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_database_of_the_first_version_keeps_its_deliveries_and_learns_what_they_are_about() -> None:
    engine = get_engine()
    with engine.begin() as connection:
        command.downgrade(_config(connection), "0001")
        connection.execute(
            sa.text(
                "INSERT INTO deliveries (id, key, integration, action, incident_id, payload, state, practice, score,"
                " try_number, sends, failures, reconciled, created_at, updated_at, receipt, open_end, reason, error, hint)"
                " VALUES ('dlv-1', 'k', 'jira', 'open_ticket', NULL, '{}', 'dead', false, 9, 1, 1, 1, 0,"
                " '2026-01-14 22:00:00', '2026-01-14 22:00:00', '{}', false, 'client', 'no such project', 'mend it')"
            )
        )
    migrate()
    with read_session() as session:
        row = get_delivery(session, "dlv-1")
    assert (row.state, row.error, row.subject) == ("dead", "no such project", "")


def test_every_row_with_what_hangs_on_it_is_carried_through_every_revision() -> None:
    """A revision that makes a table anew drops it first, which SQLite refuses while rows of others point to it."""
    with get_engine().begin() as connection:
        command.downgrade(_config(connection), "0001")
        for table in ("batches", "incidents", "tickets"):
            filled = {}
            for column in sa.inspect(connection).get_columns(table):
                kind = str(column["type"]).upper()
                number = any(word in kind for word in ("INT", "FLOAT", "DOUBLE", "BOOL", "NUMERIC"))
                time = "TIME" in kind or column["name"].endswith(("_at", "_seen"))
                number_of = False if "BOOL" in kind else 0
                filled[column["name"]] = (
                    number_of
                    if number
                    else "2026-01-14 22:00:00"
                    if time
                    else "{}"
                    if "JSON" in kind
                    else "x"
                )
            filled |= {"batch_id": "x", "incident_id": "x"}
            row = {
                name: value
                for name, value in filled.items()
                if name in {one["name"] for one in sa.inspect(connection).get_columns(table)}
            }
            names = ", ".join(f'"{name}"' for name in row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)
    migrate()
    with get_engine().connect() as connection:
        for table in ("batches", "incidents", "tickets"):
            assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar() == 1


def test_a_new_database_begins_with_the_guide_s_rules_and_thresholds() -> None:
    with read_session() as session:
        assert list(list_rules(session)) == list(GUIDE_RULES)
        assert [(row.priority, row.minutes) for row in list_policies(session)] == [
            ("Highest", 60), ("High", 240), ("Medium", 1440), ("Low", 4320), ("Lowest", 10080),
        ]  # fmt: skip


def test_a_rule_that_was_deleted_does_not_come_back_at_the_next_start() -> None:
    with write_session() as session:
        row = session.get(RuleRow, "severity-9")
        session.delete(row)
    migrate()
    with read_session() as session:
        assert "severity-9" not in [rule.id for rule in list_rules(session)]


def test_a_database_of_a_newer_version_is_refused_with_a_reason() -> None:
    with get_engine().begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="9999"):
        migrate()


@pytest.mark.sqlite("one writer at a time; on PostgreSQL whoever changes a row locks it")
def test_concurrent_writers_lose_no_update() -> None:
    with write_session() as session:
        session.add(NoteRow(name="counter", value={"n": 0}))

    def add_ten() -> None:
        for _ in range(10):
            with write_session() as session:
                row = session.get(NoteRow, "counter")
                assert row is not None
                row.value = {"n": row.value["n"] + 1}
                session.add(row)

    threads = [threading.Thread(target=add_ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_session() as session:
        row = session.get(NoteRow, "counter")
    assert row is not None
    assert row.value == {"n": 40}


@pytest.mark.sqlite("its pragmas and its version")
def test_every_commit_is_synced_and_the_sqlite_is_a_safe_one() -> None:
    # as the product opens it: tests' own commits are not synced (tests/conftest.py)
    with (
        closing(db.create_engine(get_settings()).raw_connection()) as connection,
        closing(connection.cursor()) as cursor,
    ):
        assert cursor.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        (version,) = cursor.execute("SELECT sqlite_version()").fetchone()
    assert tuple(map(int, version.split("."))) >= (3, 51, 3)


def test_times_come_back_aware_and_in_utc() -> None:
    column = clock.UtcDateTime()
    with get_engine().connect() as connection:
        paris = datetime(2026, 1, 14, 23, 0, tzinfo=timezone(timedelta(hours=1)))
        stored = column.process_bind_param(paris, connection.dialect)
        assert column.process_result_value(
            stored and stored.replace(tzinfo=None), connection.dialect
        ) == datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


def test_a_naive_time_is_refused() -> None:
    with get_engine().connect() as connection, pytest.raises(ValueError, match="naive"):
        clock.UtcDateTime().process_bind_param(datetime(2026, 1, 14), connection.dialect)


def test_inserting_the_same_rows_twice_adds_them_once() -> None:
    rows = [{"name": f"n{number}", "value": {}} for number in range(1000)]
    with write_session() as session:
        assert insert_ignoring(session, NoteRow, rows) == 1000
        assert insert_ignoring(session, NoteRow, rows) == 0


def test_an_address_that_is_not_postgresql_is_refused_without_showing_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        postgres_url("mysql://user:hunter2@host/db")
    assert "hunter2" not in str(caught.value)


@pytest.mark.sqlite("its writers take turns in the process")
def test_whose_turn_does_not_come_is_told_that_the_store_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "TURN_PATIENCE", 0.01)
    with db._writers, pytest.raises(db.STORE_IS_AWAY), write_session():
        pass
    with write_session() as session:
        session.add(NoteRow(name="after", value={"goes": "on"}))
