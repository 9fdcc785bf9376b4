"""What is kept of files that come to nothing: none of them; and of files that another batch has, all."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from soc.access.once import KeyTaken, Once
from soc.batches import intake
from soc.batches.intake import keep_local, keep_paste, keep_uploads, submit_batch
from soc.domain.actor import AT_A_PAGE
from soc.errors import LogParseError
from soc.logs.layout import ReadOptions
from soc.settings import Settings
from soc.store.migrate import migrate


def _kept(settings: Settings) -> int:
    return len(list((settings.data_dir / "uploads").glob("*")))


def test_of_files_of_which_one_is_too_large_none_is_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "get_settings", lambda: settings.model_copy(update={"max_upload_bytes": 10}))
    files = [("small.log", io.BytesIO(b"a line\n")), ("large.log", io.BytesIO(b"x" * 11))]
    with pytest.raises(LogParseError, match="larger"):
        keep_uploads(files)
    assert _kept(settings) == 0


def test_a_second_click_takes_nothing_away_from_the_batch_of_the_first(settings: Settings) -> None:
    migrate()
    upload = (keep_paste("a line"), ReadOptions())
    for _ in range(2):
        submit_batch([upload], idempotency_key="click", actor=AT_A_PAGE)
    assert _kept(settings) == 1


def test_a_file_that_is_read_where_it_lies_stays_there(settings: Settings, tmp_path: Path) -> None:
    migrate()
    path = tmp_path / "night.log"
    for content in ("one\n", "two\n"):
        path.write_text(content)
        once = Once("mine", AT_A_PAGE, ())
        upload = (keep_local(path), ReadOptions())
        if content == "one\n":
            submit_batch([upload], idempotency_key="api:mine", actor=AT_A_PAGE, once=once)
        else:
            with pytest.raises(KeyTaken):
                submit_batch([upload], idempotency_key="api:mine", actor=AT_A_PAGE, once=once)
    assert path.read_text() == "two\n"
