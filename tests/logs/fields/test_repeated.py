"""`last message repeated` says again what the line before it says."""

from __future__ import annotations

import pytest

from tests.logs.reading import read

_SAID = "Failed password for deploy from 198.51.100.91 port 38830 ssh2"
_LINES = [f"May 23 11:27:10 h9 sshd[281]: {_SAID}\n", "May 23 11:27:14 h9 last message repeated 6 times\n"]
_ACCEPTED = "May 23 11:27:40 h9 sshd[281]: Accepted password for deploy from 198.51.100.91 port 38840 ssh2\n"


@pytest.mark.parametrize("size", [40, 100, 10_000])
def test_a_message_that_came_again_has_the_fields_of_the_line_before_however_blocks_are_cut(
    size: int,
) -> None:
    found = read("".join(_LINES * 3), block_bytes=size).cells(
        "source.ip", "user.name", "event.outcome", "classification"
    )
    assert set(found) == {("198.51.100.91", "deploy", "failure", "Security Alert")}


def test_it_counts_as_often_as_it_says() -> None:
    assert read("".join(_LINES) + _ACCEPTED).incidents[0].score == 10


def test_another_hosts_line_is_not_what_came_again() -> None:
    lines = [
        _LINES[0],
        _LINES[1].replace("h9", "h8"),
        "May 23 11:27:14 h9 app: last message repeated often\n",
    ]
    assert [ip for (ip,) in read("".join(lines)).cells("source.ip")] == ["198.51.100.91", None, None]
