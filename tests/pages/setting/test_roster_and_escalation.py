"""The roster and the escalation in the browser: who is on duty and why, who would be told when, and where that has holes."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from soc import clock
from soc.escalation.carriers import guide_chain
from soc.escalation.chains import read_chains
from soc.store.db import read_session, write_session
from soc.store.nouns.escalation.escalation_clock import Tick, note_tick
from soc.store.nouns.people.people import list_people
from soc.store.nouns.people.roster import list_shifts
from tests.escalation.world import at, make_world, open_tickets
from tests.pages.conftest import OpenPage, read
from tests.rows import NIGHT


def test_the_roster_page_shows_presence_load_and_who_is_next_and_adds_a_shift(open_page: OpenPage) -> None:
    make_world()
    page = open_page("roster")
    text = read(page)
    assert "on call at any time" in text
    assert "Lea: critical goes to the lead of Security" in text
    page.button(key="button-add-shift-per-ana").click().run()
    with read_session() as session:
        (shift,) = list_shifts(session)
    assert (shift.person_id, shift.as_shift().words) == ("per-ana", "Mon–Fri 08:00–16:00 UTC")


def test_a_person_is_added_from_an_empty_roster(open_page: OpenPage) -> None:
    page = open_page("roster")
    page.text_input(key="person-name").set_value("Mia Berg")
    page.text_input(key="person-team").set_value("Security").run()
    page.button(key="button-add-person").click().run()
    with read_session() as session:
        (person,) = list_people(session)
    assert (person.name, person.role, person.team_id is not None) == ("Mia Berg", "analyst", True)
    assert "Mia Berg" in read(page)


def test_the_escalation_page_shows_what_was_told_what_comes_and_who_would_be_told(
    open_page: OpenPage,
) -> None:
    with time_machine.travel(NIGHT, tick=False) as travel:
        make_world()
        open_tickets(1)
        at(travel, 31)
        text = read(open_page("escalation"))
    assert "told Mia (Slack)" in text
    assert "Executive notification" in text
    assert "Every step reaches somebody at every moment." in text
    assert "Eva (Slack), PagerDuty" not in text  # it is not connected


def test_a_clock_that_stands_still_is_told_on_every_page(open_page: OpenPage) -> None:
    with write_session() as session:
        note_tick(session, Tick(clock.now() - timedelta(minutes=7)))
    for name in ("overview", "escalation"):
        assert "Nobody is told: the escalation's clock has not run for 7 min" in read(open_page(name))


def test_a_chain_is_changed_on_the_page_as_it_stands(open_page: OpenPage) -> None:
    page = open_page("escalation")
    page.button(key="change-guide").click().run()
    page.text_input(key="chain-name-guide").set_value("Nights").run()
    assert "cannot be read" not in read(page)
    page.button(key="button-save-chain-guide").click().run()
    with read_session() as session:
        (chain,) = read_chains(session)
    assert (chain.name, chain.version) == ("Nights", 2)
    assert chain.steps == guide_chain().steps
    assert chain.ack_minutes == guide_chain().ack_minutes
