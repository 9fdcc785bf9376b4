"""A page's pass: how long it holds, what it lets in, what lies under it, and that nothing comes after its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from soc.batches import passes
from soc.batches.intake import Upload, keep_paste
from soc.batches.passes import (
    LIFE,
    MOST_FILES,
    NoPass,
    PassFull,
    admitted,
    close_pass,
    drop_kept,
    issue_pass,
    list_kept,
    next_number,
    renew_pass,
)
from soc.errors import Conflict
from soc.settings import get_settings
from tests.rows import NIGHT


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr(passes, "_passes", type(passes._passes)())
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


def come(token: str, number: int, text: str = "a line") -> Upload:
    """A file that came in whole."""
    upload = keep_paste(text)
    with admitted(token, number, upload.size) as came:
        came.append(upload)
    return upload


def lies(upload: Upload) -> bool:
    return (get_settings().data_dir / upload.path).is_file()


def test_a_pass_holds_for_its_time_and_anew_from_each_time_that_it_is_renewed(
    clock: time_machine.Traveller,
) -> None:
    token = issue_pass()
    clock.shift(LIFE - timedelta(seconds=1))
    first = come(token, 0)
    assert renew_pass(token) == token
    clock.shift(LIFE - timedelta(seconds=1))
    come(token, 1)
    clock.shift(timedelta(seconds=1))
    for unknown in (token, issue_pass()[:-1], "", "\udce4"):
        with pytest.raises(NoPass), admitted(unknown, 2, 1):
            raise AssertionError("was let in")
    assert [number for number, _ in list_kept(token)] == [0, 1]  # what came stays
    assert list_kept(token)[0] == (0, first)
    assert renew_pass("never heard of") != "never heard of"


def test_each_number_is_used_once_whatever_became_of_it_and_the_next_is_above_all() -> None:
    token = issue_pass()
    assert next_number(token) == next_number("unknown") == 0
    with pytest.raises(ZeroDivisionError), admitted(token, 4, 1):
        raise ZeroDivisionError  # the line broke
    assert (next_number(token), list_kept(token)) == (5, [])
    come(token, 0)
    assert next_number(token) == 5
    for number in (0, 4):
        with pytest.raises(Conflict, match="used already"), admitted(token, number, 1):
            raise AssertionError("was let in")
    for number in (-1, MOST_FILES):
        with pytest.raises(Conflict, match=f"takes {MOST_FILES} files"), admitted(token, number, 1):
            raise AssertionError("was let in")
    with admitted(token, MOST_FILES - 1, 1):
        pass


def test_one_file_is_as_large_as_any_may_be_and_all_together_twice_as_large_counting_what_is_on_its_way() -> (
    None
):
    token, largest = issue_pass(), get_settings().max_upload_bytes
    with (
        pytest.raises(PassFull, match=f"larger than {largest / 1024**2:,.0f} MiB"),
        admitted(token, 0, largest + 1),
    ):
        raise AssertionError("was let in")
    kept = come(token, 0)
    with (
        admitted(token, 1, largest),
        admitted(token, 2, largest - kept.size),
        pytest.raises(PassFull, match="together"),
        admitted(token, 3, 1),
    ):
        raise AssertionError("was let in")
    with admitted(token, 3, largest):  # what was cut off takes no room
        pass
    drop_kept(token, 0)
    with admitted(token, 4, largest), admitted(token, 5, largest):
        pass


def test_what_is_dropped_is_removed_and_what_a_batch_has_stays_where_it_lies() -> None:
    token = issue_pass()
    first, second = come(token, 1, "first"), come(token, 0, "second")
    assert list_kept(token) == [(0, second), (1, first)]
    drop_kept(token, 1)
    for nothing in ((token, 1), (token, 9), ("unknown", 0)):
        drop_kept(*nothing)
    assert (list_kept(token), lies(first), lies(second)) == ([(0, second)], False, True)
    close_pass(token)
    close_pass(token)
    assert (list_kept(token), lies(second)) == ([], True)


def test_a_file_that_was_on_its_way_when_the_page_went_on_is_removed() -> None:
    token, late = issue_pass(), keep_paste("late")
    with admitted(token, 0, late.size) as came:
        came.append(late)
        close_pass(token)
    assert not lies(late)
    assert renew_pass(token) != token


def test_beyond_so_many_passes_the_one_used_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "MOST_PASSES", 2)
    first, second = issue_pass(), issue_pass()
    assert renew_pass(first) == first
    third = issue_pass()
    assert len({first, second, third}) == 3
    assert renew_pass(second) != second  # forgotten; and now the first is
    assert renew_pass(third) == third
