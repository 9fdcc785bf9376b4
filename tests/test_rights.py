"""The data folder is its owner's alone, also one that was made before."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from soc.rights import keep_to_owner, make_for_owner
from soc.settings import Settings
from soc.store.db import create_engine


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_there_is_mended_and_what_comes_is_made_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "uploads").mkdir(parents=True)
    old = data / "uploads" / "old.bin"
    old.write_bytes(b"lines")
    assert _mode(old) & 0o077
    assert keep_to_owner(data) == 3
    (data / "batches").mkdir()
    new = data / "batches" / "new.parquet"
    new.write_bytes(b"rows")
    assert {_mode(path) for path in (data, data / "uploads", data / "batches")} == {0o700}
    assert {_mode(path) for path in (old, new)} == {0o600}
    assert keep_to_owner(data) == 0


def test_what_a_link_leads_to_is_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("not ours")
    outside.chmod(0o644)
    data = tmp_path / "data"
    data.mkdir()
    (data / "link").symlink_to(outside)
    keep_to_owner(data)
    assert _mode(outside) == 0o644


def test_the_first_process_that_opens_a_store_makes_it_for_its_owner(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    engine = create_engine(Settings(data_dir=data))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE one (id INTEGER)")
        assert _mode(data / "soc.db-wal") == 0o600
    engine.dispose()
    assert (_mode(data), _mode(data / "soc.db")) == (0o700, 0o600)


def test_a_folder_that_was_open_is_closed_and_a_foreign_place_of_the_store_is_not(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    for folder in (data, elsewhere):
        folder.mkdir(mode=0o755)
    make_for_owner(data, elsewhere / "file.db")
    assert [_mode(path) for path in (data, elsewhere, elsewhere / "file.db")] == [0o700, 0o755, 0o600]
