"""What moved a ticket's clocks is told with the names of those who did it."""

from __future__ import annotations

import pytest

from soc.sla.explain import name_actor


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("", "somebody"),
        ("Ana Horvat", "Ana Horvat"),
        ("system:sla-watch@schedule", "the product (sla-watch)"),
        ("vendor:jira@report", "jira"),
        ("rule:severity-9@decision", "rule severity-9"),
    ],
)
def test_who_moved_a_clock_is_named_in_words(kept: str, words: str) -> None:
    assert name_actor(kept) == words
