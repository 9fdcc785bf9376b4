"""Files below one root: a folder, where nothing is copied, or a bucket that every machine reaches."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from soc.errors import ConfigurationError, NotFound, StoreError
from soc.settings import Settings, get_settings
from soc.store.files import Folder, get_files, make_room, name_of


def _root_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SOC_FILES_URL", url)
    get_settings.cache_clear()


def test_on_a_folder_a_name_is_a_path_and_nothing_is_copied(settings: Settings) -> None:
    with get_files().write("uploads/upl-1.bin") as target:
        target.write(b"a line")
    path = get_files().local("uploads/upl-1.bin")
    assert path == settings.data_dir / "uploads" / "upl-1.bin"
    assert path.read_bytes() == b"a line"
    assert [file for file in settings.data_dir.rglob("*") if file.is_file()] == [path]


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_another_folder_is_named_by_its_path_or_its_url(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _root_at(monkeypatch, form.format(tmp_path / "mounted"))
    with get_files().write("uploads/upl-1.bin") as target:
        target.write(b"a line")
    assert (tmp_path / "mounted" / "uploads" / "upl-1.bin").read_bytes() == b"a line"


@pytest.mark.parametrize("place", ["folder", "bucket"])
def test_a_stream_that_breaks_leaves_nothing(place: str, request: pytest.FixtureRequest) -> None:
    if place == "bucket":
        request.getfixturevalue("bucket")
    with suppress(ZeroDivisionError), get_files().write("uploads/upl-1.bin") as target:
        target.write(b"half a line")
        raise ZeroDivisionError
    assert get_files().names("uploads") == []


def test_from_a_bucket_a_file_is_fetched_once_and_then_lies_here(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"rows")
    get_files().put(tmp_path / "part", "batches/b/run-1/events/part-1")
    folder = Folder("batches/b/run-1/events", get_files())
    assert folder.names() == ["part-1"]
    first = folder.local("part-1")
    get_files().delete_folder("batches/b")
    assert folder.local("part-1") == first
    assert first.read_bytes() == b"rows"
    assert not folder.exists()


def test_a_file_that_a_bucket_does_not_hold_is_not_found(bucket: str) -> None:
    with pytest.raises(NotFound):
        get_files().local("uploads/upl-gone.bin")
    assert get_files().names("uploads") == []


def test_a_bucket_out_of_reach_is_explained_without_the_credentials(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _root_at(monkeypatch, "s3://no-such-bucket-here")
    with pytest.raises(StoreError) as told, get_files().write("uploads/upl-1.bin") as target:
        target.write(b"x")
    assert "AWS_ENDPOINT_URL" in told.value.hint
    assert "canary-of-the-bucket" not in f"{told.value!r} {told.value}"


def test_a_bucket_that_refuses_the_credentials_is_explained_when_it_is_read_too(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refused(Exception):
        """What a bucket's library raises comes from its own module."""

    Refused.__module__ = "botocore.exceptions"

    def refuse(*_words: Any, **_more: Any) -> None:
        raise Refused("canary-of-the-bucket")

    monkeypatch.setattr(get_files().filesystem, "get_file", refuse)
    with pytest.raises(StoreError) as told:
        get_files().local("uploads/upl-1.bin")
    assert "canary-of-the-bucket" not in f"{told.value!r} {told.value}"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3://AKIA:canary-secret@bucket/x", "AWS_ACCESS_KEY_ID"),
        ("s3://", "s3://bucket/prefix"),
        ("gs://bucket", "gcsfs"),
        ("nonsense://bucket", "s3://bucket/prefix"),
    ],
)
def test_an_address_that_cannot_be_used_says_what_to_write(
    url: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _root_at(monkeypatch, url)
    with pytest.raises(ConfigurationError) as told:
        get_files()
    assert says in str(told.value)
    assert "canary-secret" not in str(told.value)


def test_without_s3fs_a_bucket_s_address_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("Install s3fs to access S3")

    _root_at(monkeypatch, "s3://bucket-without-package/x")
    monkeypatch.setattr("fsspec.filesystem", missing)
    with pytest.raises(ConfigurationError, match=r"soc-operations-dashboard\[s3\]"):
        get_files()


@pytest.mark.parametrize("name", ["../secret.key", "/etc/passwd", "uploads/../../x", ""])
def test_a_name_cannot_leave_the_root(name: str) -> None:
    with pytest.raises(StoreError):
        get_files().address(name)


def test_rows_of_earlier_versions_hold_absolute_paths_that_still_count_as_names(settings: Settings) -> None:
    assert name_of("uploads/upl-7.bin") == "uploads/upl-7.bin"
    assert name_of(str(settings.data_dir / "uploads" / "upl-7.bin")) == "uploads/upl-7.bin"
    assert name_of("/srv/soc-before-it-moved/data/uploads/upl-7.bin") == "uploads/upl-7.bin"


def test_a_file_that_is_read_where_it_lies_has_no_name(tmp_path: Path) -> None:
    log = tmp_path / "uploads" / "auth.log"
    log.parent.mkdir()
    log.touch()
    assert name_of(str(log)) is None
    assert name_of("/var/log/auth.log") is None


def test_copies_make_room_the_longest_unused_first(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "older", "oldest")):
        (tmp_path / name).write_bytes(b"x" * 10)
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    make_room(tmp_path, limit=25)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "older"]


def test_copies_that_were_just_used_stay_even_beyond_the_limit(tmp_path: Path) -> None:
    (tmp_path / "in-use").write_bytes(b"x" * 10)
    make_room(tmp_path, limit=5)
    assert (tmp_path / "in-use").exists()
