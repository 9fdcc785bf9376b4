"""The server's log lines: every part of the product may write them, and none holds an exception's text."""

from __future__ import annotations

from soc.errors import where_it_broke
from soc.json_log import _without_words


def test_a_part_that_says_where_it_broke_is_written_as_it_is() -> None:
    event = _without_words(
        None, "error", {"event": "page_part_not_drawn", **where_it_broke(ValueError("token"))}
    )
    assert event["exception"] == "ValueError"
    assert "token" not in str(event)


def test_a_rendered_exception_loses_its_text_at_any_depth() -> None:
    stack = {"exc_type": "E", "exc_value": "token", "exceptions": [[{"exc_type": "F", "exc_value": "token"}]]}
    assert "token" not in str(_without_words(None, "error", {"event": "x", "exception": [stack]}))


def test_the_engine_s_lines_lose_the_trace_that_stands_in_their_text() -> None:
    said = "Exception in schedule 'sweep': Traceback (most recent call last):\n  File …\nError: token\n"
    assert _without_words(None, "warning", {"event": said})["event"] == "Exception in schedule 'sweep':"
