from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc.domain.rule import GUIDE_RULES
from soc.domain.severity import PRIORITY_BY_SEVERITY, Priority, Severity, severity_of
from soc.domain.sla import GUIDE_THRESHOLDS, SlaState, due_at, state_of
from soc.domain.sla.thresholds import RESOLUTION_DEFAULTS
from soc.ids import derived_id, new_id

CREATED = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("score", "severity", "priority"),
    [
        (10, Severity.CRITICAL, Priority.HIGHEST), (9, Severity.CRITICAL, Priority.HIGHEST),
        (8, Severity.HIGH, Priority.HIGH), (7, Severity.HIGH, Priority.HIGH),
        (6, Severity.MEDIUM, Priority.MEDIUM), (5, Severity.MEDIUM, Priority.MEDIUM),
        (4, Severity.LOW, Priority.LOW), (3, Severity.LOW, Priority.LOW),
        (2, Severity.INFO, Priority.LOWEST), (1, Severity.INFO, Priority.LOWEST),
    ],
)  # fmt: skip
def test_a_score_has_its_severity_and_priority(score: int, severity: Severity, priority: Priority) -> None:
    assert severity_of(score) is severity
    assert PRIORITY_BY_SEVERITY[severity] is priority


@pytest.mark.parametrize("score", [0, 11, -3])
def test_a_score_outside_one_to_ten_is_refused(score: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 10"):
        severity_of(score)


@pytest.mark.parametrize(
    ("score", "classification", "matching"),
    [
        (9, "Error", ["severity-9"]),
        (9, "Security Alert", ["severity-9", "security-8"]),
        (8, "Security Alert", ["security-8"]),
        (8, "Critical Error", ["critical-8"]),
        (8, "Error", []),
        (7, "Security Alert", []),
    ],
)
def test_the_guide_s_three_triggers_match_what_the_guide_says(
    score: int, classification: str, matching: list[str]
) -> None:
    assert [
        rule.id for rule in GUIDE_RULES if rule.matches(score=score, classification=classification)
    ] == matching


def test_a_rule_that_did_not_match_says_what_would_have_changed_it() -> None:
    text = GUIDE_RULES[1].explain(score=7, classification="Error")
    assert "score 7 is below 8" in text
    assert "does not contain “Security”" in text


@pytest.mark.parametrize(
    ("priority", "hours"),
    [
        (Priority.HIGHEST, 1),
        (Priority.HIGH, 4),
        (Priority.MEDIUM, 24),
        (Priority.LOW, 72),
        (Priority.LOWEST, 168),
    ],
)
def test_a_ticket_is_due_when_the_guide_says(priority: Priority, hours: int) -> None:
    assert due_at(CREATED, priority, GUIDE_THRESHOLDS) == CREATED + timedelta(hours=hours)


def test_a_resolution_may_take_as_long_as_the_documentation_says() -> None:
    hours = {priority.value: target / timedelta(hours=1) for priority, target in RESOLUTION_DEFAULTS.items()}
    assert hours == {"Highest": 8, "High": 24, "Medium": 72, "Low": 168, "Lowest": 336}


@pytest.mark.parametrize(
    ("minutes", "resolved", "state"),
    [
        (29, None, SlaState.ON_TRACK), (30, None, SlaState.AT_RISK), (60, None, SlaState.AT_RISK),
        (61, None, SlaState.VIOLATED), (500, 60, SlaState.MET), (500, 61, SlaState.MISSED),
    ],
)  # fmt: skip
def test_a_clock_of_one_hour_stands_where_it_should(
    minutes: int, resolved: int | None, state: SlaState
) -> None:
    assert (
        state_of(
            created=CREATED,
            due=CREATED + timedelta(hours=1),
            resolved=None if resolved is None else CREATED + timedelta(minutes=resolved),
            now=CREATED + timedelta(minutes=minutes),
        )
        is state
    )


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_a_derived_id_is_the_same_each_time_and_safe_in_a_label(parts: list[str]) -> None:
    made = derived_id("inc", *parts)
    assert made == derived_id("inc", *parts)
    assert made.removeprefix("inc-").isalnum()
    assert len(made) == 16


def test_new_ids_differ() -> None:
    assert len({new_id("bat") for _ in range(1000)}) == 1000


def test_half_of_working_time_is_used_when_the_clock_says_so_and_not_half_way_between() -> None:
    due = CREATED + timedelta(hours=60)
    known = {"created": CREATED, "due": due, "resolved": None, "at_risk": CREATED + timedelta(hours=50)}
    assert state_of(**known, now=CREATED + timedelta(hours=49)) is SlaState.ON_TRACK  # type: ignore[arg-type]
    assert state_of(**known, now=CREATED + timedelta(hours=50)) is SlaState.AT_RISK  # type: ignore[arg-type]
    early = {**known, "at_risk": CREATED + timedelta(hours=1)}
    assert state_of(**early, now=CREATED + timedelta(hours=2)) is SlaState.AT_RISK  # type: ignore[arg-type]
