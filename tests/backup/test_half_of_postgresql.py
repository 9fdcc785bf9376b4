"""What is in the place of both schemas on PostgreSQL: nothing, what was made beforehand, or half of an installation."""

from __future__ import annotations

import pytest

from soc.backup.checking import check_unused
from soc.store.db import get_engine
from soc.store.upkeep.copying import on_postgres
from tests.fresh import fresh_database

pytestmark = pytest.mark.postgres


def test_an_empty_schema_is_no_installation_and_a_left_over_one_is_put_aside(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_database(postgres, monkeypatch, empty=True):
        with get_engine().begin() as connection:
            for statement in (
                "CREATE SCHEMA soc",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA soc GRANT SELECT ON TABLES TO public",
                "CREATE SCHEMA engine",
            ):
                connection.exec_driver_sql(statement)
        assert not on_postgres.is_there()
        with get_engine().begin() as connection:
            connection.exec_driver_sql("CREATE TABLE engine.workflow_status (workflow_uuid text)")
        assert on_postgres.is_there()
        check_unused()  # there is no table that could be asked who is at work
        assert on_postgres.put_aside("before_x") == ["engine_before_x"]
        assert not on_postgres.is_there()


def test_only_the_making_of_schemas_that_are_there_is_left_out_of_a_dump_s_list() -> None:
    listed = (
        ";\n; Archive created\n;\n"
        "6; 2615 16385 SCHEMA - soc owner\n"
        "3001; 0 0 COMMENT - SCHEMA soc owner\n"
        "7; 2615 16386 SCHEMA - engine owner\n"
        "215; 1259 16390 TABLE soc batches owner\n"
    )
    left = on_postgres._without_schemas(listed, {"soc"})
    assert [line.split(maxsplit=3)[-1] for line in left.splitlines()[3:]] == [
        "SCHEMA - engine owner",
        "TABLE soc batches owner",
    ]
