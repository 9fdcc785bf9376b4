"""Another process holds SQLite's lock for longer than anybody waits for it: reading goes on, and what was read is kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from soc.batches import pulse, run
from soc.batches.intake import keep_paste, submit_batch
from soc.domain.actor import AT_A_PAGE
from soc.logs.layout import ReadOptions
from soc.settings import get_settings
from soc.store import db
from soc.store.db import dispose_engines, read_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow, get_batch

pytestmark = pytest.mark.sqlite("locks a file of SQLite")

HOLD = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline() if sys.argv[2] == "0" else time.sleep(float(sys.argv[2]))
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    dispose_engines()
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", 100)
    migrate()
    yield
    dispose_engines()


def hold(seconds: float = 0) -> subprocess.Popen[str]:
    """A process that has the lock, for so long or (0) until it is told to let go."""
    path: Path = get_settings().data_dir / "soc.db"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), str(seconds)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def kept(batch_id: str) -> BatchRow:
    with read_session() as session:
        return get_batch(session, batch_id)


def submit() -> str:
    return submit_batch([(keep_paste("a line"), ReadOptions())], idempotency_key="k", actor=AT_A_PAGE)


def test_a_lock_while_a_batch_is_read_and_stored_is_outlasted(monkeypatch: pytest.MonkeyPatch) -> None:
    batch, real, holders = submit(), run.analyse_files, []

    def locked(*arguments: Any, **named: Any) -> Any:
        holders.append(hold(2))
        return real(*arguments, **named)

    monkeypatch.setattr(run, "analyse_files", locked)
    run.run_batch(batch, 1)
    holders[0].communicate()
    row = kept(batch)
    assert (row.state, row.attempt, row.try_number, row.lines_in) == ("finished", 1, 1, 1)


def test_a_try_that_begins_under_a_lock_waits_for_it() -> None:
    batch = submit()
    holder = hold(2)
    run.run_batch(batch, 1)
    holder.communicate()
    assert (kept(batch).state, kept(batch).failures) == ("finished", 0)


def test_progress_that_cannot_be_written_is_left_out_and_the_run_is_not_lost() -> None:
    batch = submit()
    begun = run._begin(batch, 1)
    assert begun is not None
    writer = pulse.Pulse(batch, begun.attempt)
    holder = hold()
    writer(pulse.Progress(7, 70, 100, "a.log", "reading"))
    writer.beat()
    assert not writer.should_stop()
    holder.communicate("\n")
    assert kept(batch).lines_done == 0
    writer(pulse.Progress(9, 90, 100, "a.log", "reading"))
    writer.beat()
    assert kept(batch).lines_done == 9
