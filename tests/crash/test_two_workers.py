"""Two processes on one machine share a data folder: its queues, its breaker, and what a vendor allows a second."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from soc.delivery.limits import VENDOR_LIMITS

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
    with sqlite3.connect(f"file:{data / 'soc.db'}?mode=ro", uri=True) as connection:
        sends = connection.execute(
            "SELECT started_at, executor FROM attempts WHERE kind = 'send' ORDER BY started_at"
        ).fetchall()
    assert len(sends) >= 45
    assert len({executor for _, executor in sends}) >= 2
    # a second's grace: the limit counts when a try is handed out, its send begins a moment later
    window = timedelta(seconds=limit.period - 1)
    starts = [datetime.fromisoformat(at) for at, _ in sends]
    assert max(sum(at <= other < at + window for other in starts) for at in starts) <= limit.starts
