"""A backup is taken while tickets are opened; the product goes on, and is lost. Restored elsewhere, it opens none twice."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from soc.backup.restoring import restore_backup
from soc.backup.taking import take_backup
from soc.domain.actor import AT_THE_SHELL
from soc.settings import get_settings
from soc.store.db import dispose_engines, get_engine

#: Only with `make kills`: three processes and a restore cost more than the suite can spare; each part is tested by itself.
INCIDENTS = int(os.environ.get("SOC_CRASH_INCIDENTS", "0"))

pytestmark = [
    pytest.mark.crash,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not INCIDENTS, reason="is part of `make kills`"),
]


def _use(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    get_engine().dispose()
    dispose_engines()
    monkeypatch.setenv("SOC_DATA_DIR", str(data))
    get_settings.cache_clear()


def _told(data: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{data / 'soc.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def test_what_was_told_after_the_backup_is_told_once(
    tmp_path: Path, sandbox: Any, crash: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there, log = tmp_path / "here", tmp_path / "there", tmp_path / "night.csv"
    line = "CRITICAL: Multiple failed root login attempts - potential breach"
    log.write_text("\n".join(["source,message", *(f"host-{n:04d},{line}" for n in range(INCIDENTS))]) + "\n")
    sandbox.fault(
        kind="slow", vendor="jira", every=1, seconds=5.0
    )  # what is sent now is heard of after the backup

    def issues() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = sandbox.state()["issues"]
        return found

    def is_sending() -> bool:
        try:
            return _told(here, "SELECT count(*) FROM deliveries WHERE state = 'sending'")[0][0] > 0
        except sqlite3.OperationalError:  # there are no tables yet
            return False

    lost = crash.Product(here, sandbox)
    lost.process = lost.soc("process", str(log), "--jira")
    crash.wait_for(is_sending, seconds=120, what="the first send")
    _use(monkeypatch, here)
    take_backup(tmp_path / "backup", actor=AT_THE_SHELL, with_key=True)
    crash.wait_for(lambda: len(issues()) >= INCIDENTS, seconds=120, what="the last ticket")
    lost.kill()
    shutil.rmtree(here)
    _use(monkeypatch, there)
    restored = restore_backup(tmp_path / "backup", actor=AT_THE_SHELL)
    assert restored.findings == ()
    assert restored.doubted > 0, "some had not arrived by then, and arrived since"
    found = crash.Product(there, sandbox)
    found.start()
    try:
        crash.wait_for(
            lambda: _told(there, "SELECT count(*) FROM deliveries WHERE state = 'delivered'")[0][0] >= INCIDENTS,
            seconds=240, what="the last delivery",
        )  # fmt: skip
    finally:
        found.stop()
    tickets = Counter(
        label for one in issues() for label in one["labels"] if label.startswith("soc-incident-")
    )
    assert set(tickets.values()) == {1}
    assert len(tickets) == INCIDENTS
    looked = _told(there, "SELECT outcome, count(*) FROM attempts WHERE kind = 'reconcile' GROUP BY 1")
    assert dict(looked)["found"] == restored.doubted
