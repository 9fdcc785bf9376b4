"""A process that is killed and never comes back, or that stands still and wakes: its work moves on, nothing goes twice."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fresh import fresh_database

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


@pytest.mark.postgres
def test_one_of_three_machines_dies_for_good_and_the_others_finish_its_work(
    postgres: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: Any, crash: Any
) -> None:
    sandbox.fault(kind="slow", vendor="jira", every=1, seconds=0.5)
    with fresh_database(postgres, monkeypatch, empty=True) as url:
        shared = {"SOC_DATABASE_URL": url, "SOC_FILES_URL": str(tmp_path / "files")}
        workers = [
            _worker(crash, tmp_path / f"m{n}", sandbox, SOC_EXECUTOR_ID=f"m{n}", **shared) for n in range(3)
        ]
        try:
            for worker in workers:
                worker.start()
            shell = _worker(crash, tmp_path / "shell", sandbox, **shared).soc(
                "process", str(_log(tmp_path / "night.csv")), "--jira", "--wait", "1"
            )
            _wait_for_work(crash, sandbox, 8)
            workers[0].kill()

            def states() -> dict[str, int]:
                with psycopg.connect(url) as connection:
                    rows = connection.execute("SELECT state, count(*) FROM soc.deliveries GROUP BY 1")
                    return dict(rows.fetchall())

            crash.wait_for(
                lambda: states().get("delivered") == INCIDENTS, seconds=150, what="the last delivery"
            )

            def is_known_gone() -> bool:
                with psycopg.connect(url) as connection:
                    row = connection.execute("SELECT gone_at FROM soc.executors WHERE name = 'm0'").fetchone()
                return row is not None and row[0] is not None

            # the last message may be out before its silence is long enough to be told
            crash.wait_for(is_known_gone, seconds=90, what="that the silent machine is known to be gone")
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
        with sqlite3.connect(f"file:{data / 'soc.db'}?mode=ro", uri=True) as connection:
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
