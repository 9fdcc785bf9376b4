"""The trail of logins: what adds up over blocks, and whose failures count before whose success."""

from __future__ import annotations

from collections.abc import Sequence

from soc.detection.detectors.kit.login_trail import (
    Trail,
    failures_before,
    merge_trails,
    most_within,
    trail_of,
)
from soc.detection.rulebook import build_ruleset
from tests.detection.blocks import Judged, block_of

RULESET = build_ruleset()
HOUR = 3_600_000_000
FAILING, SUCCEEDING = ("auth.failed-password", "auth.pam-failure"), ("auth.accepted",)
FAILED, PAM, ACCEPTED = Judged(FAILING[0], 5), Judged(FAILING[1], 5), Judged(SUCCEEDING[0], 5)


def trail(*blocks: Sequence[Judged]) -> Trail:
    marks = []
    for number, lines in enumerate(blocks):
        block = block_of(RULESET, lines, number, 1 + 100 * number)
        found = trail_of(block.with_parts(block.clock), FAILING, SUCCEEDING)
        assert found is not None
        marks.append(found)
    return merge_trails(marks)


def before(found: Trail) -> list[int]:
    return failures_before(found, HOUR)["n"].to_list()


def test_failures_of_one_minute_add_up_over_blocks() -> None:
    assert before(trail([FAILED] * 2, [FAILED] * 3, [ACCEPTED])) == [5]
    assert most_within(trail([FAILED] * 2, [FAILED] * 3), HOUR) == {"203.0.113.9": 5}


def test_a_failure_at_the_very_moment_of_the_success_counts() -> None:
    assert before(trail([FAILED, ACCEPTED])) == [1]


def test_of_two_kinds_of_failures_the_more_frequent_counts_and_they_do_not_add_up() -> None:
    assert before(trail([FAILED, PAM, PAM, ACCEPTED])) == [2]
    assert most_within(trail([FAILED, PAM, PAM]), HOUR) == {"203.0.113.9": 2}


def test_without_an_address_the_user_counts_and_without_both_nobody() -> None:
    lines = [Judged(FAILING[0], 5, ip=None, user="eve"), Judged(SUCCEEDING[0], 6, ip=None, user="eve")]
    found = failures_before(trail(lines), HOUR)
    assert (found["entity"].to_list(), found["n"].to_list()) == (["user eve"], [1])
    nobody = [Judged(FAILING[0], 5, ip=None), Judged(SUCCEEDING[0], 6, ip=None)]
    assert before(trail(nobody)) == []


def test_of_one_minute_the_first_success_stays_whatever_block_it_is_in() -> None:
    later, earlier = Judged(SUCCEEDING[0], 9), Judged(SUCCEEDING[0], 7)
    assert trail([FAILED, later], [earlier]).successes["when"].to_list() == [7]


def test_a_block_without_logins_leaves_no_trail() -> None:
    assert trail_of(block_of(RULESET, [Judged("threat.apt")]), FAILING, SUCCEEDING) is None


def test_failures_are_counted_by_minute_and_without_times_by_64_lines_of_their_file() -> None:
    timed = trail([Judged(FAILING[0], at) for at in (0, 59_999_999, 60_000_000, 119_999_999, 120_000_000)])
    rows = timed.failures.sort("bucket").select("scope", "bucket", "n", "first", "last").rows()
    assert rows == [
        (-1, 0, 2, 0, 59_999_999), (-1, 1, 2, 60_000_000, 119_999_999), (-1, 2, 1, 120_000_000, 120_000_000),
    ]  # fmt: skip
    untimed = trail([Judged(FAILING[0], None)] * 128).failures.sort("bucket")
    assert untimed.select("scope", "bucket", "n", "first", "last").rows() == [
        (0, 0, 63, 1, 63), (0, 1, 64, 64, 127), (0, 2, 1, 128, 128),
    ]  # fmt: skip


def test_of_a_minute_that_a_success_cuts_the_share_before_it_counts_and_at_least_the_first() -> None:
    failures = [Judged(FAILING[0], at * 1_000_000) for at in (0, 10, 20, 30, 40)]
    cut = [
        before(trail([*failures, Judged(SUCCEEDING[0], at * 1_000_000)]))
        for at in (0, 1, 8, 9, 16, 17, 39, 40, 41)
    ]
    assert cut == [[1], [1], [1], [2], [2], [3], [5], [5], [5]]
    assert before(trail([*failures[1:], Judged(SUCCEEDING[0], 9_999_999)])) == []


def test_the_most_within_a_window_are_those_of_the_minutes_that_it_touches() -> None:
    def most(*minutes: int) -> int:
        lines = [Judged(FAILING[0], minute * 60_000_000) for minute in minutes]
        return most_within(trail(lines), HOUR)["203.0.113.9"]

    assert most(0, 59) == 2
    assert most(0, 60) == 1
    assert most(0, 30, 59, 89, 89, 89) == 5
    assert most(0, 0, 0, 200, 201) == 3
    assert most_within(trail([Judged(FAILING[0], None)] * 200), HOUR) == {"203.0.113.9": 200}
