"""The preview: what of a file it looks at, and what it shows of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from soc.analysis import preview_file
from soc.analysis.preview import _sample
from soc.logs.layout import LogFormat, ReadOptions

MIB = 1024 * 1024


@pytest.mark.parametrize(("size", "copied"), [(MIB, False), (MIB + 1, True)])
def test_of_a_file_over_one_megabyte_its_beginning_is_looked_at(
    tmp_path: Path, size: int, copied: bool
) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(bytes(range(256)) * 5000)
    sample, cut = _sample(path, size, tmp_path)
    assert (sample != path, cut) == (copied, copied)
    assert not copied or sample.read_bytes() == path.read_bytes()[:MIB]


def test_a_large_file_is_shown_with_its_whole_size_and_without_a_word_of_the_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,host,message\n" + "2026-03-01T02:05:07Z,web1,started\n" * 60_000)
    shown = preview_file(path, "dir/a\u202e.csv")
    assert (shown.size, shown.format, shown.error, shown.warnings) == (path.stat().st_size, "csv", "", ())
    assert "\u202e" not in shown.name
    assert shown.columns == ("time", "host", "message")
    assert (shown.time_column, shown.source_column, shown.message_column) == ("time", "host", "message")
    assert len(shown.rows) == 20
    assert shown.rows[19] == {
        "line_no": "21", "@timestamp": "2026-03-01 02:05:07", "source": "web1", "message": "started",
    }  # fmt: skip


def test_a_cell_is_cut_and_a_refused_line_says_why(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"message": "' + "x" * 600 + '"}\nnot\u202e JSON {\n{"message": "y"}\n')
    rows = preview_file(path, "a.jsonl", ReadOptions(format=LogFormat.JSON_LINES)).rows
    assert rows[0]["message"] == "x" * 500
    assert rows[1]["message"].startswith("(rejected: ")
    assert "not" in rows[1]["message"]
    assert "\u202e" not in rows[1]["message"]
    assert (rows[2]["message"], rows[2]["@timestamp"], rows[2]["source"]) == ("y", "", "a")


def test_a_table_without_time_and_source_names_neither(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,message\n1,started\n2,ended\n")
    shown = preview_file(path, "a.csv")
    assert (shown.time_column, shown.source_column, shown.message_column) == ("", "", "message")
    assert [row["message"] for row in shown.rows] == ["started", "ended"]


def test_what_holds_no_records_or_is_not_there_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,host,message\n")
    assert preview_file(path, "a.csv").error.startswith("The file holds no records")
    gone = preview_file(tmp_path / "none", "a.csv")
    assert (gone.size, gone.rows) == (0, ())
    assert "it is not there" in gone.error
