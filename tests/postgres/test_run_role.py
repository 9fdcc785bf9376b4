"""A role that only runs the product does everything that running needs, and changes no table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from soc.cli.commands import app
from soc.cli.endings import Ending
from soc.settings import ROOT, get_settings

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

LINE = "web-1,CRITICAL: Multiple failed root login attempts - potential breach\n"
NO_DDL = [
    "CREATE TABLE soc.mine (id int)",
    "ALTER TABLE soc.deliveries ADD COLUMN mine int",
    "DROP TABLE soc.notes",
    "TRUNCATE soc.notes",
    "CREATE TABLE engine.mine (id int)",
    "CREATE SCHEMA mine",
    "UPDATE soc.alembic_version SET version_num = '0001'",
    "UPDATE engine.dbos_migrations SET version = 1",
]
_RIGHTS = """
SELECT count(*), bool_and(has_table_privilege(%(role)s, of.oid, needed))
FROM pg_class of JOIN pg_namespace within ON within.oid = relnamespace,
     unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) needed
WHERE relkind = 'r' AND nspname IN ('soc', 'engine') AND relname NOT IN ('alembic_version', 'dbos_migrations')
"""


@pytest.fixture
def role(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """`soc migrate` by the owner, who lets this role run the product."""
    name = f"run_{uuid.uuid4().hex[:8]}"
    monkeypatch.setenv("SOC_SECRET_KEY", "k" * 43 + "=")
    monkeypatch.setenv("SOC_MIGRATE_AT_START", "false")
    get_settings.cache_clear()
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN")  # type: ignore[arg-type]
        early = CliRunner().invoke(app, ["status"])
        assert (early.exit_code, "Run `soc migrate` first" in early.output) == (Ending.STORE, True)
        done = CliRunner().invoke(app, ["migrate", "--grant-to", name])
        assert done.exit_code == Ending.DONE, done.output
        yield name
        owner.execute(f"DROP OWNED BY {name}")  # type: ignore[arg-type]
        owner.execute(f"DROP ROLE {name}")  # type: ignore[arg-type]


def test_it_reads_a_batch_plans_and_stores_and_may_change_no_table(
    role: str, database: str, tmp_path: Path
) -> None:
    url = database.replace("soc@", f"{role}@")
    (tmp_path / "night.csv").write_text("source,message\n" + LINE * 20)
    # an integration is configured, and not told: so an engine runs, with its schedules
    words = ["process", str(tmp_path / "night.csv"), "--no-webhook", "--wait", "0", "--json"]
    run = subprocess.run(
        [sys.executable, "-m", "soc", *words],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=200,
        env={**os.environ, "SOC_DATABASE_URL": url, "SOC_DATA_DIR": str(tmp_path / "other"),
             "WEBHOOK_URL": "https://receiver.example/in"},
    )  # fmt: skip
    assert run.returncode == Ending.DONE, run.stderr
    assert json.loads(run.stdout)["exit_code"] == Ending.DONE
    assert "schedule_failed" not in run.stderr
    with psycopg.connect(database, autocommit=True) as owner:
        assert owner.execute("SELECT state, lines_in FROM soc.batches").fetchall() == [("finished", 20)]
        assert owner.execute("SELECT count(*) FROM soc.incidents").fetchone() != (0,)
        owner.execute("CREATE TABLE soc.of_a_later_version (id serial PRIMARY KEY)")
        number, all_of_them = owner.execute(_RIGHTS, {"role": role}).fetchone() or (0, False)
    assert number > 4 * 60
    assert all_of_them
    with psycopg.connect(url, autocommit=True) as runner:
        runner.execute("INSERT INTO soc.of_a_later_version DEFAULT VALUES")
        for statement in NO_DDL:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                runner.execute(statement)  # type: ignore[call-overload]


def test_a_role_that_is_not_there_is_said(database: str) -> None:
    said = CliRunner().invoke(app, ["migrate", "--grant-to", "nobody_here"])
    assert said.exit_code == Ending.USAGE
    assert "CREATE ROLE nobody_here" in said.output
