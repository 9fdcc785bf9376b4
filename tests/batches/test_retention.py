"""Files of batches that ended long ago go; what is still needed stays, and a batch says what became of its lines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soc import clock
from soc.batches.intake import keep_paste, submit_batch
from soc.batches.retention import PRUNED, prune_files
from soc.domain.actor import AT_A_PAGE
from soc.logs.layout import ReadOptions
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches import get_batch, list_files


def _batch(state: str = "finished", *, days: int = 100) -> str:
    migrate()
    batch_id = submit_batch(
        [(keep_paste("sshd: Failed password"), ReadOptions())], idempotency_key=state, actor=AT_A_PAGE
    )
    with write_session() as session:
        row = get_batch(session, batch_id)
        row.state, row.finished_at = state, clock.now() - timedelta(days=days)
    events = get_settings().data_dir / "batches" / batch_id / "events"
    events.mkdir(parents=True)
    (events / "one.parquet").write_bytes(b"rows")
    return batch_id


def _files() -> list[str]:
    data = get_settings().data_dir
    return [
        path.name for place in ("uploads", "batches") for path in (data / place).rglob("*") if path.is_file()
    ]


@pytest.mark.parametrize("state", ["finished", "failed", "stopped"])
def test_what_ended_long_ago_loses_its_files_and_says_so(state: str) -> None:
    batch_id = _batch(state)
    assert prune_files(before=clock.now() - timedelta(days=90)) == 1
    assert _files() == []
    with read_session() as session:
        [row] = list_files(session, batch_id)
        assert get_batch(session, batch_id).state == state
    assert PRUNED in row.warnings
    assert prune_files(before=clock.now() - timedelta(days=90)) == 0


@pytest.mark.parametrize(
    ("state", "days"), [("finished", 89), ("running", 100), ("queued", 100), ("held", 100)]
)
def test_what_is_still_needed_stays(state: str, days: int) -> None:
    _batch(state, days=days)
    assert prune_files(before=clock.now() - timedelta(days=90)) == 0
    assert len(_files()) == 2
