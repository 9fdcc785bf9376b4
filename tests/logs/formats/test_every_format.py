"""Walks the list of formats: what a format declares about itself is so, and its examples are read as it says."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from soc.logs.formats import all_formats, format_named, formats_by_file, names_of
from soc.logs.formats.kit.bodies import Body, Statement, read_statements
from soc.logs.formats.kit.declare import Example, Format, Header
from soc.logs.formats.kit.finding import members
from soc.logs.layout import LogFormat, ReadOptions
from soc.settings import ROOT
from tests.logs.formats.unjudged import read_text

FOLDER = ROOT / "soc/logs/formats"
EXAMPLES = [
    pytest.param(one, example, id=f"{one.name}-{number}")
    for one in all_formats()
    for number, example in enumerate(one.examples)
]
CHOOSABLE = [one for one in all_formats() if one.choosable]


@pytest.mark.parametrize(("one", "example"), EXAMPLES)
def test_an_example_gives_exactly_its_expected_fields(one: Format, example: Example) -> None:
    found, rows = read_text(example.text, example.file)
    lines = [row.pop("line format", "") for row in rows]
    assert rows == [dict(record) for record in example.records]
    if one.choosable:
        assert found == one.name
    elif one.body is None or one.body.names:  # else the header names such lines
        assert set(lines) == {one.name}


def test_every_format_has_an_example_and_says_what_it_is() -> None:
    for one in all_formats():
        assert one.examples, one.name
        assert one.title, one.name
        assert one.about.endswith("."), one.name
        assert one.choosable or one.header is not None or one.body is not None, (
            f"{one.name} can neither be chosen nor found in a line"
        )


def test_every_file_of_the_folder_is_a_format_and_the_kit_is_none() -> None:
    files = {
        path.stem for path in FOLDER.rglob("*.py") if path.stem != "__init__" and "kit" not in path.parts
    }
    assert files == set(formats_by_file())


def test_the_users_choices_are_the_choosable_formats_under_their_files_names() -> None:
    assert [one.value for one in LogFormat] == ["auto", *(one.name for one in CHOOSABLE)]
    assert (LogFormat.CSV, LogFormat.PLAIN, LogFormat.SYSLOG, LogFormat.JSON_LINES) == (
        "csv",
        "plain",
        "syslog",
        "jsonl",
    )
    assert [one.label for one in LogFormat][:2] == ["Found automatically", "CSV"]


def test_exactly_one_format_takes_what_no_other_does() -> None:
    assert names_of(lambda one: one.container.last_resort) == ["plain"]


def test_a_part_belongs_to_a_choosable_format() -> None:
    for one in all_formats():
        assert not one.part_of or format_named(one.part_of).choosable, one.name


def test_syslog_chosen_by_hand_refuses_the_lines_that_are_none() -> None:
    _, rows = read_text(
        "Mar  1 02:00:07 web1 app: x\nnot syslog", options=ReadOptions(format=LogFormat.SYSLOG)
    )
    assert [row.get("rejected_reason") for row in rows] == [
        None,
        "the line is not syslog, the format that was chosen",
    ]


def test_a_choice_that_has_no_lines_of_its_own_refuses_none_for_its_header() -> None:
    assert [members(name, all_formats()) for name in ("auto", "csv", "plain", "jsonl")] == [[]] * 4
    last = ["rfc5424", "syslog-counted", "rfc3164", "journal", "syslog-bare", "program-first", "priority"]
    assert members("syslog", all_formats())[-7:] == last


def test_a_name_that_is_no_ecs_field_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no ECS field .*: source\.adress"):
        Header(expression="^(?P<ip>.*)$", fields={"ip": "source.adress"})


def test_a_group_without_a_field_is_refused() -> None:
    with pytest.raises(ValueError, match=r"groups .* \{'ip'\}"):
        Header(expression="^(?P<ip>.*)$", fields={})


def test_every_format_is_documented() -> None:
    page = (ROOT / "docs/log-formats.md").read_text()
    assert [one.name for one in all_formats() if f"`{one.name}`" not in page] == []


def test_every_statement_is_an_expression_that_compiles() -> None:
    line = pl.Series(["x"])
    for one in all_formats():
        for statement in one.body.statements if one.body is not None else ():
            assert line.str.extract_groups(statement.whole).struct.field("told").to_list() == [None], (
                statement
            )


def test_a_line_of_a_statement_without_an_address_is_searched_for_one_where_the_family_says_so() -> None:
    body = pl.Series(["connection authorized: user=bob", 'FATAL:  role "eve" does not exist'])
    nothing = pl.Series([None, None], dtype=pl.String)
    family = Body(
        (Statement("connection", r"connection authorized: user=(?P<user_name>\w+)"),),
        signs=("connection", "role"),
    )
    for closed in (True, False):
        said = read_statements(body, nothing, pl.Series(["", ""]), [("x", replace(family, closed=closed))])
        assert said.fields["user.name"].to_list() == ["bob", None]
        assert said.told.to_list() == [closed, False]
        assert said.format.to_list() == ["x", ""]
