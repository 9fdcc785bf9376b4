"""What is taken in: whole, under our own name, and remembered as it was submitted."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from soc.batches import intake
from soc.batches.intake import (
    Upload,
    choose_channels,
    earlier_batches,
    keep_local,
    keep_paste,
    keep_upload,
    preview_upload,
    read_options,
    submit_batch,
)
from soc.batches.samples import sample_files, submit_samples
from soc.delivery import queues
from soc.domain.actor import AT_A_PAGE
from soc.errors import LogParseError, NotFound
from soc.logs.layout import LogFormat, ReadOptions
from soc.settings import Settings, get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchFileRow, BatchRow, get_batch, list_files


@pytest.fixture
def handed_over() -> Iterator[list[Any]]:
    """The jobs that went to the engine."""
    jobs: list[Any] = []
    migrate()
    queues.open_queues(jobs.extend)
    yield jobs
    queues.close_queues()


def _submit(*uploads: Upload, key: str = "k", **values: Any) -> str:
    files = [(upload, ReadOptions()) for upload in uploads]
    return submit_batch(files, idempotency_key=key, actor=AT_A_PAGE, **values)


def _stored(batch_id: str) -> tuple[BatchRow, list[BatchFileRow]]:
    with read_session() as session:
        return get_batch(session, batch_id), list(list_files(session, batch_id))


def test_a_stream_is_kept_whole_block_by_block(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_CHUNK", 3)
    upload = keep_upload("../night.log", io.BytesIO(b"a line\n"))
    assert (upload.name, upload.size) == ("../night.log", 7)
    assert upload.sha256 == hashlib.sha256(b"a line\n").hexdigest()
    assert (settings.data_dir / upload.path).read_bytes() == b"a line\n"


@pytest.mark.parametrize(("size", "fits"), [(100, True), (101, False)])
def test_a_file_may_have_as_many_bytes_as_the_setting_says(
    size: int, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOC_MAX_UPLOAD_BYTES", "100")
    get_settings.cache_clear()
    if fits:
        assert keep_upload("a.log", b"x" * size).size == size
    else:
        with pytest.raises(LogParseError, match="larger than"):
            keep_upload("a.log", b"x" * size)


def test_the_refusal_names_the_limit_in_mebibytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_MAX_UPLOAD_BYTES", str(2 * 1024**2))
    get_settings.cache_clear()
    with pytest.raises(LogParseError, match=r"'a.log' is larger than 2 MiB\."):
        keep_upload("a.log", b"x" * (2 * 1024**2 + 1))


def test_what_cannot_be_written_in_utf_8_is_pasted_all_the_same() -> None:
    assert keep_paste("half \ud800").size == 6


def test_a_file_of_this_machine_is_read_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_CHUNK", 3)
    monkeypatch.setattr(type(get_settings()), "many_machines", False)
    (tmp_path / "a.log").write_bytes(b"a line\n")
    upload = keep_local(tmp_path / "a.log")
    assert (upload.name, upload.path, upload.size) == ("a.log", str((tmp_path / "a.log").resolve()), 7)
    assert upload.sha256 == keep_upload("b.log", b"a line\n").sha256


def test_where_another_machine_may_read_it_the_file_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.log").write_bytes(b"a line\n")
    monkeypatch.setenv("SOC_FILES_URL", f"file://{tmp_path}/shared")
    get_settings.cache_clear()
    upload = keep_local(tmp_path / "a.log")
    assert (tmp_path / "shared" / upload.path).read_bytes() == b"a line\n"


def test_a_file_of_this_machine_that_cannot_be_read_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LogParseError, match="No such file"):
        keep_local(tmp_path / "gone.log")


def test_a_preview_is_of_the_file_whether_it_is_ours_or_lies_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("source,message\nApp,fine\n")
    for upload in (keep_local(tmp_path / "a.log"), keep_paste("source,message\nApp,fine\n")):
        preview = preview_upload(upload, ReadOptions())
        assert (preview.name, preview.size, preview.error) == (upload.name, 24, "")


def test_a_preview_from_a_bucket_is_of_its_beginning_and_has_the_size_of_the_whole(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One byte more than is looked at comes with it: so it is seen that there is more."""
    heads: list[bytes] = []
    look = intake.preview_file

    def spy(path: Path, *named: Any) -> Any:
        heads.append(path.read_bytes())
        return look(path, *named)

    monkeypatch.setattr(intake, "preview_file", spy)
    monkeypatch.setattr(intake, "PREVIEW_BYTES", 23)
    upload = keep_paste("source,message\nApp,fine\nApp,unread\n")
    preview = preview_upload(upload, ReadOptions())
    assert (preview.name, preview.size, preview.columns) == ("pasted lines", 35, ("source", "message"))
    assert heads == [b"source,message\nApp,fine\n"]


def test_a_file_whose_name_is_no_text_is_taken_in_under_one_that_is(
    handed_over: list[Any], tmp_path: Path
) -> None:
    path = tmp_path / "bad\udcffname.log"
    path.write_text("a line\n")
    upload = keep_local(path)
    assert upload.name == "bad\ufffdname.log"
    batch, files = _stored(_submit(upload, key="one"))
    assert (batch.name, [one.name for one in files]) == (upload.name, [upload.name])


def test_the_same_content_is_known_by_every_batch_that_had_it(handed_over: list[Any]) -> None:
    ids = [
        _submit(keep_paste("a line"), keep_paste("a line"), key=key)
        for key in ("one", "two", "three", "four")
    ]
    _submit(keep_paste("another"), key="five")
    assert earlier_batches(keep_paste("a line")) == ids  # the oldest first
    with write_session() as session:
        for row in list_files(session, ids[-1]):
            row.error = "It is a ZIP archive."
            session.add(row)
    assert earlier_batches(keep_paste("a line")) == ids[:-1]  # what could not be read was not processed


@pytest.mark.parametrize(
    ("told", "chosen"),
    [
        ([], ([], ["opsgenie", "pagerduty", "stackstorm", "webhook"])),
        (["webhook", "slack"], (["slack"], ["opsgenie", "pagerduty", "stackstorm"])),
    ],
)
def test_who_is_told_is_a_switch_or_is_not_muted(told: list[str], chosen: Any) -> None:
    assert choose_channels(told) == chosen


def test_who_is_no_integration_cannot_be_told() -> None:
    with pytest.raises(NotFound):
        choose_channels(["pager"])


def test_a_batch_is_queued_with_what_it_is_to_read_and_handed_over_once(handed_over: list[Any]) -> None:
    one, two = keep_upload("a.log", b"123"), keep_upload("b.log", b"4567")
    batch_id = _submit(one, two)
    assert _submit(one, two) == batch_id
    batch, files = _stored(batch_id)
    assert (batch.state, batch.bytes_total, batch.name) == ("queued", 7, "a.log and 1 more")
    assert [(row.position, row.name, row.path, row.size, row.sha256) for row in files] == [
        (number, one.name, one.path, one.size, one.sha256) for number, one in enumerate((one, two))
    ]
    assert [job.arguments for job in handed_over] == [(batch_id, 1)]


def test_a_batch_is_called_as_it_was_told_or_as_its_only_file(handed_over: list[Any]) -> None:
    upload = keep_upload("a.log", b"123")
    assert _stored(_submit(upload))[0].name == "a.log"
    assert _stored(_submit(upload, upload, key="2", name="Night"))[0].name == "Night"


def test_nobody_is_told_unless_asked(handed_over: list[Any]) -> None:
    def switches(key: str, **values: Any) -> tuple[bool, bool, list[str]]:
        batch, _ = _stored(_submit(keep_paste("a line"), key=key, **values))
        return batch.enable_jira, batch.enable_slack, batch.muted

    assert switches("none") == (False, False, [])
    assert switches("on", on=["slack"], muted=["webhook"]) == (False, True, ["webhook"])
    assert switches("guide", enable_jira=True) == (True, False, [])
    assert switches("both", enable_jira=True, on=["slack"]) == (True, True, [])


def test_the_options_are_read_as_they_were_submitted(handed_over: list[Any]) -> None:
    options = ReadOptions(LogFormat.CSV, "host", "text", "when", "App")
    batch_id = submit_batch([(keep_paste("x"), options)], idempotency_key="k", actor=AT_A_PAGE)
    assert read_options(_stored(batch_id)[1][0].options) == options
    assert read_options({}) == ReadOptions()


def test_the_sample_night_is_one_batch_of_every_sample(handed_over: list[Any]) -> None:
    batch_id = submit_samples(on=["jira"], idempotency_key="k", actor=AT_A_PAGE)
    batch, files = _stored(batch_id)
    assert (batch.name, batch.enable_jira, batch.enable_slack) == ("Sample night", True, False)
    names = [path.name for path in sample_files()]
    assert [row.name for row in files] == names == sorted(names)
    assert {path.suffix for path in sample_files()} <= {".log", ".jsonl", ".csv", ".gz"}
