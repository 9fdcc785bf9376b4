"""Where records end, held against a walk over the characters: tables, arrays of JSON, lines too long to hold."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soc.logs.formats.kit.tables import csv_records
from soc.logs.formats.kit.tables.csv_records import csv_fields, csv_record_ends, structural_quotes
from soc.logs.layout import Layout, LogFormat
from soc.logs.opening import blocks, json_array
from soc.logs.opening.blocks import cut_blocks, load_block
from soc.logs.opening.json_array import write_lines

SMALL = 12
#: As it is outside these tests.
PATIENCE, CAP = csv_records._PATIENCE, csv_records.QUOTED_CAP
TABLES = st.text(alphabet='a",\n\r;', max_size=60).map(str.encode)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "QUOTED_CAP", SMALL)
    monkeypatch.setattr(csv_records, "_PATIENCE", 3)


def quotes_of(data: bytes, delimiter: bytes) -> list[int]:
    edge = b'\n\r"' + delimiter
    return [
        at
        for at in range(len(data))
        if data[at : at + 1] == b'"'
        and (at == 0 or at + 1 == len(data) or data[at - 1] in edge or data[at + 1] in edge)
    ]


def ends_of(data: bytes, at_eof: bool) -> list[tuple[int, bool]]:
    """Record by record: it ends at the first newline outside quotes, or after its first line where that is too far."""
    quotes, found, begin, patience = set(quotes_of(data, b",")), [], 0, 3
    while begin < len(data):
        if not patience:  # line by line
            end = data.find(b"\n", begin) + 1
            found += [(end, False)] if end else []
            if not end:
                break
            begin = end
            continue
        inside, end = False, 0
        for at in range(begin, len(data)):
            inside ^= at in quotes
            if data[at] == 10 and not inside:
                end = at + 1
                break
        first = data.find(b"\n", begin) + 1
        if end:
            unclosed = end - begin > SMALL and first < end
        else:
            unclosed = first > 0 and ((at_eof and inside) or len(data) - begin > SMALL)
        if unclosed:
            patience -= 1
        if not end and not unclosed:
            break
        begin = first if unclosed else end
        found.append((begin, unclosed))
    if at_eof and data and (not found or found[-1][0] < len(data)):
        found.append((len(data), False))
    return found


@given(data=TABLES, at_eof=st.booleans())
@settings(max_examples=400, deadline=None)
def test_records_of_a_table_end_where_a_walk_says(data: bytes, at_eof: bool) -> None:
    array = np.frombuffer(data, np.uint8)
    assert structural_quotes(array, ",").tolist() == quotes_of(data, b",")
    ends, flags = csv_record_ends(array, ",", at_eof=at_eof)
    assert list(zip(ends.tolist(), flags.tolist(), strict=True)) == ends_of(data, at_eof)


@given(data=TABLES, delimiter=st.sampled_from(",;"), open_end=st.integers(-1, 3))
@settings(max_examples=300, deadline=None)
def test_fields_of_a_record_stand_where_a_walk_says(data: bytes, delimiter: str, open_end: int) -> None:
    array = np.frombuffer(data, np.uint8)
    found, _ = csv_record_ends(array, delimiter, at_eof=True)
    starts = np.concatenate((np.zeros(1, np.int64), found[:-1]))[: len(found)]
    ends = np.array(
        [end - data[start:end].endswith(b"\n") for start, end in zip(starts, found, strict=True)], np.int64
    )
    counts, places = csv_fields(array, delimiter, starts, ends, (0, 1, 2, 3, -1), open_end=open_end)
    assert set(places) == ({0, 1, 2, 3} if len(starts) else {0, 1, 2, 3, -1})
    quotes = quotes_of(data, delimiter.encode())
    for row, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        marks = [at for at in range(start, end) if data[at : at + 1] == delimiter.encode()
                 and sum(start <= quote < at for quote in quotes) % 2 == 0]  # fmt: skip
        edges = [start - 1, *marks, end]
        assert counts[row] == len(marks) + 1
        for column in range(4):
            left, right = (int(side[row]) for side in places[column])
            if column > len(marks):
                assert left == right
            else:
                stop = end if column == open_end else edges[column + 1]
                assert (left, right) == (edges[column] + 1, max(stop, edges[column] + 1))


@pytest.mark.parametrize(("over", "bad"), [(0, False), (1, True)])
def test_the_cap_of_a_quoted_field_is_kept_to_the_byte(over: int, bad: bool) -> None:
    record = b'"\n' + b"a" * (SMALL - 4 + over) + b'"\n'
    _, flags = csv_record_ends(np.frombuffer(record + b"x\n", np.uint8), ",", at_eof=True)
    assert flags.any() == bad
    long = b"a" * 99 + b"\n"
    assert csv_record_ends(np.frombuffer(long, np.uint8), ",", at_eof=True)[1].tolist() == [False]


def test_after_two_hundred_unclosed_quotes_the_rest_is_read_line_by_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_records, "_PATIENCE", PATIENCE)
    line = b'"' + b"a" * 20 + b"\n"
    ends, flags = csv_record_ends(np.frombuffer(line * 300, np.uint8), ",", at_eof=True)
    assert ends.tolist() == [len(line) * (n + 1) for n in range(300)]
    assert flags.tolist() == [True] * 200 + [False] * 100
    assert CAP == 256 * 1024


VALUES = st.recursive(
    st.one_of(st.integers(0, 99), st.text(alphabet='a"\\{}[], \n日', max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text("k]}", max_size=2), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip
OBJECTS = st.lists(st.dictionaries(st.sampled_from(["a", "b"]), VALUES, max_size=2), max_size=6)


@given(
    records=OBJECTS,
    chunk=st.integers(1, 40),
    indent=st.sampled_from([None, 1]),
    head=st.sampled_from(["", "\ufeff", " \n\t"]),
)
@settings(max_examples=150, deadline=None)
def test_an_array_is_written_a_record_a_line_however_it_is_read(
    tmp_path_factory: pytest.TempPathFactory, records: list[object], chunk: int, indent: int | None, head: str
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("array")
    (folder / "a").write_text(head + json.dumps(records, indent=indent, ensure_ascii=False) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_array, "_CHUNK", chunk)
        count = write_lines(folder / "a", folder / "b")
    lines = (folder / "b").read_text().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == records
    assert count == len(records)


def test_a_record_without_end_is_cut_and_what_follows_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_array, "_CHUNK", 100_000)
    monkeypatch.setattr(json_array, "_RECORD_CAP", 200_000)
    (tmp_path / "a").write_bytes(b'[{"a": 1}, {"b": "' + b"x" * 299_960 + b"y")
    assert write_lines(tmp_path / "a", tmp_path / "b") == 2
    assert [len(line) for line in (tmp_path / "b").read_bytes().splitlines()] == [8, 128 * 1024 - 2]


@pytest.mark.parametrize("giant", [16, 64])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_too_long_to_hold_is_a_block_of_its_own_and_the_next_begins_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, giant: int, end: bytes
) -> None:
    monkeypatch.setattr(blocks, "GIANT", giant)
    lines = [
        b"first\n",
        b"x" * 100 + b"\n",
        b"second\n",
        b"y" * (giant - 1) + b"\n",
        b"z" * 1_100_000 + b"\n",
        b"w" * 90 + end,
    ]
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines))
    layout = Layout("a.log", path, LogFormat.PLAIN)
    found, counted = cut_blocks(layout, start=0, first_line=1, block_bytes=8)
    data = path.read_bytes()
    assert [data[block.start : block.end] for block in found] == lines
    assert [block.first_line for block in found] == [1, 2, 3, 4, 5, 6]
    assert [block.index for block in found] == [0, 1, 2, 3, 4, 5]
    assert [block.load for block in found[:4]] == [6, 131_072, 7, giant]
    assert counted == data.count(b"\n") + (not end)
    assert load_block(layout, found[2]).data == b"second\n"


@given(
    data=st.text(alphabet="ab\r\n", max_size=80).map(str.encode),
    size=st.integers(1, 30),
    lone_cr=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_blocks_are_whole_lines_one_after_the_other(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, size: int, lone_cr: bool
) -> None:
    path = tmp_path_factory.mktemp("blocks") / "a"
    path.write_bytes(data)
    layout = Layout("a.log", path, LogFormat.PLAIN, lone_cr=lone_cr)
    found, counted = cut_blocks(layout, start=0, first_line=1, block_bytes=size)
    pieces = [data[block.start : block.end] for block in found]
    assert b"".join(pieces) == data
    ends = (b"\n", b"\r") if lone_cr else (b"\n",)
    assert all(piece.endswith(ends) for piece in pieces[:-1])
    assert not any(left.endswith(b"\r") and right.startswith(b"\n") for left, right in pairwise(pieces))
    mended = blocks.mend_newlines(data) if lone_cr else data
    assert counted == mended.count(b"\n")
    assert [block.first_line for block in found] == [
        1 + mended[: block.start].count(b"\n") for block in found
    ]
    text = b"".join(load_block(layout, block).data for block in found)
    assert text == mended
    starts = [int(at) for block in found for at in load_block(layout, block).line_starts]
    assert starts == ([0, *(at + 1 for at, byte in enumerate(mended[:-1]) if byte == 10)] if data else [])
