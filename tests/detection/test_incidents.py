"""Ownership: which finding gets which session and line, what remains, and whose score is lifted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from soc.detection.detect import Detection, detect_in_block
from soc.detection.detectors.brute_force import BruteForce, BruteForceSettings
from soc.detection.detectors.kit.declaration import Finding, Lift, Line
from soc.detection.detectors.port_scan import PortScan, PortScanSettings
from soc.detection.incidents import Ownership, Settled
from soc.detection.rulebook import build_ruleset
from soc.detection.sessions.window import Session
from soc.domain.classification import Classification
from tests.detection.blocks import Judged, block_of

RULESET = build_ruleset()
EARLY, LATE = BruteForce(BruteForceSettings(), RULESET), PortScan(PortScanSettings(), RULESET)
PLACES = pl.DataFrame(
    {"file_no": [0, 0], "block": [0, 0], "part": [0, 1], "session": [1, 2]},
    schema={"file_no": pl.Int32, "block": pl.Int32, "part": pl.Int32, "session": pl.UInt32},
)


def session(number: int, n: int = 1, rule_id: str = "threat.apt", score: int = 6) -> Session:
    return Session(
        session=number, rule_id=rule_id, shape=f"{number}", source="s", entity="e", score=score,
        classification=Classification.SECURITY_ALERT, confidence=0.9, line_no=number, template_id="t", template="t",
        file_no=0, message="m", reasons="[]", n=n, first=number, last=number, first_seen=None, last_seen=None, values=[],
        samples=[],
    )  # fmt: skip


def finding(name: str, score: int = 6, **owned: Any) -> Finding:
    return Finding(
        identity=(name,), title=name, entity="e", source="s", score=score, confidence=0.9, count=4, first_seen=None,
        last_seen=None, message="m", template_id="t", template="t", reasons=(), samples=(), **owned,
    )  # fmt: skip


def settled(*sessions: Session, early: Any = (), late: Any = ()) -> Settled:
    ownership = Ownership("bat-1", RULESET, sessions)
    ownership.take(EARLY, list(early))
    ownership.take(LATE, list(late))
    return ownership.settle(PLACES)


def test_a_session_that_a_finding_took_is_seen_by_no_later_detector_and_is_no_incident_of_its_own() -> None:
    ownership = Ownership("bat-1", RULESET, [session(1), session(2)])
    ownership.take(EARLY, [finding("one", sessions=(1,))])
    assert [left.session for left in ownership.remaining] == [2]
    done = ownership.settle(PLACES)
    assert [found.title for found in done.incidents] == ["one", "Advanced persistent threat on e"]
    assert done.owner == {1: done.incidents[0].id, 2: done.incidents[1].id}


def test_of_one_score_incidents_are_listed_by_their_detectors_order_with_plain_ones_between() -> None:
    done = settled(session(1), early=[finding("early")], late=[finding("late"), finding("strong", 7)])
    assert [found.title for found in done.incidents] == [
        "strong", "early", "Advanced persistent threat on e", "late",
    ]  # fmt: skip


def test_a_line_that_was_taken_counts_no_more_where_it_was() -> None:
    done = settled(session(1, n=3), early=[finding("one", lines=(Line(0, 0, 7, 0),))])
    assert [(found.title, found.count) for found in done.incidents] == [
        ("one", 4), ("Advanced persistent threat on e", 2),
    ]  # fmt: skip
    assert done.taken == ((Line(0, 0, 7, 0), done.incidents[0].id),)


def test_an_incident_whose_last_line_was_taken_goes_and_one_beside_it_stays() -> None:
    lines = (Line(0, 0, 7, 0), Line(0, 0, 8, 0), Line(0, 0, 9, None), Line(0, 1, 7, 1))
    done = settled(session(1, n=2), session(2, n=1), early=[finding("one", lines=lines)])
    assert [(found.title, found.count) for found in done.incidents] == [
        ("one", 4), ("Advanced persistent threat on e", 1),
    ]  # fmt: skip


def test_a_session_held_for_a_detector_that_does_not_take_it_is_nobodys() -> None:
    done = settled(session(1, rule_id="scan.web"))
    assert (done.incidents, done.owner) == ((), {})


def lift(score: int) -> Lift:
    return Lift(session=1, score=score, signature="made.lift", title="because", attack="T1110")


@pytest.mark.parametrize(
    ("score", "expected", "weights"), [(5, 6, []), (6, 6, []), (7, 7, [1]), (10, 10, [4])]
)
def test_a_lift_raises_and_says_by_how_much_and_never_lowers(
    score: int, expected: int, weights: list[int]
) -> None:
    (found,) = settled(session(1), early=[lift(score)]).incidents
    assert found.score == expected
    assert [reason.weight for reason in found.reasons] == weights


def test_a_lift_goes_to_whatever_incident_its_session_became_and_to_no_other() -> None:
    done = settled(session(1), session(2), early=[lift(9)], late=[finding("late", sessions=(1,))])
    assert [(found.title, found.score) for found in done.incidents] == [
        ("late", 9), ("Advanced persistent threat on e", 6),
    ]  # fmt: skip


def test_the_same_finding_has_the_same_id_and_another_batch_or_identity_another() -> None:
    def one(batch: str, name: str) -> str:
        ownership = Ownership(batch, RULESET, [])
        ownership.take(EARLY, [finding(name)])
        return ownership.settle(PLACES).incidents[0].id

    assert one("b", "n") == one("b", "n")
    assert len({one("b", "n"), one("c", "n"), one("b", "m")}) == 3


def test_of_a_line_that_two_detectors_hold_the_later_one_keeps_it() -> None:
    ruleset = build_ruleset(changes={"detector": {"scan.web": {"needed": 2}, "scan.ports": {"needed": 2}}})
    lines = [Judged(None, score=1, path=f"/{n}") for n in range(2)]
    block = block_of(ruleset, lines)
    both = block.events.with_columns(
        pl.lit("deny").alias("event.action"), pl.Series("raw", ["DPT=1", "DPT=2"])
    )
    detection = Detection(ruleset)
    detection.add(detect_in_block(replace(block, events=both))[0])
    assert [found.rule_id for found in detection.settle("b")[0].incidents] == ["scan.web"]
