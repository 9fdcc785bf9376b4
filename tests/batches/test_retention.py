"""Files of batches that ended long ago go; what is still needed stays, and a batch says what became of its lines."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from soc import clock
from soc.batches.intake import keep_paste, submit_batch
from soc.batches.retention import PRUNED, prune_files, prune_unstarted
from soc.domain.actor import AT_A_PAGE
from soc.engine.tidy import tidy
from soc.logs.layout import ReadOptions
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import get_batch, list_files


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


def _written(path: str, *, hours: int) -> None:
    moment = (clock.now() - timedelta(hours=hours)).timestamp()
    os.utime(get_settings().data_dir / path, (moment, moment))


def test_an_upload_that_no_batch_was_made_of_goes_after_a_day_and_no_other() -> None:
    migrate()
    left, fresh, used = (keep_paste(text) for text in ("left", "fresh", "used"))
    submit_batch([(used, ReadOptions())], idempotency_key="one", actor=AT_A_PAGE)
    _written(left.path, hours=25)
    _written(fresh.path, hours=23)
    _written(used.path, hours=900)
    tidy()
    assert sorted(_files()) == sorted(Path(one.path).name for one in (fresh, used))


def test_an_upload_whose_row_is_of_an_earlier_version_is_not_taken_for_left() -> None:
    batch_id = _batch("queued")
    with write_session() as session:
        [row] = list_files(session, batch_id)
        path, row.path = row.path, str(get_settings().data_dir / row.path)
        session.add(row)
    _written(path, hours=900)
    assert prune_unstarted(before=clock.now()) == 0
