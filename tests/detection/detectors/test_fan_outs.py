"""Port and web scans at their edges: how many things, within which time, and which lines become part of them."""

from __future__ import annotations

import pytest

from soc.detection.detect import Detection, detect_in_block
from soc.detection.detectors.kit.fan_out import is_fan_out
from soc.detection.detectors.kit.runs import runs_of
from soc.detection.rulebook import build_ruleset
from soc.detection.ruleset import Ruleset
from soc.detection.sessions.window import VALUES, Session
from soc.domain.incident import Incident
from tests.detection.blocks import Judged, block_of

HOUR = 3_600_000_000
DROP, ATTACK = "threat.firewall-drop", "web.sql-injection"


def incidents(lines: list[Judged], ruleset: Ruleset | None = None, **settings: object) -> list[Incident]:
    ruleset = ruleset or build_ruleset(
        changes={"detector": {"scan.web": settings, "scan.pages": {"enabled": False}}}
    )
    detection = Detection(ruleset)
    detection.add(detect_in_block(block_of(ruleset, lines))[0])
    return list(detection.findings("bat-1"))


def pages(count: int, gap: int = 1_000_000, ip: str | None = "203.0.113.9") -> list[Judged]:
    return [Judged(None, n * gap, ip=ip, score=1, path=f"/{n}") for n in range(count)]


def session(number: int, first: int | None, last: int | None, *values: int) -> Session:
    return Session(
        session=number, rule_id="scan.web", shape="", source="s", entity="e", score=1, classification="", confidence=0,
        line_no=1, template_id="", template="", file_no=0, message="", reasons="[]", n=1, first=first, last=last,
        first_seen=None, last_seen=None, values=list(values), samples=[],
    )  # fmt: skip


def test_twenty_different_pages_are_a_scan_and_nineteen_or_one_page_again_are_none() -> None:
    (found,) = incidents(pages(20))
    assert (found.rule_id, found.count, found.score, found.confidence) == ("scan.web", 20, 8, 0.9)
    assert found.reasons[0].title == "20 different paths not found for 203.0.113.9"
    assert (found.reasons[0].weight, found.reasons[0].attack) == (8, "T1595.003")
    assert incidents(pages(19)) == []
    assert incidents(pages(19) + pages(1)) == []


def test_pages_of_nobody_in_particular_are_no_scan() -> None:
    assert incidents(pages(20, ip=None)) == []


def test_pages_of_several_addresses_do_not_add_up() -> None:
    assert incidents(pages(19) + pages(19, ip="203.0.113.8")) == []


def test_the_number_the_score_and_the_window_are_settings() -> None:
    assert [found.score for found in incidents(pages(3), needed=3, score=5)] == [5]
    slow = pages(20, gap=60_000_000)
    assert incidents(slow, window_minutes=19)
    assert not incidents(slow, window_minutes=5)


def test_a_slow_walk_over_many_hours_needs_so_many_pages_in_each_window() -> None:
    assert incidents(pages(20, gap=HOUR // 19))
    assert not incidents(pages(40, gap=HOUR // 10))
    assert incidents(pages(60, gap=HOUR // 20))


def test_a_count_at_the_cap_says_at_least() -> None:
    titles = [incidents(pages(count))[0].reasons[0].title for count in (VALUES - 1, VALUES, VALUES + 1)]
    assert titles[0].startswith("511 different")
    assert titles[1].startswith("at least 512 different")
    assert titles[2].startswith("at least 512 different")


def test_named_probes_become_part_of_the_scan_and_attacks_in_earnest_do_not() -> None:
    probe, attack = Judged("web.scanner", 5, score=7, path="/x"), Judged(ATTACK, 5, score=8, path="/y")
    found = incidents([*pages(20), probe, attack])
    assert [(one.rule_id, one.count) for one in found] == [(ATTACK, 1), ("scan.web", 21)]
    assert [reason.title for reason in found[1].reasons[1:]] == ["Web scanner: 1 lines"]
    assert [one.rule_id for one in incidents([*pages(19), probe])] == ["scan.web"]
    assert [one.rule_id for one in incidents([*pages(18), probe])] == ["web.scanner"]


def test_a_probe_of_another_kind_stays_an_incident_of_its_own() -> None:
    drop = Judged(DROP, 5, score=5)
    assert {one.rule_id for one in incidents([*pages(20), drop])} == {"scan.web", DROP}


@pytest.mark.parametrize(("gap", "runs"), [(-1, 1), (0, 1), (1, 2)])
def test_sessions_follow_each_other_when_no_more_than_a_window_lies_between(gap: int, runs: int) -> None:
    found = runs_of([session(1, 0, 10), session(2, 10 + HOUR + gap, 10 + HOUR + gap)], HOUR)
    assert len(found) == runs


def test_a_run_reaches_to_its_latest_moment_not_to_its_last_session() -> None:
    (run,) = runs_of([session(1, 0, HOUR), session(2, 5, 6), session(3, 2 * HOUR, 2 * HOUR)], HOUR)
    assert [seen.reach for seen in run] == [HOUR, HOUR, 2 * HOUR]


def test_sessions_without_time_are_one_run_beside_the_timed_ones() -> None:
    runs = runs_of([session(1, None, None), session(2, 0, 0), session(3, None, None)], HOUR)
    assert [[seen.session.session for seen in run] for run in runs] == [[2], [1, 3]]


@pytest.mark.parametrize(("second", "found"), [(HOUR, True), (HOUR + 1, False)])
def test_enough_things_must_be_tried_within_one_window(second: int, found: bool) -> None:
    (run,) = runs_of([session(1, 0, 1, 1), session(2, second, second, 2)], HOUR)
    assert is_fan_out(run, 2, HOUR) is found


def test_a_burst_within_one_window_is_a_fan_out_however_long_the_address_stays() -> None:
    burst = [session(1, 0, 1, 1), session(2, 5, 5, 2)]
    later = [session(n, (n - 2) * HOUR, (n - 2) * HOUR, 1) for n in (3, 4, 5)]
    (run,) = runs_of([*burst, *later], HOUR)
    assert is_fan_out(run, 2, HOUR)
    assert not is_fan_out(run, 3, HOUR)


def test_enough_in_every_window_on_average_is_a_fan_out_without_a_burst() -> None:
    (run,) = runs_of([session(1, 0, HOUR + HOUR // 2, 1, 2, 3), session(2, 2 * HOUR, 2 * HOUR, 4)], HOUR)
    assert is_fan_out(run, 2, HOUR)
    (run,) = runs_of([session(1, 0, HOUR + HOUR // 2, 1, 2), session(2, 2 * HOUR, 2 * HOUR, 4)], HOUR)
    assert not is_fan_out(run, 2, HOUR)


@pytest.mark.parametrize(("second", "found"), [(HOUR, True), (HOUR + 1, False)])
def test_a_burst_ends_with_its_window(second: int, found: bool) -> None:
    later = [session(n, n * HOUR, n * HOUR, 2) for n in (2, 3, 4)]
    (run,) = runs_of([session(1, 0, 1, 1), session(2, second, second, 2), *later], HOUR)
    assert is_fan_out(run, 2, HOUR) is found


def test_a_scan_is_shown_by_the_session_that_tried_most() -> None:
    probe = Judged("web.scanner", 5, score=7, path="/x", template="of the probe")
    (found,) = incidents([probe, *pages(20)])
    assert (found.template, found.message) == ("t", "line 2")
