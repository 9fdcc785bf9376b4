"""Whom a step reaches, who stands in, and where a chain has holes in the coming two weeks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from soc.domain.escalation.chain import GUIDE_CHAIN, Addressee, Chain, Step
from soc.domain.escalation.paths import check_paths
from soc.domain.escalation.reach import Carrier, Contact, Reach, reach
from soc.domain.roster.duty import Absence, Duty
from soc.domain.roster.shifts import Shift

MONDAY = datetime(2026, 1, 5, 10, tzinfo=UTC)
SLACK = Carrier("chat", "Slack", "slack_id", "Slack id")
CARRIERS = {
    "chat": SLACK,
    "comment": Carrier("comment", "Jira comment", of_ticket=True),
    "page": Carrier("page", "PagerDuty"),
}
DAY = Duty((Shift(frozenset(range(5)), time(8), time(16), "UTC"),))


def _person(name: str, role: str, duty: Duty = DAY, slack: str = "U1") -> Contact:
    return Contact(f"p-{name.lower()}", name, role, "Security", duty, {"slack_id": slack} if slack else {})


MIA, LEA, EVA = (
    _person("Mia", "manager"),
    _person("Lea", "lead", Duty()),
    _person("Eva", "executive", Duty(), ""),
)


def _reach(step: int, *people: Contact, now: datetime = MONDAY, owner: str = "") -> Reach:
    return reach(GUIDE_CHAIN, GUIDE_CHAIN.steps[step], people, CARRIERS, owner=owner, now=now)


def _names(found: Reach) -> list[tuple[str, str]]:
    return [(one.person.name if one.person else "", one.carrier.name) for one in found.told]


def test_a_step_tells_whom_it_names() -> None:
    found = _reach(0, MIA, LEA)
    assert (_names(found), found.missed, found.instead) == ([("Mia", "chat")], (), False)


def test_the_fallback_takes_over_and_says_why() -> None:
    found = _reach(0, MIA, LEA, now=MONDAY + timedelta(hours=8))
    assert _names(found) == [("Lea", "chat")]
    assert found.instead
    assert found.missed == ("Mia: off shift until Tue 2026-01-06 08:00 UTC",)


def test_who_has_no_address_at_one_channel_is_told_over_the_other() -> None:
    found = _reach(2, EVA)
    assert _names(found) == [("Eva", "page")]
    assert found.missed == ("Eva: no Slack id",)


def test_the_owner_and_the_ticket_itself_are_told_of_a_violation() -> None:
    ben = _person("Ben", "analyst")
    assert _names(_reach(1, ben, owner="p-ben")) == [("Ben", "chat"), ("", "comment")]
    assert "the roster has no lead" in _reach(1, ben, owner="p-ben").missed


def test_where_nobody_is_reachable_the_channel_as_a_whole_is_told() -> None:
    found = _reach(0)
    assert (_names(found), found.nobody, found.instead) == ([("", "chat")], True, True)
    assert found.missed == ("the roster has no manager", "the roster has no lead")
    away = {name: Carrier(name, name, trouble="Slack is not connected") for name in CARRIERS}
    silent = reach(GUIDE_CHAIN, GUIDE_CHAIN.steps[0], [MIA], away, owner="", now=MONDAY)
    assert (silent.told, silent.missed[0]) == ((), "Mia: Slack is not connected")


def _one_step(**more: object) -> Chain:
    step = Step(title="Tell", share=50, tell=(Addressee(kind="role", id="manager"),), channels=("chat",))
    return Chain(id="c", name="Chain", steps=(step,), **more)  # type: ignore[arg-type]


def test_the_path_check_finds_every_hole_of_two_weeks_to_the_minute() -> None:
    gap = Absence(MONDAY + timedelta(days=1), MONDAY + timedelta(days=1, minutes=7))
    cover = _person("Max", "manager", Duty(absences=(gap,)))
    holes = check_paths([_one_step()], [cover], CARRIERS, start=MONDAY)
    assert [(one.start, one.length, one.covered) for one in holes] == [
        (gap.start, timedelta(minutes=7), False)
    ]
    assert holes[0].why[0].startswith("Max: out of office until")


def test_a_hole_that_the_fallback_covers_is_told_apart() -> None:
    chain = _one_step(fallback=(Addressee(kind="role", id="lead"),))
    holes = check_paths([chain], [MIA, LEA], CARRIERS, start=MONDAY)
    assert {one.covered for one in holes} == {True}
    assert sum((one.length for one in holes), timedelta()) == timedelta(days=14) - 10 * timedelta(hours=8)
    assert check_paths([chain.model_copy(update={"enabled": False})], [], CARRIERS, start=MONDAY) == []


def test_an_empty_roster_is_one_hole_for_each_step() -> None:
    holes = check_paths([GUIDE_CHAIN], [], CARRIERS, start=MONDAY)
    assert [(one.step, one.covered, one.length) for one in holes] == [
        (n, False, timedelta(days=14)) for n in range(3)
    ]


def test_the_path_check_says_of_every_quarter_of_an_hour_what_reaching_says() -> None:
    early = Duty((Shift(frozenset(range(7)), time(5, 10), time(12, 50), "Europe/Berlin"),))
    away = Absence(MONDAY + timedelta(hours=1, minutes=5), MONDAY + timedelta(days=3))
    people = [
        _person("Mia", "manager", Duty(DAY.shifts, (away,))),
        _person("Ada", "manager", early),
        _person("Lea", "lead"),
    ]
    chain = _one_step(fallback=(Addressee(kind="role", id="lead"),))
    holes = check_paths([chain], people, CARRIERS, start=MONDAY, days=9)
    for quarter in range(9 * 24 * 4):
        moment = MONDAY + quarter * timedelta(minutes=15)
        found = reach(chain, chain.steps[0], people, CARRIERS, owner="", now=moment)
        here = [one.covered for one in holes if one.start <= moment < one.end]
        assert here == ([not found.nobody] if found.instead else []), moment
