"""Ticks: each step once, in order; one notice a recipient; acknowledgements stop, and run out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from soc import clock
from soc.domain.actor import Actor
from soc.domain.severity import Priority
from soc.escalation import chains
from soc.store.db import read_session, write_session
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.people.roster import AbsenceRow
from soc.store.nouns.tickets.tickets import get_ticket
from soc.tickets import acts
from soc.tickets.acts import Asked
from tests.escalation.world import (
    ANA,
    at,
    deliveries,
    make_world,
    open_ticket,
    open_tickets,
    step_rows,
    steps,
    told,
)
from tests.rows import NIGHT

MANAGER, VIOLATION, EXECUTIVE = "Manager notification", "SLA violation", "Executive notification"


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NIGHT, tick=False) as traveller:
        make_world()
        yield traveller


def _act(
    work: object, *args: object, actor: Actor = ANA, incident: str = "inc-SOC-1", key: str = "k"
) -> None:
    acts.perform(lambda session: work(session, incident, *args, Asked(actor, f"{key}-{clock.now()}")))  # type: ignore[operator]


def test_the_guides_chain_tells_the_manager_then_escalates_then_tells_the_executive(
    travel: time_machine.Traveller,
) -> None:
    (ticket,) = open_tickets(priority="High")  # four hours
    assert (at(travel, 119), told()) == (0, [])
    at(travel, 120)
    assert told() == [("Mia", [f"SOC-1 {MANAGER}"], [])]
    at(travel, 239)
    at(travel, 240)
    with read_session() as session:
        row = get_ticket(session, ticket.id or 0)
    assert (row.priority, row.due_at) == (
        Priority.HIGHEST,
        ticket.due_at,
    )  # raised; its clock is not aimed anew
    assert row.owner == "per-lea"
    assert told()[1:] == [("Lea", [f"SOC-1 {VIOLATION}"], [])]
    at(travel, 240 + 24 * 60)
    assert told()[2:] == [("Eva", [f"SOC-1 {EXECUTIVE}"], [])]
    assert [state for _, state in steps(ticket.id or 0)] == ["told"] * 3
    for minute in (1700, 2000):
        at(travel, minute)
    assert len(told()) == 3


def test_after_an_outage_over_three_thresholds_each_recipient_gets_one_notice(
    travel: time_machine.Traveller,
) -> None:
    tickets = open_tickets(13, priority="High")
    open_ticket(14, NIGHT + timedelta(hours=26), priority="High")
    assert at(travel, 28.5 * 60) == 14
    first, second = told()
    assert (first[0], len(first[1]), len(first[2])) == ("Eva", 10, 3)
    assert second == ("Mia", [f"SOC-14 {MANAGER}"], [])
    skipped = deliveries()[0].payload["skipped"][0]
    assert skipped.startswith(f"SOC-1 {MANAGER} (due 2026-01-15 00:00 UTC); SOC-1 {VIOLATION}")
    assert steps(tickets[0].id or 0) == [("Manager", "skipped"), ("SLA", "skipped"), ("Executive", "told")]
    with read_session() as session:  # what the skipped step does to the ticket is not moot
        assert get_ticket(session, tickets[0].id or 0).priority == Priority.HIGHEST


def test_a_clock_that_goes_back_three_hours_tells_nothing_twice(travel: time_machine.Traveller) -> None:
    open_tickets()
    at(travel, 65)
    before = told()
    for minute in range(-115, 66, 15):
        at(travel, minute)
    assert told() == before
    at(travel, 25 * 60)
    assert len(told()) == len(before) + 1


def test_an_acknowledgement_stops_what_is_planned_and_what_has_not_left(
    travel: time_machine.Traveller,
) -> None:
    (ticket,) = open_tickets()
    at(travel, 31)
    _act(acts.acknowledge)
    (delivery,) = deliveries()
    assert (delivery.state, delivery.reason) == ("cancelled", "acknowledged by Ana")
    assert [state for _, state in steps(ticket.id or 0)] == ["told", "stopped", "stopped"]
    assert at(travel, 60.9) == 0


def test_an_acknowledgement_runs_out_unless_something_moved(travel: time_machine.Traveller) -> None:
    first, second = open_tickets(2)
    at(travel, 10)
    _act(acts.acknowledge)
    _act(acts.acknowledge, incident="inc-SOC-2")
    at(travel, 20)
    _act(acts.add_note, "It is the backup job.", incident="inc-SOC-2")
    assert at(travel, 41) == 1  # 30 minutes after it, at Highest
    assert told() == [("Mia", [f"SOC-1 {MANAGER}"], [])]
    with read_session() as session:
        assert get_incident(session, "inc-SOC-1").acknowledged_at is None
        assert get_incident(session, "inc-SOC-2").acknowledged_at is not None
    at(travel, 3000)
    assert {state for _, state in steps(second.id or 0)} == {"cancelled"}
    assert [state for _, state in steps(first.id or 0)] == ["told", "skipped", "told"]


def test_an_answer_of_a_person_ends_it_and_one_of_the_product_does_not(
    travel: time_machine.Traveller,
) -> None:
    (ticket,) = open_tickets()
    _act(acts.assign, "per-lea", actor=Actor.rule("assignment"))
    at(travel, 31)
    assert len(told()) == 1
    _act(acts.assign, "per-ana", actor=ANA, key="again")
    assert [state for _, state in steps(ticket.id or 0)] == ["told", "cancelled", "cancelled"]
    assert step_rows(ticket.id or 0)[1].why == "answered by Ana (assign)"


def test_who_is_away_is_not_told_and_the_fallback_is_told_why(travel: time_machine.Traveller) -> None:
    open_tickets()
    with write_session() as session:
        absence = AbsenceRow(
            id="a", person_id="per-mia", start=NIGHT, end=NIGHT + timedelta(days=2), made_by="x"
        )
        session.add(absence)
    at(travel, 30)
    assert [one[0] for one in told()] == ["Lea"]
    assert (
        deliveries()[0]
        .payload["note"]
        .startswith("Not reached: Mia: out of office until Fri 2026-01-16 22:00 UTC.")
    )


def test_a_recipient_is_told_no_more_than_the_cap_and_the_rest_in_one_line(
    travel: time_machine.Traveller,
) -> None:
    with write_session() as session:
        guide = chains.read_chains(session)[0].model_copy(update={"cap_an_hour": 2})
        chains.replace_chain(session, guide, actor=ANA, now=clock.now())
    for number in range(1, 6):
        open_ticket(number, NIGHT + timedelta(minutes=2 * (number - 1)))
    for minute in range(28, 41):
        at(travel, minute)
    mine = [(one[1], one[2]) for one in told() if one[0] == "Mia"]
    assert mine == [([f"SOC-1 {MANAGER}"], []), ([f"SOC-2 {MANAGER}"], [])]
    at(travel, 90)
    assert [one[1:] for one in told() if one[0] == "Mia"][2:] == [
        ([f"SOC-{n} {MANAGER}" for n in (3, 4, 5)], [])
    ]
