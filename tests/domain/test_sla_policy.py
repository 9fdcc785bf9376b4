"""What a policy may say, whom it takes, and which hours it reads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from soc.domain.severity import Priority
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import GUIDE_POLICY, Match, Policy, Subject, Target, WorkingTime, choose

OFFICE = dict.fromkeys(("monday", "tuesday"), ("09:00-17:00",))
EVERY = {priority: Target(response=30, resolution=60) for priority in Priority}


def policy(**values: Any) -> Policy:
    return Policy(**{"id": "bank", "title": "Bank", "targets": EVERY, **values})


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ({"zone": "Berlin"}, "no time zone"),
        ({"week": {"lundi": ["09:00-17:00"]}}, "“lundi” is no day of the week"),
        ({"days": {"12-24": []}}, "day and night has no closed days"),
        ({"country": "DE"}, "day and night has no closed days"),
        ({"holidays": ["2026-01-01"]}, "day and night has no closed days"),
        ({"week": {"monday": []}}, "no working time at all: give"),
        ({"week": OFFICE, "days": {"13-24": []}}, "“13-24” is no day"),
        ({"week": OFFICE, "days": {"2026-02-29": []}}, "“2026-02-29” is no day"),
        ({"week": OFFICE, "days": {"12-24": ["9-13"]}}, "“9-13” is no interval"),
        ({"week": OFFICE, "days": {"12-24": ["09:00-13:00", "12:59-14:00"]}}, "overlap"),
        ({"week": {"monday": ["09:00-12:00", "11:59-17:00"]}}, "overlap"),
        ({"week": {"sunday": ["22:00-06:00"], "monday": ["05:59-07:00"]}}, "sunday's last interval runs into monday's"),
        ({"week": {"friday": ["09:00-12:00", "22:00-06:00"], "saturday": ["05:00-07:00"]}}, "friday's last interval runs into"),
        ({"week": {"monday": ["00:00-24:00"]}, "holidays": [str(date(2024, 1, 1) + timedelta(days=7 * n)) for n in range(53)]},
         "no working time at all in 2024"),
    ],
)  # fmt: skip
def test_hours_that_cannot_be_kept_are_refused_with_what_is_wrong(time: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        WorkingTime(**time)


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("09:00-12:30", (540, 750)), ("22:00 – 06:00", (1320, 1800)), ("0:00-24:00", (0, 1440)), ("23:59-00:00", (1439, 1440)),
        ("24:00-06:00", None), ("09:00-09:00", None), ("09:60-10:00", None), ("09:5-10:00", None), ("09:00", None),
        ("09:00-24:01", None), ("x9:00-10:00", None), ("٠9:00-10:00", None), ("09.00-10.00", None), ("09:0x-10:00", None),
    ],
)  # fmt: skip
def test_an_interval_is_read_or_refused(text: str, interval: tuple[int, int] | None) -> None:
    if interval is None:
        with pytest.raises(ValidationError, match="is no interval"):
            WorkingTime(week={"friday": (text,)})
    else:
        assert WorkingTime(week={"friday": (text,)}).calendar().week[4] == (interval,)


def test_shifts_may_touch_and_stand_in_any_order() -> None:
    time = WorkingTime(week={"sunday": ("22:00-06:00",), "monday": ("13:00-17:00", "06:00-13:00")})
    assert time.calendar().week[0] == ((360, 780), (780, 1020))


def test_own_hours_win_over_a_holiday_and_a_holiday_over_the_week() -> None:
    days = {"2026-01-05": ("10:00-11:00",), "01-06": ("12:00-13:00",), "02-29": ()}
    closed = (date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 12))
    calendar = WorkingTime(week=OFFICE, holidays=closed, days=days).calendar()
    seen = [calendar.intervals_of(date(2026, 1, day)) for day in (5, 6, 12, 13)]
    assert seen == [((600, 660),), ((720, 780),), (), ((540, 1020),)]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"targets": {Priority.HIGH: EVERY[Priority.HIGH]}}, "no target for Highest, Medium, Low, Lowest"),
        ({"targets": {Priority.HIGH: {"response": 61, "resolution": 60}}}, r"\(61 min > 60 min\)"),
        ({"id": "default", "match": {"teams": ["a"]}}, "takes every ticket that no other takes"),
        ({"time": {"week": {"monday": ["09:00-09:01"]}}, "targets": {key: {"response": 1, "resolution": 262} for key in EVERY}},
         "262 minutes take more than five years"),
    ],
)  # fmt: skip
def test_a_policy_that_leaves_somebody_out_or_never_ends_is_refused(
    values: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        policy(**values)


def test_a_policy_for_some_priorities_covers_those_alone() -> None:
    some = policy(match=Match(priorities=(Priority.HIGH,)), targets={Priority.HIGH: EVERY[Priority.HIGH]})
    assert [some.covers(one) for one in (Priority.HIGH, Priority.LOW)] == [True, False]
    assert policy().covers(Priority.LOW)
    wide = policy(match=Match(priorities=(Priority.HIGH,)))
    assert not wide.covers(Priority.LOW), "it has a target, and is not for them"
    minute = {"week": {"monday": ["09:00-09:01"]}}
    assert policy(time=minute, targets={key: {"response": 1, "resolution": 261} for key in EVERY}), (
        "just in time"
    )


def test_every_condition_must_hold_in_any_case_of_letters() -> None:
    match = Match(sources=("Firewall", "IDS"), teams=("Night",))
    about = Subject(priority=Priority.LOW, source="ids", team="NIGHT")
    assert match.takes(about)
    assert not match.takes(about.model_copy(update={"team": ""}))
    assert not match.takes(about.model_copy(update={"source": "id"}))
    for name, value in (("projects", "SOC"), ("classes", "Error"), ("priorities", Priority.HIGH)):
        assert not Match(**{name: (value,)}).takes(about)
    assert Match(projects=("soc",), classes=("error",), priorities=(Priority.LOW,)).takes(
        about.model_copy(update={"project": "SOC", "classification": "Error"})
    )


def test_the_first_that_takes_it_is_its_policy_and_else_the_guides() -> None:
    one, two = policy(id="one", match={"sources": ["a"]}), policy(id="two")
    about = Subject(priority=Priority.LOW, source="a")
    assert (choose([one, two], about), choose([two, one], about)) == (one, two)
    assert choose([one], about.model_copy(update={"source": "b"})) is GUIDE_POLICY


def test_statuses_pause_in_any_case_of_letters_and_targets_are_minutes() -> None:
    waits = policy(pauses_in=("Waiting for customer",))
    assert (waits.pauses("waiting for CUSTOMER"), waits.pauses("Waiting")) == (True, False)
    target = Target(response=30, resolution=60)
    assert (target.of(ClockKind.RESPONSE), target.of(ClockKind.RESOLUTION)) == (
        timedelta(minutes=30), timedelta(hours=1),
    )  # fmt: skip
