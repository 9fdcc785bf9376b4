"""Failures before a success, and many failures: on either side of each threshold and of the window."""

from __future__ import annotations

import pytest

from tests.detection.lines import WINDOW, failure, failures, success
from tests.logs.reading import Reading, read, read_uploads

FOUND = "auth.brute-force-success"


def broken_in(done: Reading) -> list[tuple[str, int, int]]:
    return done.steps(FOUND)


@pytest.mark.parametrize(
    ("guesses", "found"), [(4, []), (5, [("203.0.113.9", 10, 1)]), (6, [("203.0.113.9", 10, 1)])]
)
def test_five_failures_before_a_success_are_a_guess_that_hit(guesses: int, found: list[object]) -> None:
    assert broken_in(read(failures(guesses) + success(60))) == found


@pytest.mark.parametrize(("after", "found"), [(WINDOW - 1, 1), (WINDOW, 1), (WINDOW + 1, 0), (3 * WINDOW, 0)])
def test_failures_count_for_as_long_as_the_window(after: int, found: int) -> None:
    assert len(broken_in(read(failures(5) + success(after)))) == found


def test_failures_from_before_the_window_are_not_added() -> None:
    assert broken_in(read(failures(20) + failures(4, 7000) + success(7100))) == []
    assert broken_in(read(failures(20) + failures(5, 7000) + success(7100))) == [("203.0.113.9", 10, 1)]


def test_the_window_is_the_one_that_was_set() -> None:
    text = failures(5) + success(300)
    assert len(broken_in(read(text, incident_window_minutes=5))) == 1
    assert len(broken_in(read(text, incident_window_minutes=4))) == 0


@pytest.mark.parametrize(
    "text",
    [
        success(0) + failures(9, 1),
        failures(9, 0, "203.0.113.8") + success(60),
        failures(4, 0) + failures(4, 0, "203.0.113.8") + success(60),
        failures(9),
        success(60) * 9,
    ],
    ids=["success first", "another address", "two addresses", "no success", "no failure"],
)
def test_what_is_no_guess_that_hit(text: str) -> None:
    assert broken_in(read(text)) == []


def test_failures_count_together_in_whatever_words_they_are_told() -> None:
    other = 4 * failure(1).replace("Failed password for", "authentication failure for user")
    assert broken_in(read(failures(4) + other + success(60))) == [("203.0.113.9", 10, 1)]


def test_failures_after_the_success_within_its_minute_do_not_count() -> None:
    assert broken_in(read(failures(2, 0) + success(1) + failures(9, 30))) == []


def test_successes_that_follow_each_other_are_one_incident_and_later_ones_another() -> None:
    first = failures(5) + success(100) + success(200) + success(201)
    later = failures(5, 20_000) + success(20_100)
    assert sorted(count for _, _, count in broken_in(read(first + later))) == [1, 2]


def test_it_says_how_many_which_line_and_quotes_both() -> None:
    done = read(failures(7) + success(100))
    incident = done.only(FOUND)
    assert incident.reasons[0].title == "7 failed logins of 203.0.113.9 and then a success (line 8 of a.log)"
    assert incident.reasons[0].words == "Accepted password for"
    assert [sample.line_no for sample in incident.samples] == [8, 1, 2, 3, 4, 5]
    assert (incident.classification, incident.priority) == ("Security Alert", "Highest")
    assert str(incident.first_seen) == "2026-03-01 02:00:00+00:00"
    assert str(incident.last_seen) == "2026-03-01 02:01:40+00:00"


def test_the_line_that_succeeded_belongs_to_it_and_counts_nowhere_else() -> None:
    done = read(failures(5) + success(100), incident_min_score=1)
    owner = done.events["incident_id"].to_list()
    assert owner[5] == done.only(FOUND).id
    assert sum(incident.count for incident in done.incidents) == 6


def test_failures_in_one_file_and_the_success_in_another_are_one_story() -> None:
    done = read_uploads(("a.log", failures(5).encode()), ("b.log", success(60).encode()))
    assert broken_in(done) == [("203.0.113.9", 10, 1)]
    assert done.only(FOUND).samples[0].file == "b.log"


def test_without_times_the_order_of_lines_decides() -> None:
    failed, worked = (
        f"sshd: {word} password for bob from 203.0.113.9 port 2\n" for word in ("Failed", "Accepted")
    )
    assert len(broken_in(read(failed * 5 + worked))) == 1
    assert len(broken_in(read(failed * 4 + worked))) == 0
    assert len(broken_in(read(worked + failed * 9))) == 0


def test_without_an_address_the_user_is_who_guesses() -> None:
    failed, worked = (f"sshd[1]: {word} password for bob\n" for word in ("Failed", "Accepted"))
    assert broken_in(read(failed * 5 + worked)) == [("user bob", 10, 1)]
    assert broken_in(read(failed * 5 + worked.replace("bob", "eve"))) == []


@pytest.mark.parametrize(("many", "score"), [(19, 5), (20, 8), (21, 8)])
def test_twenty_failures_within_the_window_are_worth_eight(many: int, score: int) -> None:
    incident = read(failures(many)).only("behaviour.failed-login")
    assert (incident.count, incident.score) == (many, score)
    assert sum(reason.weight for reason in incident.reasons) == score


@pytest.mark.parametrize(("after", "score"), [(WINDOW - 1, 8), (WINDOW + 60, 5)])
def test_twenty_failures_over_more_than_the_window_are_not(after: int, score: int) -> None:
    done = read(failures(1) + failures(1, 1800) + failures(18, after))
    assert done.only("behaviour.failed-login").score == score


def test_of_an_address_with_many_failures_the_largest_group_rises_and_no_other() -> None:
    other = 2 * failure(5).replace("Failed password for", "Failed keyboard-interactive/pam for")
    done = read(failures(20) + other + failures(3, 0, "203.0.113.8"))
    assert sorted(done.steps("behaviour.failed-login")) == [
        ("203.0.113.8", 5, 3), ("203.0.113.9", 5, 2), ("203.0.113.9", 8, 20),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("count", "title"), [(4, "Failed login from 203.0.113.9"), (5, "Repeated failed logins from 203.0.113.9")]
)
def test_five_failures_are_called_repeated(count: int, title: str) -> None:
    assert read(failures(count)).incidents[0].title == title
