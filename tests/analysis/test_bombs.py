"""Small files that unpack to very much: held with a question, bounded in blocks, and ended at once when stopped."""

from __future__ import annotations

import errno
import gzip
from pathlib import Path
from typing import Any

import pytest

from soc.analysis import AnalysisHeld, AnalysisStopped, Budget, analyse_files
from soc.analysis import analyse as analyse_module
from soc.logs.layout import Layout, LogFormat, ReadOptions, SourceFile
from soc.logs.opening import blocks, bounds
from soc.logs.opening.blocks import cut_blocks
from soc.logs.opening.bounds import Bounds, NotWanted
from soc.logs.opening.prepare import prepare_file
from soc.settings import get_settings

MEGA = 1_000_000
LOGIN = b"Jan 14 22:00:00 host sshd[1]: Failed password for root from 203.0.113.9 port 22 ssh2\n"


@pytest.fixture(autouse=True)
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyse_module, "INLINE_BYTES", 10**12)
    monkeypatch.setattr(analyse_module, "_is_packed", lambda _path: False)
    monkeypatch.setattr(bounds, "HARMLESS_BYTES", MEGA)


def analyse(tmp_path: Path, *contents: bytes, **options: Any) -> Any:
    files = []
    for number, content in enumerate(contents):
        path = tmp_path / f"{number}.log"
        path.write_bytes(content)
        files.append(SourceFile(f"{number}.log", path))
    out = tmp_path / "out"
    return analyse_files(files, batch_id="b", out_dir=out, settings=get_settings(), **options)


@pytest.mark.parametrize("line", [b"\n", b"a\n", LOGIN])
def test_a_file_that_unpacks_to_hundreds_of_times_its_size_is_held(tmp_path: Path, line: bytes) -> None:
    bomb = gzip.compress(line * (8 * MEGA // len(line)))
    assert len(bomb) * 200 < 8 * MEGA
    with pytest.raises(
        AnalysisHeld, match=r"0\.log: It unpacks to more than 200 times its size .* Let it go on"
    ):
        analyse(tmp_path, bomb, budget=Budget(ratio=200))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 2 * len(bomb) + MEGA


def test_a_bomb_in_members_is_a_bomb(tmp_path: Path) -> None:
    bomb = b"".join(gzip.compress(b"a\n" * MEGA) for _ in range(8))
    with pytest.raises(AnalysisHeld):
        analyse(tmp_path, bomb, budget=Budget(ratio=200))


def test_a_bomb_of_utf_16_is_a_bomb(tmp_path: Path) -> None:
    bomb = gzip.compress(("a\n" * 4 * MEGA).encode("utf-16"))
    with pytest.raises(AnalysisHeld):
        analyse(tmp_path, bomb, budget=Budget(ratio=200))


def test_what_is_small_unpacked_is_no_bomb_however_well_it_was_packed(tmp_path: Path) -> None:
    lines = LOGIN * 9_000
    found = analyse(tmp_path, gzip.compress(lines), budget=Budget(ratio=20))
    assert (found.lines_in, found.parsed) == (9_000, 9_000)


@pytest.mark.parametrize(
    "content",
    [b"a\n" * 2_001, b"a" + b"\n" * 2_001, b'[{"message": "a"}' + b',\n{"message": "b"}' * 2_000 + b"]"],
)
def test_more_lines_than_the_budget_are_held(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(AnalysisHeld, match="more than its 2,000 lines"):
        analyse(tmp_path, content, budget=Budget(lines=2_000))


def test_a_budget_is_of_all_files_together(tmp_path: Path) -> None:
    parts = (b"a\n" * 900, b"b\n" * 900, b"c\n" * 900)
    with pytest.raises(AnalysisHeld, match="lines"):
        analyse(tmp_path, *parts, budget=Budget(lines=2_000))
    assert analyse(tmp_path, *parts, budget=Budget(lines=2_700)).lines_in == 2_700
    with pytest.raises(AnalysisHeld):
        analyse(tmp_path, *parts, budget=Budget(bytes=5_000))


def test_what_a_person_lets_go_on_is_read_whole(tmp_path: Path) -> None:
    found = analyse(tmp_path, gzip.compress(b"a\n" * 600_000))
    assert (found.lines_in, found.parsed) == (600_000, 600_000)
    assert len(list((tmp_path / "out" / "events").glob("part-*"))) >= 600_000 // blocks.BLOCK_LINES


@pytest.fixture
def few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_LINES", 100)


@pytest.mark.usefixtures("few_lines")
@pytest.mark.parametrize("end", [b"", b"last"])
@pytest.mark.parametrize("lines", [0, 1, 99, 100, 101, 1_000])
def test_no_block_has_more_lines_than_it_may_and_none_is_lost(tmp_path: Path, lines: int, end: bytes) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"a\n" * lines + end)
    layout = Layout("a.log", path, LogFormat.PLAIN)
    found, counted = cut_blocks(layout, start=0, first_line=1, block_bytes=1500)
    data = path.read_bytes()
    assert b"".join(data[block.start : block.end] for block in found) == data
    assert all(data[block.start : block.end].count(b"\n") <= 100 for block in found)
    assert [block.first_line for block in found] == [data[: block.start].count(b"\n") + 1 for block in found]
    assert counted == lines


@pytest.mark.usefixtures("few_lines")
def test_a_record_over_many_lines_is_never_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    long = '"' + "x\n" * 250 + '"'
    path.write_text("source,message\n" + "s,short\n" * 150 + f"s,{long}\n" + "s,short\n" * 150)
    intake = prepare_file(
        path, "a.csv", ReadOptions(), work_dir=tmp_path / "w", max_bytes=10**9, block_bytes=10**6
    )
    found = analyse(tmp_path, path.read_bytes())
    assert (found.lines_in, found.parsed) == (301, 301)
    assert len(intake.blocks) > 3


def test_how_a_file_is_cut_by_lines_changes_nothing_of_what_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b"".join(LOGIN.replace(b"22:00:00", b"22:%02d:%02d" % divmod(number, 60)) for number in range(900))
    whole = analyse(tmp_path, text)
    monkeypatch.setattr(blocks, "BLOCK_LINES", 70)
    cut = analyse(tmp_path, text)
    assert cut.incidents == whole.incidents
    assert (cut.by_class, cut.by_severity, cut.lines_in) == (whole.by_class, whole.by_severity, 900)


@pytest.mark.parametrize(
    "content", [gzip.compress(b"a\n" * 5 * MEGA), b"a\n" * MEGA, b"[" + b'{"a": 1},' * MEGA + b"{}]"]
)
def test_the_opening_of_a_file_ends_when_nobody_wants_it_any_more(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(content)
    gone = Bounds(wanted=tmp_path / "wanted")
    with pytest.raises(NotWanted):
        prepare_file(
            path,
            "a.log",
            ReadOptions(),
            work_dir=tmp_path / "w",
            max_bytes=10**9,
            block_bytes=10**6,
            bounds=gone,
        )


def test_a_run_that_is_stopped_calls_its_openings_off(tmp_path: Path) -> None:
    with pytest.raises(AnalysisStopped):
        analyse(tmp_path, b"a\n" * 100, should_stop=lambda: True)
    assert not (tmp_path / "out" / "work").exists()


def test_a_full_disk_is_not_the_file_s_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("soc.logs.opening.decode._write_decoded", full)
    with pytest.raises(OSError, match="No space"):
        prepare_file(
            _gzipped(tmp_path), "a.log", ReadOptions(), work_dir=tmp_path / "w", max_bytes=9, block_bytes=9
        )


def test_a_disk_that_is_full_when_a_part_is_written_is_said_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soc.analysis.block_job.part_name", lambda _file, _block: "/dev/full")
    with pytest.raises(OSError, match="No space") as full:
        analyse(tmp_path, LOGIN * 10)
    assert full.value.errno == errno.ENOSPC


def _gzipped(folder: Path) -> Path:
    path = folder / "a.gz"
    path.write_bytes(gzip.compress(LOGIN * 10))
    return path
