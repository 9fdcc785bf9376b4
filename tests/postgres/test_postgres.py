"""The same product on PostgreSQL: schema, ledger, and two workers that share the queues."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest

from soc.delivery.queues import VENDOR_LIMITS
from soc.store.db import read_session
from soc.store.migrate import migrate
from soc.store.nouns.rules.rules import list_rules

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]


def _crash_module() -> ModuleType:
    path = Path(__file__).parents[1] / "crash" / "conftest.py"
    spec = importlib.util.spec_from_file_location("crash_processes", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


processes = _crash_module()


@pytest.fixture(autouse=True)
def _one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes with folders of their own share the store's key, or they refuse to start."""
    monkeypatch.setenv("SOC_SECRET_KEY", "k" * 43 + "=")


def test_the_schema_is_made_once_and_brings_the_guide_s_rules(database: str) -> None:
    migrate()
    migrate()
    with read_session() as session:
        assert [rule.id for rule in list_rules(session)] == ["severity-9", "security-8", "critical-8"]
    with psycopg.connect(database) as connection:
        schemas = connection.execute(
            "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'deliveries'"
        ).fetchall()
    assert schemas == [("soc",)]


def _states(database: str) -> Counter[str]:
    with psycopg.connect(database) as connection:
        rows: list[tuple[str, int]] = connection.execute(
            "SELECT state, count(*) FROM soc.deliveries GROUP BY state"
        ).fetchall()
    return Counter(dict(rows))


def test_two_workers_share_the_queues_and_no_ticket_is_opened_twice(database: str, tmp_path: Path) -> None:
    log = tmp_path / "night.csv"
    lines = [
        f"host-{n:03d},CRITICAL: Multiple failed root login attempts - potential breach" for n in range(40)
    ]
    log.write_text("source,message\n" + "\n".join(lines) + "\n")
    sandbox = processes.Sandbox(tmp_path / "sandbox")
    workers: list[Any] = []
    try:
        sandbox.fault(kind="lost_answer", vendor="jira", every=4)
        for name in ("one", "two"):
            worker = processes.Product(
                tmp_path / name,
                sandbox,
                SOC_DATABASE_URL=database,
                SOC_FILES_URL=str(tmp_path / "files"),
                SOC_EXECUTOR_ID=name,
            )
            worker.start()
            workers.append(worker)
        submit = processes.Product(
            tmp_path / "shell",
            sandbox,
            SOC_DATABASE_URL=database,
            SOC_FILES_URL=str(tmp_path / "files"),
            SOC_EXECUTOR_ID="shell",
        )
        shell = submit.soc("process", str(log), "--jira", "--wait", "120")
        assert shell.wait(timeout=150) == 0
        processes.wait_for(
            lambda: _states(database)["delivered"] == 40, seconds=120, what="the last delivery"
        )
        labels = Counter(
            label
            for issue in sandbox.state()["issues"]
            for label in issue["labels"]
            if label.startswith("soc-incident-")
        )
        assert len(labels) == 40
        assert set(labels.values()) == {1}
        with psycopg.connect(database) as connection:
            executors = connection.execute("SELECT DISTINCT executor FROM soc.attempts").fetchall()
        assert len(executors) >= 2
    finally:
        for worker in workers:
            worker.stop()
        sandbox.stop()


def test_two_workers_share_a_vendor_s_rate_limit(database: str, tmp_path: Path) -> None:
    limit = VENDOR_LIMITS["slack"]
    assert limit.starts
    log = tmp_path / "night.csv"
    lines = [
        f"host-{n:03d},CRITICAL: Multiple failed root login attempts - potential breach" for n in range(45)
    ]
    log.write_text("source,message\n" + "\n".join(lines) + "\n")
    sandbox = processes.Sandbox(tmp_path / "sandbox")
    workers: list[Any] = []
    try:
        for name in ("one", "two"):
            worker = processes.Product(
                tmp_path / name,
                sandbox,
                SOC_DATABASE_URL=database,
                SOC_FILES_URL=str(tmp_path / "files"),
                SOC_EXECUTOR_ID=name,
            )
            worker.start()
            workers.append(worker)
        submit = processes.Product(
            tmp_path / "shell",
            sandbox,
            SOC_DATABASE_URL=database,
            SOC_FILES_URL=str(tmp_path / "files"),
            SOC_EXECUTOR_ID="shell",
        )
        shell = submit.soc("process", str(log), "--slack", "--wait", "120")
        assert shell.wait(timeout=150) == 0
        with psycopg.connect(database) as connection:
            executors = connection.execute(
                "SELECT DISTINCT executor FROM soc.attempts WHERE kind = 'send'"
            ).fetchall()
        received = sorted(float(message["ts"]) for message in sandbox.state()["messages"])
    finally:
        for worker in workers:
            worker.stop()
        sandbox.stop()
    assert len(received) >= 45
    assert len(executors) >= 2
    assert max(sum(at <= other < at + limit.period for other in received) for at in received) <= limit.starts
