"""Guessing by weak failures: how many, in which time, and that it is a step of the same story."""

from __future__ import annotations

from tests.detection.lines import WINDOW, missing
from tests.logs.reading import read

FOUND = "auth.guessing"


def refused(count: int, step: float = 1) -> str:
    return "".join(missing(n * step, "/login", status=401) for n in range(count))


def test_ten_logins_refused_within_the_window_are_guessing_and_nine_or_slower_ones_are_not() -> None:
    (found,) = read(refused(10)).of(FOUND)
    assert (found.entity, found.score, found.count) == ("203.0.113.9", 6, 10)
    assert sum(reason.weight for reason in found.reasons) == 6
    assert read(refused(9)).of(FOUND) == read(refused(30, WINDOW / 5)).of(FOUND) == []


def test_a_client_whose_key_is_no_longer_good_is_no_ticket_however_often_it_asks() -> None:
    (found,) = read(refused(60, 10)).of(FOUND)
    assert found.score == 6


def test_an_attack_of_the_same_address_and_its_guesses_are_one_story() -> None:
    done = read(refused(12) + missing(60, "/?f=../../../etc/passwd"))
    (story,) = done.incidents
    assert done.steps(FOUND) == [("203.0.113.9", 6, 12)]
    assert story.count == 13
