"""A JSON array, objects over several lines and JSON lines are the same records."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.logs.reading import read

TEXT = st.text(alphabet="ab \"\\{}[],:\n\tü日/'", max_size=15).map(lambda text: "m" + text)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"message": TEXT, "host": st.sampled_from(["h1", "h2"])},
        optional={"pid": st.integers(0, 99), "nested": st.recursive(TEXT, st.lists, max_leaves=3)},
    ),
    min_size=1, max_size=8,
)  # fmt: skip


def lines(records: list[dict[str, object]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@given(records=RECORDS, indent=st.sampled_from([None, 1, 4]), ascii_only=st.booleans())
@settings(max_examples=16)
def test_an_array_is_cut_into_the_records_it_holds(
    records: list[dict[str, object]], indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(records, indent=indent, ensure_ascii=ascii_only)
    columns = ("message", "host.name", "process.pid", "line_no", "rejected_reason")
    assert read(text, "a.json").cells(*columns) == read(lines(records), "a.jsonl").cells(*columns)


@given(records=RECORDS)
@settings(max_examples=12)
def test_the_message_is_the_text_that_json_says(records: list[dict[str, object]]) -> None:
    done = read(lines(records), "a.jsonl")
    for record, (message, host) in zip(records, done.cells("message", "host.name"), strict=True):
        assert (message, host) == (str(record["message"]).rstrip("\r\n"), record["host"])


@given(records=RECORDS.filter(lambda records: len(records) > 1))
@settings(max_examples=10)
def test_objects_spread_over_lines_are_records_too(records: list[dict[str, object]]) -> None:
    text = "\n".join(json.dumps(record, indent=2) for record in records)
    columns = ("message", "host.name", "process.pid", "rejected_reason")
    assert read(text, "a.json").cells(*columns) == read(lines(records), "a.jsonl").cells(*columns)


@pytest.mark.parametrize(
    "line", ["nonsense", '{"message": "cut', "[1, 2]", "3", '"text"', '{"a":1}}', "null"]
)
def test_a_line_that_is_no_object_is_rejected_and_its_neighbours_are_not(line: str) -> None:
    done = read('{"message": "one"}\n' + line + '\n{"message": "three"}\n', "a.jsonl")
    reasons = done.events["rejected_reason"].to_list()
    assert reasons == [None, "the line is not one valid JSON object", None]
    assert done.events["message"].to_list() == ["one", line, "three"]


def test_what_a_broken_array_leaves_open_is_one_rejected_record() -> None:
    done = read('[{"message": "one"}, {"message": "two"}, {"message": "thr', "a.json")
    assert (done.analysis.parsed, done.analysis.rejected) == (2, 1)
    assert done.events["message"].to_list()[:2] == ["one", "two"]


def test_a_block_of_broken_lines_only_is_rejected_line_by_line_and_not_lost() -> None:
    text = '{"msg": "one"}\n' * 30 + '{"broken": \n' * 8
    reading = read(text, "a.jsonl", block_bytes=40)
    file = reading.analysis.files[0]
    assert (file.lines_in, file.parsed, file.rejected, file.error) == (38, 30, 8, "")


ODD: tuple[tuple[str, list[str]], ...] = (
    ('{"msg":"one"},\n{"msg":"two","v":NaN,"w":[-Infinity,NaN]}\n', ["one", "two"]),
    ('{"msg":"one"}{"msg":"two"} {"msg":"three }{\\""}\n', ["one", "two", 'three }{"']),
    (
        '{"owner":"1","logEvents":[{"id":"1","message":"one"},{"id":"2","message":"two"}]}\n' * 2,
        ["one", "two"] * 2,
    ),
    (
        '{"took":3,"_shards":{"total":1},"hits":{"total":{"value":2},"hits":[{"_id":"1","_source":{"message":"one"}},{"_id":"2","_source":{"message":"two"}}]}}',
        ["one", "two"],
    ),
    ('{"id":"x","events":[{"message":"inner"}],"msg":"one"}\n', ["one"]),
)


@pytest.mark.parametrize(("text", "said"), ODD)
def test_what_stands_around_and_between_objects_loses_none(text: str, said: list[str]) -> None:
    assert [message for (message,) in read(text, "a.json").cells("message")] == said
