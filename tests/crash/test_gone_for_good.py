"""A process that is killed and never comes back, or that stands still and wakes: its work moves on, nothing goes twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fresh import fresh_database
from tests.throwaway import postgres_that_stops

pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]

KEY = "k" * 43 + "="
INCIDENTS = int(os.environ.get("SOC_CRASH_INCIDENTS", "24"))
SILENCE = "6"


def _log(path: Path) -> Path:
    lines = ["source,message"]
    lines += [
        f"host-{n:04d},CRITICAL: Multiple failed root login attempts - potential breach"
        for n in range(INCIDENTS)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def _tickets(sandbox: Any) -> Counter[str]:
    return Counter(
        label
        for issue in sandbox.state()["issues"]
        for label in issue["labels"]
        if label.startswith("soc-incident-")
    )


def _worker(crash: Any, data: Path, sandbox: Any, **environment: str) -> Any:
    settings = {"SOC_SECRET_KEY": KEY, "SOC_SILENCE_SECONDS": SILENCE, **environment}
    return crash.Product(data, sandbox, **settings)


def _wait_for_work(crash: Any, sandbox: Any, share: int) -> None:
    crash.wait_for(
        lambda: sandbox.state()["counts"]["issues"] >= INCIDENTS // share,
        seconds=150,
        what="the first tickets",
    )


def _one(url: str, query: str) -> Any:
    """The first row; None also while the database is away."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            return connection.execute(query).fetchone()
    except psycopg.OperationalError:
        return None


@pytest.mark.postgres
def test_of_three_machines_one_dies_for_good_one_has_a_wrong_clock_and_the_database_is_away_twice(
    bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: Any, crash: Any
) -> None:
    """They share a database and a bucket, and no folder. What is due is done, once."""
    sandbox.fault(kind="slow", vendor="jira", every=1, seconds=0.5)
    with postgres_that_stops() as server, fresh_database(server.url, monkeypatch, empty=True) as url:
        shared = {"SOC_DATABASE_URL": url, "SOC_FILES_URL": bucket}
        workers = [
            _worker(crash, tmp_path / f"m{n}", sandbox, SOC_EXECUTOR_ID=f"m{n}", **shared) for n in range(3)
        ]
        try:
            for worker, minutes in zip(workers, (0, 5, 0), strict=True):
                worker.start(minutes_ahead=minutes)
            shell = _worker(crash, tmp_path / "shell", sandbox, **shared).soc(
                "process", str(_log(tmp_path / "night.csv")), "--jira", "--wait", "1"
            )
            for share in (8, 4):
                _wait_for_work(crash, sandbox, share)
                server.stop()
                if share == 8:
                    workers[0].kill()
                time.sleep(2)
                server.start()
            told = "SELECT count(*) FROM soc.deliveries WHERE state = 'delivered'"
            crash.wait_for(lambda: _one(url, told) == (INCIDENTS,), seconds=240, what="the last delivery")
            # the last message may be out before its silence is long enough to be told
            gone = "SELECT name FROM soc.executors WHERE gone_at IS NOT NULL AND name = 'm0'"
            crash.wait_for(
                lambda: _one(url, gone), seconds=90, what="that the silent machine is known to be gone"
            )
            shell.wait(timeout=120)
        finally:
            for worker in workers:
                worker.stop()
    assert set(_tickets(sandbox).values()) == {1}
    assert len(_tickets(sandbox)) == INCIDENTS


def _stands_still(worker: Any, data: Path) -> bool:
    """The worker is stopped between two writes: one that is stopped within a write keeps SQLite's lock from everybody."""
    worker.process.send_signal(signal.SIGSTOP)
    try:
        for name in ("soc.db", "engine.db"):
            with closing(sqlite3.connect(data / name, timeout=5, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        worker.process.send_signal(signal.SIGCONT)
        return False
    return True


@pytest.mark.parametrize("end", ["killed", "stood still"])
def test_of_two_processes_on_one_data_folder_one_ends_or_stands_still(
    end: str, tmp_path: Path, sandbox: Any, crash: Any
) -> None:
    sandbox.fault(kind="slow", vendor="jira", every=1, seconds=0.3)
    data = tmp_path / "data"
    one, other = (_worker(crash, data, sandbox) for _ in range(2))

    def delivered() -> int:
        with closing(sqlite3.connect(f"file:{data / 'soc.db'}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT count(*) FROM deliveries WHERE state = 'delivered'").fetchone()
        return int(found[0])

    try:
        one.start()
        crash.wait_for(lambda: (data / "soc.db").exists(), seconds=60, what="the store")
        other.start()
        shell = one.soc("process", str(_log(tmp_path / "night.csv")), "--jira", "--wait", "1")
        _wait_for_work(crash, sandbox, 8)
        if end == "killed":
            one.kill()
        else:
            crash.wait_for(lambda: _stands_still(one, data), seconds=240, what="a pause between two writes")
            crash.wait_for(lambda: delivered() >= INCIDENTS // 2, seconds=150, what="the other's work")
            one.process.send_signal(signal.SIGCONT)
        crash.wait_for(lambda: delivered() == INCIDENTS, seconds=150, what="the last delivery")
        shell.wait(timeout=120)
    finally:
        if end == "stood still" and one.process is not None:
            one.process.send_signal(signal.SIGCONT)
        one.stop()
        other.stop()
    assert set(_tickets(sandbox).values()) == {1}
    assert len(_tickets(sandbox)) == INCIDENTS
