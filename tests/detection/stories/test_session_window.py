"""Sessions: where the window ends, which line speaks for them, and that cutting a file anywhere changes nothing."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soc.detection.detect import Detection, detect_in_block
from soc.detection.rulebook import build_ruleset
from soc.detection.ruleset import Ruleset
from soc.detection.sessions.window import forget_least
from soc.domain.incident import Incident
from tests.detection.blocks import Judged, block_of

RULESET = build_ruleset()
#: Everything is found at once.
EAGER = build_ruleset(
    changes={"detector": {"scan.web": {"needed": 2}, "auth.brute-force-success": {"guesses": 2, "many": 3}}}
)
FAILURE, SUCCESS, OTHER = "behaviour.failed-login", "auth.accepted", "threat.apt"
MINUTE, HOUR = 60_000_000, 3_600_000_000


def incidents(
    *blocks: list[Judged], order: list[int] | None = None, ruleset: Ruleset = RULESET, told: bool = False
) -> tuple[Incident, ...]:
    """Of lines cut into these blocks, which come in in this order; `told`: as stories."""
    detection = Detection(ruleset)
    firsts = [1 + sum(len(block) for block in blocks[:n]) for n in range(len(blocks))]
    for n in order if order is not None else range(len(blocks)):
        detection.add(detect_in_block(block_of(ruleset, blocks[n], n, firsts[n]))[0])
    return detection.settle("bat-1")[0].incidents if told else detection.findings("bat-1")


def counts(*blocks: list[Judged]) -> list[int]:
    return sorted(incident.count for incident in incidents(*blocks))


@pytest.mark.parametrize(("gap", "found"), [(HOUR - 1, [2]), (HOUR, [2]), (HOUR + 1, [1, 1])])
def test_a_quiet_time_of_one_window_is_still_one_session_and_a_microsecond_more_is_two(
    gap: int, found: list[int]
) -> None:
    first, second = Judged(OTHER, 5), Judged(OTHER, 5 + gap)
    assert counts([first, second]) == found
    assert counts([second, first]) == found
    assert counts([first], [second]) == found


def test_the_window_runs_from_the_latest_line_so_a_long_session_stays_one() -> None:
    lines = [Judged(OTHER, n * HOUR) for n in range(5)]
    assert counts(lines) == counts(lines[::2], lines[1::2]) == [5]


def test_lines_that_lie_within_another_blocks_session_join_it() -> None:
    long = [Judged(OTHER, n * HOUR) for n in range(10)]
    assert counts(long, [Judged(OTHER, HOUR), Judged(OTHER, 8 * HOUR)]) == [12]


def test_an_incident_spans_from_its_earliest_to_its_latest_line() -> None:
    lines = [Judged(OTHER, at * MINUTE) for at in (7, 3, 9, 5)]
    for blocks in ([lines], [lines[:1], lines[1:]], [lines[:2], lines[2:]]):
        (found,) = incidents(*blocks)
        assert found.first_seen is not None
        assert found.last_seen is not None
        assert (found.first_seen.minute, found.last_seen.minute) == (3, 9)


def test_lines_without_a_time_are_a_session_of_their_own() -> None:
    assert counts([Judged(OTHER, None), Judged(OTHER, 5), Judged(OTHER, None)]) == [1, 2]
    assert counts([Judged(OTHER, None)], [Judged(OTHER, 5)], [Judged(OTHER, None)]) == [1, 2]


@pytest.mark.parametrize("other", [{"ip": "203.0.113.1"}, {"template": "u"}, {"rule_id": FAILURE}])
def test_lines_of_another_address_template_or_signature_are_another_incident(other: dict[str, Any]) -> None:
    assert counts([Judged(OTHER), Judged(**{"rule_id": OTHER, **other})]) == [1, 1]


def test_what_a_server_answered_and_what_it_refused_of_one_attack_are_two_incidents() -> None:
    codes = (199, 200, 299, 300, 404)
    attacks = [Judged("web.xss", template=f"t{code}", status=code) for code in codes]
    found = {incident.count: incident.message for incident in incidents(attacks)}
    assert found == {3: "line 1", 2: "line 2"}
    assert counts([Judged("web.xss", template=f"t{n}") for n in range(2)]) == [1, 1]
    assert counts([Judged(OTHER, template=f"t{n}", status=200) for n in range(2)]) == [1, 1]


def test_lines_without_an_address_are_grouped_by_their_host() -> None:
    hosts = [Judged(OTHER, ip=None, host=name) for name in ("db1", "db1", "db2")]
    found = sorted((incident.entity, incident.count) for incident in incidents(hosts))
    assert found == [("db1", 2), ("db2", 1)]
    assert incidents(hosts[:1])[0].title == "Advanced persistent threat on db1"
    assert incidents([Judged(OTHER, host="db1")])[0].entity == "203.0.113.9"


def test_a_line_below_the_least_score_is_not_grouped_and_one_at_it_is() -> None:
    assert counts([Judged(OTHER, score=4)]) == []
    assert counts([Judged(OTHER, score=5)]) == [1]
    assert counts([Judged(None, score=9)]) == []


def test_an_incident_carries_its_strongest_line_and_of_equals_the_first() -> None:
    lines = [Judged(OTHER, n * MINUTE, score=score) for n, score in enumerate((6, 9, 7, 9))]
    for blocks in ([lines], [lines[:1], lines[1:]], [lines[:2], lines[2:]], [lines[:3], lines[3:]]):
        (found,) = incidents(*blocks)
        assert (found.score, found.message) == (9, "line 2")
        assert [sample.line_no for sample in found.samples] == [1, 2, 3, 4]
        backwards = incidents(*blocks, order=[*range(len(blocks))][::-1])
        assert backwards == (found,)


def test_an_incident_shows_its_first_five_lines() -> None:
    lines = [Judged(OTHER, 9 * MINUTE - n) for n in range(9)]
    (found,) = incidents(lines[:3], lines[3:])
    assert [sample.line_no for sample in found.samples] == [1, 2, 3, 4, 5]


def test_failed_logins_are_called_repeated_from_five_on() -> None:
    assert incidents([Judged(FAILURE)] * 4)[0].title == "Failed login from 203.0.113.9"
    assert incidents([Judged(FAILURE)] * 5)[0].title == "Repeated failed logins from 203.0.113.9"
    assert incidents([Judged(OTHER)] * 5)[0].title == "Advanced persistent threat from 203.0.113.9"
    assert incidents([Judged(OTHER, ip="2001:db8::1")])[0].title.endswith("from 2001:db8::1")
    assert incidents([Judged(OTHER, ip=None)])[0].title == "Advanced persistent threat"


def test_of_very_many_weak_sessions_those_that_tried_most_are_kept_and_no_strong_one_is_forgotten() -> None:
    rows = pl.DataFrame(
        {"rule_id": ["w", "w", "w", "s"], "values": [[1], [1, 2, 3], [1, 2], []], "n": [9, 3, 2, 1]}
    )
    assert forget_least(rows, ["w"], most=3).rows() == rows.rows()
    kept = forget_least(rows, ["w"], most=2)
    assert [(rule, n) for rule, _, n in kept.rows()] == [("s", 1), ("w", 3), ("w", 2)]


LINES = st.builds(
    Judged,
    rule_id=st.sampled_from([FAILURE, FAILURE, SUCCESS, OTHER, None]),
    at=st.one_of(
        st.none(), st.builds(lambda n, d: n * 20 * MINUTE + d, st.integers(0, 12), st.integers(-1, 1))
    ),
    ip=st.sampled_from(["203.0.113.9", "203.0.113.8", None]),
    score=st.sampled_from([4, 5, 6, 9]),
    template=st.sampled_from(["t", "u"]),
    path=st.sampled_from([None, None, "/a", "/b"]),
)


@settings(max_examples=30)
@given(st.data())
def test_however_a_file_is_cut_and_in_whatever_order_blocks_come_the_incidents_are_the_same(
    data: st.DataObject,
) -> None:
    lines = data.draw(st.lists(LINES, min_size=2, max_size=40))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(lines) - 1), min_size=1, max_size=8)))
    blocks = [lines[low:high] for low, high in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    order = data.draw(st.permutations(range(len(blocks))))
    for told in (False, True):
        assert incidents(*blocks, order=order, ruleset=EAGER, told=told) == incidents(
            lines, ruleset=EAGER, told=told
        )


def test_of_an_address_s_failed_logins_only_the_largest_session_rises_and_of_equals_the_first() -> None:
    def scores(*sizes: int) -> list[tuple[int, int]]:
        lines = [Judged(FAILURE, 5, template=f"t{n}") for n, size in enumerate(sizes) for _ in range(size)]
        found = sorted(incidents(lines), key=lambda incident: incident.template)
        return [(incident.count, incident.score) for incident in found]

    assert scores(9, 12) == [(9, 6), (12, 8)]
    assert scores(12, 9) == [(12, 8), (9, 6)]
    assert scores(10, 10) == [(10, 8), (10, 6)]
