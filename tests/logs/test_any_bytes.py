"""Properties of every file, however it was written and however it is cut: nothing lost, nothing moved."""

from __future__ import annotations

import gzip
import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soc.analysis import preview_file
from tests.logs.reading import Reading, read, read_uploads

pytestmark = pytest.mark.long

#: CI tries a few of each; SOC_EXAMPLES=20 tries twenty times as many.
MORE = int(os.environ.get("SOC_EXAMPLES", "1"))

#: What analysts upload, with a minute, a second and a number to vary.
KINDS = (
    "Mar  1 02:{m:02d}:{s:02d} web1 sshd[77]: Failed password for root from 203.0.113.{n} port 4000 ssh2",
    "Mar  1 02:{m:02d}:{s:02d} web1 sshd[77]: Accepted password for root from 203.0.113.{n} port 4000 ssh2",
    "Mar  1 02:{m:02d}:{s:02d} fw1 kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.1 DST=192.0.2.1 PROTO=TCP SPT=4 DPT={n}{s}",
    '203.0.113.2 - - [01/Mar/2026:02:{m:02d}:{s:02d} +0000] "GET /p{n}{s} HTTP/1.1" 404 9 "-" "Mozilla/5.0"',
    '203.0.113.{n} - - [01/Mar/2026:02:{m:02d}:{s:02d} +0000] "GET /?f=../../../etc/passwd HTTP/1.1" 200 9 "-" "-"',
    "2026-03-01T0{n}:{m:02d}:{s:02d}Z host app[1]: kernel panic - not syncing",
    "2026-03-01 02:{m:02d}:{s:02d},123 - ERROR [main@{n}] - cannot open the door",
    "no time here: Failed password for bob from 203.0.113.{n}",
    "häß ünï 日本 {n}",
    "",
    "   \t",
    "x" * 300 + " database connection failed: timeout {n}",
)  # fmt: skip

LINES = st.lists(
    st.builds(
        lambda kind, m, s, n: kind.format(m=m, s=s, n=n),
        st.sampled_from(KINDS), st.integers(0, 59), st.integers(0, 59), st.integers(1, 4),
    ),
    min_size=1, max_size=40,
)  # fmt: skip
ENDINGS = st.sampled_from(["\n", "\r\n"])

#: Bytes that have broken readers of logs, between words that mean something.
HOSTILE = st.lists(
    st.sampled_from([
        b"\n", b"\n", b"\n", b"\r\n", b"\r", b"\0", b"\x1a", b"\xff", b"\xc3", b"\xe2\x80", b"\xed\xa0\x80", b'"', b'""', b",", b";", b"\t",
        b"{", b"}", b"[", b"]", b'{"message":"x"}', b"\\", b"\x1b[31m", "\u202e".encode(), b" ", b"failed=0 ", b"Failed password for x ",
        b"time,source,message\n", b"203.0.113.9", b"Mar  1 02:00:00 h sshd[1]: ", b"2026-03-01T02:00:00Z ", b"a", b"-", b"<34>1 ", b"\x7f",
    ]),
    max_size=60,
).map(b"".join)  # fmt: skip
NAMES = st.sampled_from(["a.log", "a.csv", "a.jsonl", "a.json", "a.tsv", "noname"])


def same(left: Reading, right: Reading) -> None:
    """Every cell, every incident and every account of the two."""
    assert left.events.equals(right.events)
    assert left.incidents == right.incidents
    assert left.analysis.files == right.analysis.files
    assert left.analysis.templates == right.analysis.templates
    assert left.analysis.by_class == right.analysis.by_class
    assert left.analysis.by_severity == right.analysis.by_severity


@given(lines=LINES, ending=ENDINGS, last=st.booleans(), block_bytes=st.integers(64, 3000))
@settings(max_examples=8 * MORE)
def test_the_size_of_blocks_changes_no_cell_and_no_incident(
    lines: list[str], ending: str, last: bool, block_bytes: int
) -> None:
    data = ending.join(lines) + (ending if last else "")
    same(read(data), read(data, block_bytes=block_bytes))


@given(
    words=st.lists(
        st.tuples(st.sampled_from(["a", "cannot open", "ERROR x"]), st.sampled_from(["\r", "\r\n", "\n"])),
        min_size=8,
        max_size=60,
    ),
    block_bytes=st.integers(3, 40),
)
@settings(max_examples=13 * MORE)
def test_nor_does_it_where_newlines_of_all_kinds_are_mixed(
    words: list[tuple[str, str]], block_bytes: int
) -> None:
    data = "".join(word + ending for word, ending in words)
    same(read(data), read(data, block_bytes=block_bytes))


@given(lines=LINES, block_bytes=st.integers(64, 3000))
@settings(max_examples=4 * MORE)
def test_nor_does_it_for_json_lines(lines: list[str], block_bytes: int) -> None:
    data = "".join(json.dumps({"message": line, "host": "h"}, ensure_ascii=False) + "\n" for line in lines)
    same(read(data, "a.jsonl"), read(data, "a.jsonl", block_bytes=block_bytes))


@given(data=HOSTILE, name=NAMES, block_bytes=st.integers(16, 200))
@settings(max_examples=16 * MORE)
def test_nor_does_it_for_hostile_bytes(data: bytes, name: str, block_bytes: int) -> None:
    same(read(data, name), read(data, name, block_bytes=block_bytes))


@given(data=st.one_of(HOSTILE, st.binary(max_size=400)), name=NAMES)
@settings(max_examples=26 * MORE)
def test_every_line_is_parsed_or_rejected_with_a_reason_whatever_the_bytes(data: bytes, name: str) -> None:
    done = read(data, name)
    (file,) = done.analysis.files
    assert file.lines_in == file.parsed + file.rejected == len(done.events)
    assert file.rejected == sum(file.rejected_by_reason.values()) == done.events["rejected_reason"].count()
    assert done.events["line_no"].is_sorted()
    assert sum(done.analysis.by_class.values()) == sum(done.analysis.by_severity.values()) == file.parsed
    assert file.error or file.lines_in


@given(data=st.one_of(HOSTILE, st.binary(max_size=400)), name=NAMES)
@settings(max_examples=13 * MORE)
def test_the_preview_and_the_reading_agree_on_what_can_be_read(
    tmp_path_factory, data: bytes, name: str
) -> None:  # type: ignore[no-untyped-def]
    path: Path = tmp_path_factory.mktemp("p") / "upload"
    path.write_bytes(data)
    shown, (file,) = preview_file(path, name), read(data, name).analysis.files
    assert bool(shown.error) == bool(file.error)
    assert (shown.encoding, shown.compression) == (file.encoding, file.compression)


@given(data=HOSTILE)
@settings(max_examples=13 * MORE)
def test_a_lines_offset_is_where_its_bytes_stand(data: bytes) -> None:
    data = b"start\n" + data.replace(b"\0", b"").replace(b"\r", b"")
    done = read(data)
    for raw, offset, line_no in done.cells("raw", "offset", "line_no"):
        begin = raw.split("�")[0].split("\x1a")[0].encode()
        assert data[offset : offset + len(begin)] == begin
        assert data[:offset].count(b"\n") == line_no - 1
        assert offset == 0 or data[offset - 1 : offset] == b"\n"


@given(lines=LINES)
@settings(max_examples=6 * MORE)
def test_evidence_is_where_it_points(lines: list[str]) -> None:
    data = "".join(line + "\n" for line in ["ünder", *lines]).encode()
    done = read(data)
    for rule, offset, start, end in done.cells("rule_id", "offset", "evidence_start", "evidence_end"):
        words = data[offset + start : offset + end] if rule is not None else b""
        assert rule is None or (words and b"\n" not in words)
        assert rule != "behaviour.failed-login" or words == b"Failed password"
        assert rule != "sys.kernel-panic" or words == b"kernel panic"
    for incident in done.incidents:
        for reason in incident.reasons:
            assert reason.words == "" or len(reason.words.encode()) == reason.end - reason.start


def plainly(done: Reading) -> tuple[object, ...]:
    """What is the same however a text was packed or encoded."""
    (file,) = done.analysis.files
    return done.events.drop("offset").rows(), done.analysis.templates, file.parsed, file.rejected, file.error


@given(lines=LINES.filter(lambda lines: any(line.strip() for line in lines)), ending=ENDINGS)
@settings(max_examples=4 * MORE)
def test_utf16_marks_and_compression_change_nothing_that_is_shown(lines: list[str], ending: str) -> None:
    text = "first line\n" + ending.join(lines) + ending
    plain = read(text)
    for packed in (
        b"\xef\xbb\xbf" + text.encode(), gzip.compress(text.encode()),
        text.encode("utf-16"), text.encode("utf-32"), gzip.compress(text.encode("utf-16")),
    ):  # fmt: skip
        assert plainly(read(packed)) == plainly(plain)


def account(done: Reading) -> list[tuple[object, ...]]:
    """Incidents without what tells in which file and line a sample was."""
    return sorted(
        (one.id, one.title, one.rule_id, one.entity, one.count, one.score, str(one.first_seen), str(one.last_seen))
        for one in done.incidents
    )  # fmt: skip


TIMED = LINES.map(
    lambda lines: [line for line in lines if line[:1] in "M22"] or [KINDS[0].format(m=1, s=1, n=1)]
)


@given(lines=TIMED, cuts=st.lists(st.integers(0, 60), max_size=4))
@settings(max_examples=5 * MORE)
def test_the_same_lines_in_several_files_are_the_same_incidents(lines: list[str], cuts: list[int]) -> None:
    edges = sorted({0, len(lines), *(cut for cut in cuts if cut < len(lines))})
    parts = [lines[begin:end] for begin, end in pairwise(edges)]
    uploads = [
        (f"{number}.log", "".join(line + "\n" for line in part).encode()) for number, part in enumerate(parts)
    ]
    whole = read_uploads(("0.log", "".join(line + "\n" for line in lines).encode()), source="s")
    assert account(read_uploads(*uploads, source="s")) == account(whole)
    assert account(read_uploads(*reversed(uploads), source="s")) == account(whole)
