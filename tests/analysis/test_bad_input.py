"""Files that are broken, hostile or not logs: a clear word for each, nothing lost, nothing raised."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from soc.analysis import FileResult, analyse_files, export_events, preview_file, read_events
from soc.analysis import analyse as analyse_module
from soc.logs.layout import LogFormat, ReadOptions, SourceFile
from soc.settings import Settings

LINES = b"".join(
    b"Mar  1 00:00:%02d h sshd[1]: Failed password for u%d from 203.0.113.%d port 2 ssh2\n" % (n, n, n)
    for n in range(50)
)


class Bench:
    """Reads one file in this process and checks what must hold for every file."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self.settings = folder, settings
        self.events_dir = folder

    def read(self, data: bytes, name: str = "a.log", **options: object) -> FileResult:
        path = self.folder / "upload"
        path.write_bytes(data)
        chosen = ReadOptions(**options)  # type: ignore[arg-type]
        done = analyse_files(
            [SourceFile(name, path, chosen)],
            batch_id="b",
            out_dir=self.folder / "out",
            settings=self.settings,
        )
        result = done.files[0]
        self.events_dir = done.events_dir
        assert (
            result.lines_in
            == result.parsed + result.rejected
            == export_events(done.events_dir, self.folder / "x.parquet")
        )
        shown = preview_file(path, name, chosen)
        assert bool(shown.error) == bool(result.error)
        assert shown.format is result.format or result.error
        return result


@pytest.fixture
def bench(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(analyse_module, "INLINE_BYTES", 10**12)
    monkeypatch.setattr(analyse_module, "_is_packed", lambda path: False)
    return Bench(tmp_path, settings)


@pytest.mark.parametrize(
    ("data", "name", "word"),
    [
        (b"", "empty.log", "empty"),
        (b"  \n \r\n", "blank.log", "only blanks"),
        (b"timestamp,source,message\n", "head.csv", "no records"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "a.log", "PNG"),
        (b"PK\x03\x04rest", "a.xlsx", "Save it as CSV"),
        (bytes(range(1, 32)) * 100, "a.log", "binary data"),
        (b"this is not gzip", "a.gz", "not"),
        (b"\x1f\x8b\x08\x00", "a.gz", "no readable data"),
        (
            ",".join(f"c{n}" for n in range(2000)).encode() + b"\n" + b"1," * 1999 + b"1\n",
            "wide.csv",
            "Which column",
        ),
    ],
)
def test_what_is_no_log_gets_a_clear_error(bench: Bench, data: bytes, name: str, word: str) -> None:
    result = bench.read(data, name)
    assert word in result.error
    assert result.lines_in == 0


@pytest.mark.parametrize(
    ("data", "name", "lines"),
    [
        (LINES[:-1], "no-final-newline.log", 50),
        (LINES.replace(b"\n", b"\r"), "old-mac.log", 50),
        (LINES.replace(b"\n", b"\r\n"), "windows.log", 50),
        (LINES.replace(b"sshd", b"ss\0hd"), "nuls.log", 50),
        (LINES.decode().encode("utf-16"), "utf16.log", 50),
        (LINES.decode().encode("utf-16-le"), "utf16-no-mark.log", 50),
        (LINES.decode().encode("utf-16-be"), "utf16-be-no-mark.log", 50),
        (LINES.decode().encode("utf-32"), "utf32.log", 50),
        (b"\xef\xbb\xbf" + LINES, "bom.log", 50),
        (gzip.compress(LINES), "a.log.gz", 50),
        (gzip.compress(LINES) + gzip.compress(LINES), "two.log.gz", 100),
        (b"message\n" + b"".join(b'"' + line + b'"\n' for line in LINES.splitlines()), "one.csv", 50),
        (LINES, "one-no-header.csv", 50),
        (
            b" Time Stamp ;Host Name;MESSAGE \n" + b"x;h;Failed password for root from 203.0.113.1\n" * 20,
            "odd.csv",
            20,
        ),
        (json.dumps([{"message": line} for line in LINES.decode().splitlines()]).encode(), "a.json", 50),
        (
            json.dumps([{"message": line} for line in LINES.decode().splitlines()], indent=2).encode(),
            "b.json",
            50,
        ),
    ],
)
def test_odd_but_readable_files_give_all_their_failed_logins(
    bench: Bench, data: bytes, name: str, lines: int
) -> None:
    result = bench.read(data, name)
    assert (result.error, result.parsed, result.rejected) == ("", lines, 0)
    rows = read_events(bench.events_dir, limit=1000)
    assert set(rows["rule_id"]) == {"behaviour.failed-login"}
    assert not rows["message"].str.contains("\0", literal=True).any()


def test_a_truncated_gzip_keeps_what_could_be_read_and_says_so(bench: Bench) -> None:
    packed = gzip.compress(b"".join(b"line %d %x\n" % (n, hash(str(n))) for n in range(5000)))
    result = bench.read(packed[: len(packed) // 2], "a.gz")
    assert 100 < result.parsed < 5000
    assert any("cut off" in warning for warning in result.warnings)


def test_garbage_after_gzip_is_a_warning(bench: Bench) -> None:
    result = bench.read(gzip.compress(LINES) + b"garbage", "a.gz")
    assert result.parsed == 50
    assert any("after the gzip data" in warning for warning in result.warnings)


def test_a_file_that_unpacks_beyond_the_limit_is_cut_and_says_so(bench: Bench) -> None:
    bench.settings = bench.settings.model_copy(update={"max_upload_bytes": 1000})
    result = bench.read(gzip.compress(LINES), "a.gz")
    assert 0 < result.lines_in < 50
    assert any("NOT analysed" in warning for warning in result.warnings)


def test_invalid_utf8_is_shown_as_such_and_counted_and_offsets_stay(bench: Bench) -> None:
    result = bench.read(b"caf\xe9 \xff Failed password for x\n" + LINES)
    assert any("not UTF-8" in warning for warning in result.warnings)
    row = read_events(bench.events_dir).row(0, named=True)
    assert row["message"].startswith("caf� � Failed")
    assert row["evidence_start"] == 7


def test_a_line_of_ten_megabytes_is_cut_counted_and_named(bench: Bench) -> None:
    result = bench.read(LINES + b"A" * 10_000_000 + b"\n" + LINES)
    assert result.parsed == 101
    assert any("line 51" in warning for warning in result.warnings)


def test_rows_too_short_for_a_message_are_rejected_with_line_and_reason(bench: Bench) -> None:
    result = bench.read(b"timestamp,source,message\nx,a,one\nx,a\nx,a,two,and more\n", "ragged.csv")
    assert (result.parsed, result.rejected) == (2, 1)
    rows = read_events(bench.events_dir)
    assert rows["line_no"].to_list() == [2, 3, 4]
    assert "too few" in rows["rejected_reason"][1]
    assert rows["message"][2] == "two,and more"


def test_a_quote_that_never_closes_costs_one_line(bench: Bench) -> None:
    result = bench.read(b'timestamp,source,message\nx,a,"never closed\n' + b"x,a,row\n" * 20, "a.csv")
    assert (result.parsed, result.rejected) == (20, 1)
    assert read_events(bench.events_dir, rejected_only=True)["line_no"].to_list() == [2]


def test_deep_json_is_one_rejected_line(bench: Bench) -> None:
    result = bench.read(b'{"a":' * 60000 + b"1" + b"}" * 60000, "deep.json")
    assert (result.lines_in, result.rejected) == (1, 1)


def test_a_number_of_hundreds_of_digits_is_a_value_like_another(bench: Bench) -> None:
    assert bench.read(b'{"message":"x","id":' + b"9" * 500 + b"}\n", "big.jsonl").parsed == 1


def test_nested_and_dotted_names_are_found_in_json(bench: Bench) -> None:
    bench.read(
        b'{"message":"hi","host":{"name":"h1"},"source.ip":"203.0.113.7","@timestamp":"2026-01-02T03:04:05Z"}\n',
        "e.jsonl",
    )
    row = read_events(bench.events_dir).row(0, named=True)
    assert (row["host.name"], row["source.ip"]) == ("h1", "203.0.113.7")
    assert row["@timestamp"].isoformat() == "2026-01-02T03:04:05+00:00"


@pytest.mark.parametrize(
    "line",
    [b'{"a": 1}', b'{"message": "half \\ud800 pair"}', b'{"message": 1e999}', b'{"message": ["x"]}', b"{}"],
)
def test_json_of_any_kind_is_a_record_beside_others(bench: Bench, line: bytes) -> None:
    result = bench.read(
        line + b'\n{"message": "sshd: Failed password for root from 203.0.113.9"}\n', "a.jsonl"
    )
    assert result.lines_in == 2
    assert result.error == ""
    assert read_events(bench.events_dir)["rule_id"][1] == "behaviour.failed-login"


def test_a_block_that_fails_is_said_and_the_other_files_are_read(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = analyse_module.run_block

    def broken(layout: object, block: object, **rest: object) -> object:
        if rest["file"] == 0:
            raise ValueError("a bug")
        return real(layout, block, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(analyse_module, "run_block", broken)
    path = tmp_path / "a"
    path.write_bytes(LINES)
    files = [SourceFile("a.log", path), SourceFile("b.log", path)]
    done = analyse_files(files, batch_id="b", out_dir=tmp_path / "o", settings=settings)
    assert "could not be analysed" in done.files[0].error
    assert (done.files[1].error, done.files[1].parsed) == ("", 50)


def test_lines_that_are_not_syslog_are_rejected_only_when_syslog_was_chosen(bench: Bench) -> None:
    data = LINES + b"and a stray line\n"
    assert bench.read(data).rejected == 0
    assert bench.read(data, format=LogFormat.SYSLOG).rejected == 1


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path, settings: Settings) -> None:
    files = []
    for number, data in enumerate((b"", LINES, b"\x89PNG\r\n\x1a\n")):
        path = tmp_path / str(number)
        path.write_bytes(data)
        files.append(SourceFile(f"{number}.log", path))
    files.append(SourceFile("gone.log", tmp_path / "gone"))
    done = analyse_files(files, batch_id="b", out_dir=tmp_path / "o", settings=settings)
    assert [bool(result.error) for result in done.files] == [True, False, True, True]
    assert done.lines_in == 50


def test_escapes_and_direction_marks_do_not_reach_the_screen(bench: Bench) -> None:
    bench.read(
        "\x1b[31mFailed password for \u202eroot\x07 from 203.0.113.1\n".encode(), "\x1b[31m\u202ea.log"
    )
    row = read_events(bench.events_dir).row(0, named=True)
    assert row["message"] == "Failed password for �root from 203.0.113.1"
    assert row["file"] == "�a.log"
    assert row["raw"].startswith("\x1b[31m")


def test_expressions_stay_linear_on_hostile_lines(bench: Bench) -> None:
    lines = [
        b"a" * 60000,
        b"from " * 12000,
        b"1." * 30000,
        b'"' * 60000,
        b"a=" * 30000,
        b"failed " * 9000,
        b"[" * 60000,
    ]
    assert bench.read(b"\n".join(lines)).parsed == len(lines)
