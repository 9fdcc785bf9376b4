"""Escapes are undone as often as they lie within each other, and each byte keeps where it came from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc.detection.judging.scanning.decoded import decode_lines

CAP = 1 << 16


def decoded(*lines: str) -> list[str]:
    """The lines that hide something, in plain form."""
    data = [line.encode() for line in lines]
    sizes = np.array([len(line) for line in data], np.int64)
    starts = np.cumsum(sizes + 1) - sizes - 1
    found = decode_lines(b"\n".join(data) + b"\n", starts, starts + sizes, CAP)
    return found.data.decode().splitlines() if found else []


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("/%2e%2E%2fa", "/../a"), ("%252e%25252e", ".."), ("%%32%65", "."), ("%u002e%u2215%uff0e", "./."),
        ("%c0%ae%c0%af%c1%9c", "./\\"), ("%c0%2f", "/"), ("%e0%80%af", "/"), ("&lt;b&GT;&#60;&#x3c;&#0000060;", "<b><<<"),
        (r"\u003cb\x3E", "<b>"), ("1/**/union/*!50000select*/2", "1 union select 2"), ("&amp;lt;", "<"),
        ("a%00.png%0d%0aSet-Cookie", "a .png  Set-Cookie"), ("%27%2bor", "'+or"),
    ],
)  # fmt: skip
def test_each_way_to_hide_a_character_is_undone(written: str, plain: str) -> None:
    assert decoded(f"a {written} z") == [f"a {plain} z"]


@pytest.mark.parametrize(
    "line",
    ["100% & more", "%D0%BF%D1%80", "C:\\users\\x", "a&b;c", "%zz %", "a=1&lt=2", "glob /*.log"],
)
def test_what_hides_nothing_is_not_looked_at_again(line: str) -> None:
    assert decoded(line) == []


def test_only_the_lines_that_hide_something_are_decoded() -> None:
    assert decoded("plain", "b%61", "plain", "&lt;") == ["ba", "<"]


@given(st.lists(st.text(alphabet="%2eu0cf&#;x\\/*!alt", max_size=14), min_size=1, max_size=5))
def test_origins_rise_and_stay_within_their_line(lines: list[str]) -> None:
    data = [line.encode() for line in lines]
    sizes = np.array([len(line) for line in data], np.int64)
    starts = np.cumsum(sizes + 1) - sizes - 1
    block = b"\n".join(data) + b"\n"
    found = decode_lines(block, starts, starts + sizes, CAP)
    if found is None:
        return
    assert len(found.data) == len(found.origin)
    assert (np.diff(found.origin) > 0).all()
    newlines = np.flatnonzero(np.frombuffer(found.data, np.uint8) == 10)
    assert {block[at] for at in found.origin[newlines].tolist()} == {10}
