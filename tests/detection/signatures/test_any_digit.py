"""Patterns with any digit find what they did, and whatever differs from that in digits only."""

from __future__ import annotations

import re

import pytest

from soc.detection.rulebook import build_ruleset
from soc.detection.signatures.any_digit import with_any_digit


@pytest.mark.parametrize(
    ("pattern", "loose"),
    [
        ("base64", r"base\d\d"),
        (r"4[0-4]\d{2,3}", r"\d[0-4\d]\d{2,3}"),
        (r"[\w.]{0,40}\x3c\b", r"[\w.]{0,40}\x3c\b"),
        ("[^0-4a-z]", r"[^a-z]"),
        ("[^57]", r"[\s\S]"),
        ("[]1]", r"[]1\d]"),
        (r"(?:25[0-5]|\.1)", r"(?:\d\d[0-5\d]|\.\d)"),
    ],
)
def test_digits_become_any_digit(pattern: str, loose: str) -> None:
    assert with_any_digit(pattern) == loose


def test_patterns_of_the_rules_stay_expressions() -> None:
    changed = 0
    for text, _ in build_ruleset().patterns():
        for one in text.split("\n"):
            re.compile(with_any_digit(one))
            changed += with_any_digit(one) != one
    assert changed > 20


def test_another_digit_is_found_where_one_was() -> None:
    text = 'GET /x HTTP/1.1" 404 5'
    loose = re.compile(with_any_digit(r"HTTP/\d\.\d\" 4[0-4]\d\b"))
    for digit in "0123456789":
        assert loose.search(text.replace("404", f"4{digit}{digit}"))
        assert loose.search(text.replace("404", f"{digit}04"))
