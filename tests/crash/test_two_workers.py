"""Two processes on one machine share a data folder: its queues, its breaker, and what a vendor allows a second."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from soc.delivery.queues import VENDOR_LIMITS

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


def test_two_workers_on_one_data_folder_share_a_vendor_s_rate_limit(
    tmp_path: Path, sandbox: Any, crash: Any
) -> None:
    limit = VENDOR_LIMITS["slack"]
    assert limit.starts
    data, log = tmp_path / "data", tmp_path / "night.csv"
    lines = [
        f"host-{n:03d},CRITICAL: Multiple failed root login attempts - potential breach" for n in range(45)
    ]
    log.write_text("source,message\n" + "\n".join(lines) + "\n")
    workers = [crash.Product(data, sandbox) for _ in range(2)]
    try:
        for worker in workers:
            worker.start()
        shell = crash.Product(data, sandbox).soc("process", str(log), "--slack", "--wait", "120")
        assert shell.wait(timeout=150) == 0
    finally:
        for worker in workers:
            worker.stop()
    received = sorted(float(message["ts"]) for message in sandbox.state()["messages"])
    with closing(sqlite3.connect(f"file:{data / 'soc.db'}?mode=ro", uri=True)) as connection:
        executors = connection.execute(
            "SELECT DISTINCT executor FROM attempts WHERE kind = 'send'"
        ).fetchall()
    assert len(received) >= 45
    assert len(executors) >= 2
    assert max(sum(at <= other < at + limit.period for other in received) for at in received) <= limit.starts
