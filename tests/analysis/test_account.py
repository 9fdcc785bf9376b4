"""What a batch's account says of its files: every count, every warning, and none that is not due."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from soc.analysis.account import FileCount, file_result, merge_templates
from soc.analysis.block_job import BlockResult, part_name, run_block
from soc.detection.detect import BlockFindings
from soc.detection.rulebook import build_ruleset
from soc.logs.layout import Intake, Layout, LogFormat, ReadOptions, SourceFile
from soc.logs.opening.prepare import prepare_file

FILE = SourceFile("a.log", Path("/none"))
INTAKE = Intake(
    Layout("a.log", Path("/none"), LogFormat.PLAIN), "utf-8", "gzip", warnings=("of the opening",)
)
CLEAN: dict[str, Any] = {
    "file": 0, "block": 0, "bytes_done": 1, "lines_in": 1, "rejected_by_reason": {}, "by_class": {}, "by_severity": {},
    "templates": pl.DataFrame(), "findings": BlockFindings(pl.DataFrame(), {}), "invalid_bytes": 0, "nuls": 0,
    "naive_times": 0, "yearless_times": 0, "bad_times": 0, "long_lines": (),
}  # fmt: skip


def counted(*blocks: dict[str, Any]) -> FileCount:
    count = FileCount(INTAKE)
    for block in blocks:
        count.add(BlockResult(**{**CLEAN, **block}))
    return count


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"invalid_bytes": 1000}, "2,000 bytes are not UTF-8 and are shown as �."),
        ({"nuls": 1000}, "2,000 NUL bytes were removed; evidence offsets do not count them."),
        (
            {"yearless_times": 1000},
            "2,000 times have no year: the latest one before the file was handed in was taken.",
        ),
        ({"naive_times": 1000}, "2,000 times have no zone and were taken as UTC."),
        ({"bad_times": 1000}, "2,000 times are impossible or not understood and were left out."),
        ({"long_lines": (3,)}, "Lines longer than 64 KiB were cut there: line 3, 3."),
    ],
)
def test_what_is_odd_in_the_blocks_adds_up_and_is_said_once(block: dict[str, Any], words: str) -> None:
    assert counted(block, {}, block).warnings() == ("of the opening", words)


def test_a_file_in_order_has_no_warning_and_its_lines_add_up() -> None:
    assert counted({}, {}).warnings() == ("of the opening",)
    reasons = ({"not JSON": 2}, {"a quote": 1, "not JSON": 3})
    result = file_result(FILE, counted(*({"lines_in": 10, "rejected_by_reason": one} for one in reasons)))
    assert (result.lines_in, result.parsed, result.rejected) == (20, 14, 6)
    assert list(result.rejected_by_reason.items()) == [("a quote", 1), ("not JSON", 5)]
    assert (result.name, result.format, result.encoding, result.compression, result.error) == (
        "a.log", LogFormat.PLAIN, "utf-8", "gzip", "",
    )  # fmt: skip


def test_the_first_five_long_lines_are_named_in_order_and_that_there_may_be_more() -> None:
    four = counted({"long_lines": (9, 7)}, {"long_lines": (1, 3)}).warnings()[1]
    assert four == "Lines longer than 64 KiB were cut there: line 1, 3, 7, 9."
    six = counted({"long_lines": (9, 7, 8)}, {"long_lines": (1, 3, 5)}).warnings()[1]
    assert six == "Lines longer than 64 KiB were cut there: line 1, 3, 5, 7, 8 …."


def test_what_was_not_read_or_holds_nothing_is_an_error() -> None:
    assert file_result(FILE, FileCount()).error == "The file was not read."
    empty = file_result(FILE, FileCount(INTAKE))
    assert empty.error.startswith("The file holds no records")
    broken = counted({})
    broken.failed(ZeroDivisionError("secret"))
    assert (
        "could not be analysed (ZeroDivisionError); its lines are missing" in file_result(FILE, broken).error
    )
    assert "secret" not in file_result(FILE, broken).error


def test_templates_of_blocks_add_up_most_frequent_first_under_their_strongest_verdict() -> None:
    heads = ("template_id", "template", "n", "score", "classification")
    rows = [("t1", "one", 2, 3, "b"), ("t2", "two", 4, 9, "a"), ("t1", "one", 2, 8, "c"), ("t3", "three", 9, 1, "a"),
            ("t1", "one", 1, 8, "a")]  # fmt: skip
    frames = [pl.DataFrame([row], schema=heads, orient="row") for row in rows]
    assert merge_templates(frames).rows() == [
        ("t3", "three", 9, 1, "a"), ("t1", "one", 5, 8, "a"), ("t2", "two", 4, 9, "a"),
    ]  # fmt: skip


def block_of(data: bytes, folder: Path, name: str = "a.log", **options: Any) -> BlockResult:
    path = folder / "upload"
    path.write_bytes(data)
    found = prepare_file(
        path, name, ReadOptions(**options), work_dir=folder / "w", max_bytes=10**9, block_bytes=10**6
    )
    return run_block(
        found.layout, found.blocks[-1], file=3, events_dir=folder, ruleset=build_ruleset(), cache_dir=folder / "c"
    )  # fmt: skip


def test_a_block_counts_what_is_odd_in_it(tmp_path: Path) -> None:
    lines = [
        b"2026-03-01T02:05:00Z INFO started", b"2026-03-01 02:05:01 INFO no zone", b"2026-03-01 02:05:02 INFO none either",
        b"Mar  1 02:05:03 web1 app: no year", b"2026-13-01T02:05:04Z INFO no such month", b"no time at all",
        b"caf\xe9 \xff", b"nu\0l", b"x" * 70_000, b"y" * 65_536, b"z" * 65_537,
    ]  # fmt: skip
    found = block_of(b"\n".join(lines) + b"\n", tmp_path)
    assert (found.file, found.block, found.lines_in) == (3, 0, 11)
    assert found.bytes_done == sum(map(len, lines)) + len(lines)
    assert (found.invalid_bytes, found.nuls) == (2, 1)
    assert (found.naive_times, found.yearless_times, found.bad_times) == (2, 1, 1)
    assert found.long_lines == (9, 11)
    assert sum(found.by_class.values()) == sum(found.by_severity.values()) == found.templates["n"].sum() == 11


def test_a_block_counts_the_refused_by_reason_and_judges_only_the_rest(tmp_path: Path) -> None:
    found = block_of(
        b'{"message": "mimikatz.exe started"}\nbroken {\n\n{"message": "hello"}\n', tmp_path, "a.jsonl"
    )
    assert (found.lines_in, sum(found.rejected_by_reason.values())) == (3, 1)
    assert found.by_severity == {"critical": 1, "info": 1}
    assert sorted(found.templates.select("template", "n", "score").rows()) == [
        ("hello", 1, 1), ("mimikatz.exe started", 1, 10),
    ]  # fmt: skip
    written = pl.read_parquet(tmp_path / part_name(3, 0))
    assert written["line_no"].to_list() == [1, 2, 4]
    assert written.filter(pl.col("rejected_reason").is_not_null()).select(
        "score", "template", "rule_id"
    ).rows() == [(None, None, None)]
