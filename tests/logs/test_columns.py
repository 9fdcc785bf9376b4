"""Which column is the message, the source and the time; and what is asked or said where that is in doubt."""

from __future__ import annotations

from typing import Any

import pytest

from soc.logs.formats.kit.declare import Found, Table
from soc.logs.formats.kit.tables.columns import (
    MESSAGE_NAMES,
    SOURCE_NAMES,
    TIME_NAMES,
    choose_columns,
    plain_name,
)
from soc.logs.layout import ReadOptions


def choose(header: list[str], body: list[list[str]] | None = None, **wishes: Any) -> tuple[Found, list[str]]:
    warnings: list[str] = []
    found = choose_columns(
        header,
        body or [],
        ";",
        has_header=True,
        lead=3,
        wishes=ReadOptions(**wishes),
        warnings=warnings,
    )
    assert list(found.warnings) == warnings
    assert found.header_lines == 3
    return found, warnings


def places(header: list[str], body: list[list[str]] | None = None, **wishes: Any) -> tuple[int, int, int]:
    """Of message, source and time."""
    table = choose(header, body, **wishes)[0].table
    assert table is not None
    return table.message, table.source, table.time


def test_names_are_known_however_they_are_written_and_in_the_order_of_their_list() -> None:
    assert [plain_name(name) for name in ("Log Message", "log_message", "LogMessage", "log-MESSAGE 9")] == [
        "logmessage", "logmessage", "logmessage", "logmessage9",
    ]  # fmt: skip
    assert places(["Date", "Time", "HOST", "Source", "Text", "Message"]) == (5, 3, 1)
    for at, known in enumerate((MESSAGE_NAMES, SOURCE_NAMES, TIME_NAMES)):
        for name in known:
            header = ["x", "message" if at else "y", name.upper()]
            assert places(header)[at] == 2, name


def test_a_column_is_not_two_things_at_once() -> None:
    assert places(["source", "x"], message_column="source") == (0, -1, -1)
    assert places(["source", "host"], message_column="source") == (0, 1, -1)
    assert places(["time", "date"], message_column="time") == (0, -1, 1)


def test_a_wish_goes_before_every_name_and_is_asked_about_where_there_is_no_such_column() -> None:
    header = ["message", "My Text", "host", "who", "time", "when"]
    wishes: dict[str, Any] = {"message_column": "My Text", "source_column": "who", "time_column": "WHEN"}
    assert places(header, **wishes) == (1, 3, 5)
    assert places(["My Text", "mytext"], message_column="mytext")[0] == 1
    found, _ = choose(header, message_column="nowhere", source_column="nowhere", time_column="nowhere")
    assert found.table == Table(";", tuple(header), -1, -1, -1, True)
    assert found.error == (
        "There is no column “nowhere”. Which column holds the message? Choose one of: "
        "message, My Text, host, who, time, when."
    )
    assert choose(["a"], message_column="b")[0].error == ""


def test_the_column_with_most_text_is_taken_and_that_is_said() -> None:
    body: list[list[str]] = [["aaaa", "bbb", "2026-03-01T00:00:00Z", "h" * 30], ["", "bbb"]]
    found, warnings = choose(["a", "b", "time", "host"], body)
    assert found.table is not None
    assert found.table.message == 1
    assert warnings == ["No column is called message: “b” is taken. Choose another if this is wrong."]
    assert found.error == ""
    assert places(["a", "b"], [["xx", "yy"]])[0] == 0
    assert places(["a", "b", "c"], [["x", "yy", "y"], ["", "", "y"]])[0] == 1
    assert places(["a", "b"], [["x"], ["x"], ["", "y"]])[0] == 0


def test_where_no_column_has_words_one_must_be_chosen_and_nothing_is_said_of_one_taken() -> None:
    found, warnings = choose(["a", "b"], [["", ""]])
    assert warnings == []
    assert found.error == "Which column holds the message? Choose one of: a, b."
    assert choose(["time", "host"], [["t", "h"]])[0].error
    assert choose(["time", "host"])[1] == []


def test_one_column_alone_is_the_message_and_nothing_is_said() -> None:
    assert choose(["anything"]) == (choose(["anything"])[0], [])
    assert places(["anything"]) == (0, -1, -1)


@pytest.mark.parametrize(("width", "guessed"), [(30, True), (31, False)])
def test_a_table_of_more_than_thirty_columns_is_not_guessed_at(width: int, guessed: bool) -> None:
    header = [f"c{n}" for n in range(width)]
    found, _ = choose(header, [["x"] * width])
    assert bool(found.error) is not guessed
    if not guessed:
        assert (
            found.error
            == f"Which column holds the message? Choose one of: {', '.join(header[:8])} … (31 columns)."
        )


@pytest.mark.parametrize("width", [8, 9])
def test_eight_columns_are_named_whole(width: int) -> None:
    header = [f"c{n}" for n in range(width)]
    error = choose(header, [[""] * width])[0].error
    assert error.endswith("c6, c7." if width == 8 else "c7 … (9 columns).")


def test_a_name_that_stands_twice_is_said_up_to_five_of_them() -> None:
    header: list[Any] = ["message", *"gfedcba", *"abcdefg"]
    assert choose(header)[1] == [
        "The header names a, b, c, d, e more than once: the first column of a name is used."
    ]
    assert choose(["message", "b"])[1] == []
