"""What `soc process` reads of what it is given: files, folders, patterns, hidden files, links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from soc.cli.process.sources import check_export, find_sources
from soc.errors import ConfigurationError

FILES = ("b.log", "a.log", "sub/c.log", "sub/deep/d.log.gz", ".hidden.log", ".git/e.log", "sub/.f.log")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a line\n")
    return tmp_path / "logs"


def paths(*given: str) -> list[str]:
    return [os.path.relpath(one.path, "logs") for one in find_sources(given) if one.path is not None]


def test_a_folder_is_every_file_below_it_in_the_order_of_their_paths(folder: Path) -> None:
    assert paths("logs") == ["a.log", "b.log", "sub/c.log", "sub/deep/d.log.gz"]
    assert [one.name for one in find_sources(["logs"])][-1] == "sub/deep/d.log.gz"


def test_hidden_files_are_read_only_where_they_are_named(folder: Path) -> None:
    assert paths("logs/.hidden.log", "logs/.git") == [".hidden.log", ".git/e.log"]
    assert paths("logs/*") == ["a.log", "b.log"]
    assert paths("logs/.h*") == [".hidden.log"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("logs/*.log", ["a.log", "b.log"]),
        ("logs/[a]*", ["a.log"]),
        ("logs/sub/?.log", ["sub/c.log"]),
        ("logs/**/*.gz", ["sub/deep/d.log.gz"]),
        ("logs/**/*.log", ["a.log", "b.log", "sub/c.log"]),
        ("logs/**", ["a.log", "b.log", "sub/c.log", "sub/deep/d.log.gz"]),
        ("logs/**/deep/*", ["sub/deep/d.log.gz"]),
    ],
)
def test_a_pattern_is_what_it_matches(folder: Path, pattern: str, found: list[str]) -> None:
    assert paths(pattern) == found


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder: Path) -> None:
    (folder / "a[1].log").write_text("a line\n")
    assert paths("logs/a[1].log") == ["a[1].log"]


def test_a_file_that_is_named_twice_in_any_way_is_read_once(folder: Path) -> None:
    (folder / "link.log").symlink_to("a.log")
    assert paths("logs/b.log", "logs", "logs/*.log", "logs/link.log") == [
        "b.log", "a.log", "sub/c.log", "sub/deep/d.log.gz",
    ]  # fmt: skip


@pytest.mark.parametrize("given", ["logs", "logs/**", "logs/**/*.log"])
def test_links_in_a_circle_end(folder: Path, given: str) -> None:
    before = paths(given)
    (folder / "sub" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "sub" / "self").symlink_to(".", target_is_directory=True)
    assert paths(given) == before


def test_a_folder_behind_a_link_is_read_and_a_link_to_nothing_left_out(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "z.log").write_text("a line\n")
    (folder / "there").symlink_to(tmp_path / "else", target_is_directory=True)
    (folder / "broken.log").symlink_to("nowhere")
    assert paths("logs") == ["a.log", "b.log", "sub/c.log", "sub/deep/d.log.gz", "there/z.log"]


@pytest.mark.parametrize("given", ["logs/*.nope", "logs/**/*.nope", "nope/**", "logs/none", "logs/empty"])
def test_what_leads_to_no_file_is_refused_with_its_name(folder: Path, given: str) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(ConfigurationError, match=given.rpartition("/")[2].replace("*", r"\*")):
        find_sources([given])


@pytest.mark.parametrize(
    ("name", "form"), [("x.parquet", "parquet"), ("x.PQ", "parquet"), ("x.csv", "csv"), ("x.jsonl", "jsonl"), ("x.ndjson", "jsonl")]
)  # fmt: skip
def test_the_end_of_the_name_says_what_an_export_is(tmp_path: Path, name: str, form: str) -> None:
    assert check_export(tmp_path / name) == form
