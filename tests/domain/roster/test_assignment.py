"""Critical to the security lead, high to who is available, the rest in turn; each choice explains itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from soc.domain.roster.assignment import Candidate, Choice, choose
from soc.domain.severity import Priority

LEAD = Candidate("p-lea", "Lea", "lead", "Security", True, "on shift", 3)
OTHER = Candidate("p-nils", "Nils", "lead", "Network", True, "on shift", 0)
ANA = Candidate("p-ana", "Ana", "analyst", "Security", True, "on shift", 4)
BEN = Candidate("p-ben", "Ben", "analyst", "Security", True, "on shift", 1)
CAI = Candidate("p-cai", "Cai", "analyst", "Security", True, "on shift", 1)
BOSS = Candidate("p-max", "Max", "manager", "Security", True, "on call", 0)
ALL = [LEAD, OTHER, ANA, BEN, CAI, BOSS]


def _choose(priority: Priority, people: list[Candidate], **more: str) -> Choice:
    return choose(priority, people, security_team="security", **more)  # type: ignore[arg-type]


def _off(one: Candidate, until: datetime | None = None) -> Candidate:
    return replace(one, on_duty=False, why="off shift", until=until)


def test_critical_goes_to_the_security_lead_and_then_to_who_is_nearest() -> None:
    assert _choose(Priority.HIGHEST, ALL).person_id == "p-lea"
    away = _choose(Priority.HIGHEST, [_off(LEAD), *ALL[1:]])
    assert away.person_id == "p-nils"
    assert away.passed == (("Lea", "off shift"),)
    no_lead = _choose(Priority.HIGHEST, [_off(LEAD), _off(OTHER), ANA, BEN, CAI, BOSS])
    assert no_lead.person_id == "p-ben"
    night = _choose(Priority.HIGHEST, [_off(one) for one in ALL])
    assert (night.person_id, "nobody is on duty" in night.why) == ("p-lea", True)


def test_high_goes_to_the_analyst_on_duty_with_the_fewest_open_tickets() -> None:
    assert _choose(Priority.HIGH, ALL).person_id == "p-ben"
    waited = replace(BEN, last_given=datetime(2026, 1, 1, tzinfo=UTC))
    chosen = _choose(Priority.HIGH, [ANA, waited, CAI])  # Cai has had none yet
    assert chosen.person_id == "p-cai"
    assert ("Ana", "4 open tickets") in chosen.passed
    assert _choose(Priority.HIGH, [_off(BEN), ANA, LEAD]).person_id == "p-ana"


def test_high_at_night_waits_for_who_comes_first() -> None:
    later, sooner = datetime(2026, 1, 2, 9, tzinfo=UTC), datetime(2026, 1, 2, 6, tzinfo=UTC)
    chosen = _choose(Priority.HIGH, [_off(ANA, later), _off(BEN, sooner), _off(LEAD)])
    assert chosen.person_id == "p-ben"


def test_the_round_goes_on_after_the_last_one_and_begins_again() -> None:
    turns, last = [], ""
    for _ in range(6):
        last = _choose(Priority.MEDIUM, ALL, last_turn=last).person_id
        turns.append(last)
    assert turns == ["p-ana", "p-ben", "p-cai"] * 2
    assert _choose(Priority.LOW, [ANA, _off(BEN), CAI], last_turn="p-ana").person_id == "p-cai"
    # who gave the last turn may have left meanwhile
    assert _choose(Priority.LOWEST, [ANA, CAI], last_turn="p-ben").person_id == "p-cai"


def test_whoever_is_out_of_office_gets_nothing_in_the_round() -> None:
    gone = replace(_off(ANA), out_of_office=True, why="out of office")
    chosen = _choose(Priority.MEDIUM, [gone, _off(BEN), _off(CAI)])
    assert (chosen.person_id, chosen.passed) == ("p-ben", (("Ana", "out of office"),))


def test_more_than_twelve_open_tickets_is_said() -> None:
    assert _choose(Priority.HIGH, [replace(ANA, open_tickets=11)]).warning == ""
    held = [_choose(Priority.HIGH, [replace(ANA, open_tickets=many)]) for many in (11, 12, 13, 200)]
    assert [one.crosses for one in held] == [False, True, False, False]  # the log tells of it once
    assert "13 open tickets" in _choose(Priority.HIGH, [replace(ANA, open_tickets=12)]).sentence


def test_an_empty_roster_leaves_it_to_nobody_and_says_why() -> None:
    for priority in Priority:
        chosen = _choose(priority, [BOSS] if priority is Priority.LOW else [])
        assert (chosen.person_id, chosen.sentence.startswith("Nobody: ")) == ("", True)
