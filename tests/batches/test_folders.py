"""Where a run's files lie: in place below a folder; below a bucket by copies, every run in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from soc.batches.intake import keep_local, keep_upload
from soc.batches.reading.folders import events_of, fetch_source, forget_events, open_work_folder, publish_run
from soc.errors import NotFound
from soc.settings import Settings
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchFileRow
from tests.rows import add_batch


def _work(batch_id: str, attempt: int, text: str) -> Path:
    """A run that leaves one file of events; returns where it worked."""
    with open_work_folder(batch_id) as folder:
        (folder / "events").mkdir(parents=True, exist_ok=True)
        (folder / "events" / "part-1").write_text(text)
        publish_run(batch_id, attempt, folder)
        return folder


def _batch(attempt: int) -> None:
    migrate()
    with write_session() as session:
        add_batch(session, "bat-1", attempt=attempt)


def test_below_a_folder_a_run_works_in_the_batch_s_own_place(settings: Settings) -> None:
    folder = _work("bat-1", 1, "rows")
    assert folder == settings.data_dir / "batches" / "bat-1"
    assert events_of("bat-1").local("part-1").read_text() == "rows"
    forget_events("bat-1")
    assert (folder.exists(), events_of("bat-1").names()) == (False, [])


def test_below_a_bucket_the_work_folder_goes_and_the_events_are_those_of_the_run_in_force(
    bucket: str, settings: Settings
) -> None:
    _batch(attempt=2)
    folders = [_work("bat-1", attempt, f"rows of {attempt}") for attempt in (2, 1)]
    assert [folder.exists() for folder in folders] == [False, False]
    assert {folder.parent for folder in folders} == {settings.data_dir / "scratch"}
    assert (settings.data_dir / "scratch").stat().st_mode & 0o777 == 0o700
    assert events_of("bat-1").local("part-1").read_text() == "rows of 2"
    forget_events("bat-1")
    assert events_of("bat-1").names() == []


def test_a_batch_that_there_is_not_has_no_events_in_a_bucket(bucket: str) -> None:
    migrate()
    with pytest.raises(NotFound):
        events_of("bat-gone")


def _row(path: str, position: int = 3) -> BatchFileRow:
    return BatchFileRow(
        batch_id="bat-1", position=position, name="../a.log", path=path, options={"format": "csv"}
    )


def test_below_a_folder_a_source_is_read_where_it_lies(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "many_machines", False)
    upload = keep_upload("a.log", b"rows")
    kept = fetch_source(_row(upload.path), tmp_path)
    assert (kept.name, kept.path, kept.options.format) == ("../a.log", settings.data_dir / upload.path, "csv")
    (tmp_path / "b.log").write_bytes(b"rows")
    assert fetch_source(_row(keep_local(tmp_path / "b.log").path), tmp_path).path == tmp_path / "b.log"


def test_from_a_bucket_a_source_is_fetched_into_the_work_folder(bucket: str, tmp_path: Path) -> None:
    upload = keep_upload("a.log", b"rows")
    source = fetch_source(_row(upload.path), tmp_path)
    assert source.path == tmp_path / "uploads" / "3"
    assert source.path.read_bytes() == b"rows"
    with pytest.raises(NotFound):
        fetch_source(_row("uploads/upl-gone.bin"), tmp_path)
