"""The merge of one field of a ticket between here, there, and what both had."""

from __future__ import annotations

import pytest

from soc.tickets.sync.merge import Merged, merge

A, AB, B, ABC = ("a",), ("a", "b"), ("b",), ("a", "b", "c")


@pytest.mark.parametrize(
    ("local", "base", "remote", "merged"),
    [
        (None, None, "High", Merged("High", "High")),
        ("Low", "Low", "High", Merged("High", "High")),
        ("Low", "High", "High", Merged("Low", "High", tell=True)),
        ("Low", None, "High", Merged("Low", "High", tell=True)),
        ("Low", "High", "Low", Merged("Low", "Low")),
        ("Low", "High", "Highest", Merged("Low", "High", clash=True)),
    ],
)
def test_a_value_that_one_side_changed_holds_and_two_changes_wait_for_a_person(
    local: str | None, base: str | None, remote: str, merged: Merged
) -> None:
    assert merge(local, base, remote) == merged


@pytest.mark.parametrize(
    ("local", "base", "remote", "merged"),
    [
        (AB, A, A, Merged(AB, A, tell=True)),
        (A, A, AB, Merged(AB, AB)),
        (A, AB, AB, Merged(A, AB, tell=True)),
        (AB, AB, A, Merged(A, A)),
        (AB, A, ("a", "c"), Merged(ABC, ("a", "c"), tell=True)),
        (B, AB, ("a", "b", "c"), Merged(("b", "c"), ABC, tell=True)),
        (A, None, B, Merged(AB, B, tell=True)),
    ],
)
def test_of_members_that_both_sides_added_or_took_out_none_is_lost_and_the_other_side_is_told(
    local: tuple[str, ...], base: tuple[str, ...] | None, remote: tuple[str, ...], merged: Merged
) -> None:
    assert merge(local, base, remote, is_set=True) == merged
