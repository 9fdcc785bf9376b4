"""A press that was acknowledged is done exactly once, also where its process is killed before or in the middle of the work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from soc.access.people import add_person
from soc.domain.actor import AT_THE_SHELL
from soc.settings import Settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.acts import list_acts
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.store.nouns.vendors.interactions import list_of_incident
from tests.rows import NIGHT, add_incident

pytestmark = [
    pytest.mark.crash,
    pytest.mark.timeout(300),
    pytest.mark.sqlite("processes share one data folder"),
]
PROCESS = Path(__file__).with_name("interaction_process.py")


def run(at: str, settings: Settings) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "SOC_DATA_DIR": str(settings.data_dir),
        "SOC_SILENCE_SECONDS": "6",
        "PYTHONPATH": str(PROCESS.parents[2]),
    }
    return subprocess.run(
        [sys.executable, str(PROCESS), at], env=environment, capture_output=True, text=True, timeout=200,
        cwd=PROCESS.parents[2],
    )  # fmt: skip


@pytest.mark.parametrize("at", ["kept", "doing"])
def test_a_press_is_done_once_by_whoever_comes_after_the_killed_one(at: str, settings: Settings) -> None:
    migrate()
    with write_session() as session:
        add_incident(session, "inc-1")
        add_person(session, {"name": "Ana", "slack_id": "UANA"}, actor=AT_THE_SHELL, now=NIGHT)
    killed = run(at, settings)
    assert (killed.returncode, killed.stdout) == (-9, "acknowledged\n"), killed.stderr[-2000:]
    with read_session() as session:
        assert list_notes(session, "inc-1") == []
        assert [row.state for row in list_of_incident(session, "inc-1")] == ["received"]
    assert run("done", settings).returncode == 0
    with read_session() as session:
        assert [note.text for note in list_notes(session, "inc-1")] == ["Seen."]
        assert [row.state for row in list_of_incident(session, "inc-1")] == ["done"]
        assert len(list_acts(session, "inc-1")) == 1
