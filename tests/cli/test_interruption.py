"""A `soc process` of its own that is told to end: 130, a closing line that says what goes on, no library's traceback."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from soc.cli.endings import Ending
from soc.settings import ROOT

pytestmark = pytest.mark.long

LOG = "Jan 15 10:30:00 web-1 app: CRITICAL: Multiple failed root login attempts - potential breach\n"
#: Nobody listens there: the message stays on its way for as long as the command waits.
AWAY = {"WEBHOOK_URL": "http://127.0.0.1:9/in", "SOC_ALLOWED_HOSTS": "127.0.0.1:9"}
PATIENCE = 120


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    begun: list[subprocess.Popen[bytes]] = []

    def run(*words: str) -> subprocess.Popen[bytes]:
        (tmp_path / "night.log").write_text(LOG)
        environment = {**os.environ, **AWAY, "SOC_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
        begun.append(
            subprocess.Popen(
                [sys.executable, "-m", "soc", "process", *words], cwd=tmp_path, env=environment,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
        )  # fmt: skip
        return begun[-1]

    yield run
    for one in begun:
        one.kill()
        one.communicate()


def _wait_for(process: subprocess.Popen[bytes], table: str, where: str, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with closing(sqlite3.connect(f"file:{folder}/data/soc.db?mode=ro", uri=True)) as store:
                if store.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]:
                    return
        except sqlite3.OperationalError:
            pass  # it is not made yet
        time.sleep(0.1)
    raise AssertionError(f"no row of {table} where {where}")


def _ended(process: subprocess.Popen[bytes], by: signal.Signals) -> str:
    process.send_signal(by)
    _, errors = process.communicate(timeout=PATIENCE)
    told = errors.decode()
    assert process.returncode == Ending.INTERRUPTED, told
    assert "Traceback" not in told
    return told.strip().splitlines()[-1]


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_while_messages_are_on_their_way_it_says_which_batch_goes_on(
    by: signal.Signals, start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    process = start("night.log", "--webhook", "--wait", str(PATIENCE))
    _wait_for(process, "deliveries", "sends > 0", tmp_path)
    last = _ended(process, by)
    assert last.startswith("❌ Interrupted. bat-")
    assert "goes on with the next process" in last


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_while_it_waits_for_its_input_nothing_was_begun(
    by: signal.Signals, start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    process = start("-")
    _wait_for(process, "executors", "1", tmp_path)
    assert _ended(process, by) == "❌ Interrupted."
