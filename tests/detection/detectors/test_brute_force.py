"""Brute force at its edges: how many failures, how long before, and what becomes of the lines."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from soc.analysis import Analysis, export_events
from soc.detection.rulebook import build_ruleset
from soc.domain.incident import Incident
from soc.settings import Settings
from tests.detection.logs import analyse, login, logins

SECOND, HOUR = 1_000_000, 3_600_000_000
FIVE = [n * SECOND for n in range(5)]
ID = "auth.brute-force-success"


@pytest.fixture
def run(tmp_path: Path, settings: Settings):  # type: ignore[no-untyped-def]
    def analysed(text: str, **changes: object) -> Analysis:
        return analyse(text, tmp_path, settings, build_ruleset(changes={"detector": {ID: changes}}))

    return analysed


def broken_in(done: Analysis) -> list[Incident]:
    return [incident for incident in done.incidents if incident.rule_id == ID]


def test_five_failures_and_then_a_success_are_one_and_four_are_none(run) -> None:  # type: ignore[no-untyped-def]
    (found,) = broken_in(run(logins(FIVE, 9 * SECOND)))
    assert (found.score, found.confidence, found.count) == (10, 0.95, 6)
    assert (
        found.title == "SSH guessing from 203.0.113.9: 5 failures, user eve, 02:00 UTC, then success as eve"
    )
    assert found.reasons[0].title == "5 failed logins of 203.0.113.9 and then a success (line 6 of a.log)"
    assert found.reasons[0].words == "Accepted password for"
    assert (found.reasons[0].weight, found.reasons[0].attack) == (10, "T1110")
    assert [sample.line_no for sample in found.samples] == [6, 1, 2, 3, 4, 5]
    assert broken_in(run(logins(FIVE[:4], 9 * SECOND))) == []


def test_failures_after_the_success_do_not_count(run) -> None:  # type: ignore[no-untyped-def]
    text = logins(FIVE[:4], 9 * SECOND) + logins([70 * SECOND, 71 * SECOND])
    assert broken_in(run(text)) == []


def test_failures_of_another_address_do_not_count(run) -> None:  # type: ignore[no-untyped-def]
    text = logins(FIVE[:4]) + login(5 * SECOND, ip="203.0.113.10") + logins([], 9 * SECOND)
    assert broken_in(run(text)) == []


@pytest.mark.parametrize(("late", "found"), [(-1, True), (0, True), (1, False)])
def test_the_last_failure_lies_at_most_one_window_before_the_success(run, late: int, found: bool) -> None:  # type: ignore[no-untyped-def]
    success = FIVE[-1] + HOUR + late
    assert bool(broken_in(run(logins(FIVE, success)))) is found


def test_the_window_and_the_count_are_settings(run) -> None:  # type: ignore[no-untyped-def]
    near = logins(FIVE, FIVE[-1] + 120 * SECOND)
    assert broken_in(run(near, window_minutes=2))
    assert not broken_in(run(near, window_minutes=1))
    assert broken_in(run(logins(FIVE[:2], 9 * SECOND), guesses=2, score=7))[0].score == 7
    assert not broken_in(run(near, guesses=6))


@pytest.mark.parametrize(("after", "found"), [(0, 1), (1, 2)])
def test_successes_within_a_window_of_each_other_are_one_incident(run, after: int, found: int) -> None:  # type: ignore[no-untyped-def]
    again = 9 * SECOND + HOUR + after
    text = logins(FIVE, 9 * SECOND) + logins([again - SECOND * n for n in (6, 5, 4, 3, 2)], again)
    steps = [step.count for incident in broken_in(run(text)) for step in incident.steps if step.rule == ID]
    assert steps == ([2] if found == 1 else [1, 1])


def test_untimed_failures_count_within_their_file(run) -> None:  # type: ignore[no-untyped-def]
    lines = [login(0).split(" ", 1)[1] for _ in range(5)] + [login(0, failed=False).split(" ", 1)[1]]
    (found,) = broken_in(run("".join(lines)))
    assert (found.first_seen, found.samples[0].line_no) == (None, 6)


def test_the_success_line_belongs_to_the_finding_and_counts_no_more_in_its_session(
    run,
    tmp_path: Path,
    settings: Settings,  # type: ignore[no-untyped-def]
) -> None:
    ruleset = build_ruleset(min_score=1)
    done = analyse(logins(FIVE, 9 * SECOND, 4 * HOUR, 4 * HOUR + 1), tmp_path, settings, ruleset)
    (story,) = done.incidents
    counts = {(step.rule, step.count) for step in story.steps}
    assert counts == {(ID, 1), ("behaviour.failed-login", 5), ("auth.accepted", 2)}
    assert story.count == 8
    export_events(done.events_dir, tmp_path / "e.parquet")
    owner = pl.read_parquet(tmp_path / "e.parquet")["incident_id"].to_list()
    assert owner == [story.id] * 8


def many(run, count: int, gap: int = SECOND, **changes: object) -> Incident:  # type: ignore[no-untyped-def]
    (found,) = run(logins([n * gap for n in range(count)]), **changes).incidents
    return found


def test_twenty_failures_without_a_success_rise_and_nineteen_do_not(run) -> None:  # type: ignore[no-untyped-def]
    twenty, nineteen = many(run, 20), many(run, 19)
    assert (twenty.score, nineteen.score) == (8, 5)
    assert twenty.reasons[-1].title == "20 failures from 203.0.113.9 within 60 min"
    assert sum(reason.weight for reason in twenty.reasons) == twenty.score
    assert twenty.rule_id == nineteen.rule_id == "behaviour.failed-login"


def test_twenty_failures_over_more_than_a_window_do_not_rise(run) -> None:  # type: ignore[no-untyped-def]
    gap = HOUR // 19
    assert many(run, 20, gap).score == 8
    assert many(run, 20, gap + 120 * SECOND).score == 5


def test_a_lift_never_lowers(run) -> None:  # type: ignore[no-untyped-def]
    lifted = many(run, 20, many_score=3)
    assert lifted.score == 5
    assert [reason.signature for reason in lifted.reasons].count("auth.many-failures") == 0
    assert many(run, 5, many=5, many_score=9).score == 9
