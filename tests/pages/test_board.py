"""The first screen of a shift: three answers without a click, and each act in at most two clicks from there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from soc import clock
from soc.domain.actor import Actor
from soc.domain.acts import Verdict
from soc.store.db import read_session, write_session
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.tickets import acts
from soc.ui.views.life import seat
from tests.pages.conftest import OpenPage, grids, read
from tests.rows import add_incident, add_person, add_ticket

FIRE, MINE, NEXT = "inc-fire", "inc-mine", "inc-next"


@pytest.fixture
def board(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Kim looks; one thing burns, one is hers, one runs out of time."""
    now = clock.now()
    with write_session() as session:
        add_person(session, "per-kim")
        add_person(session, "per-lee")
        add_incident(session, FIRE, score=10, title="Ransom note", created_at=now)
        add_incident(session, MINE, score=6, title="Odd login", owner="per-kim", created_at=now)
        add_incident(session, NEXT, score=7, title="Port scan", created_at=now)
        add_ticket(session, "SOC-7", incident_id=NEXT, created_at=now - timedelta(minutes=50))
    monkeypatch.setattr(seat, "person_id", lambda: "per-kim")
    monkeypatch.setattr(seat, "actor", lambda scope: Actor.said("per-kim"))
    return open_page("overview")


def incident(incident_id: str) -> IncidentRow:
    with read_session() as session:
        return get_incident(session, incident_id)


def test_what_burns_what_is_mine_and_what_runs_out_stand_there_without_a_click(board: AppTest) -> None:
    fire, mine, soon = grids(board)[:3]
    assert (fire.ids, mine.ids, soon.ids) == ([FIRE], [MINE], [NEXT])
    assert fire.column("what") == ["Ransom note critical · no ticket · unassigned"]
    assert "min left" in soon.column("time")[0]
    text = read(board)
    assert "1 critical" in text
    assert "Mine: Kim" in text


def test_acknowledging_and_taking_are_one_click_in_the_line(board: AppTest) -> None:
    page = grids(board)[0].act("acknowledge", FIRE)
    assert "Acknowledged." in read(page)
    page = grids(page)[0].act("take", FIRE)
    assert "Assigned to Kim." in read(page)
    row = incident(FIRE)
    assert (row.owner, row.acknowledged_by) == ("per-kim", "person:per-kim@said")
    assert grids(page)[0].column("time") == [""]  # nothing is left to be done there


def test_a_line_that_is_clicked_can_be_noted_given_and_closed_with_the_second_click(board: AppTest) -> None:
    page = grids(board)[2].open(NEXT)
    hidden = [button.key for popover in page.get("popover") for button in popover.get("button")]
    assert hidden
    assert f"button-give-per-lee-board-{NEXT}" not in hidden
    [form] = page.get("form")
    assert form.proto.form.enter_to_submit  # a field takes a click to write in: the keyboard adds the note
    assert form.get("button")[0].key == f"button-note-board-{NEXT}"
    page.text_area[0].set_value("Our own *scanner*.")
    page = page.button(key=f"button-note-board-{NEXT}").click().run()
    assert "Noted." in read(page)
    assert page.text_area[0].value == ""
    page = page.button(key=f"button-give-per-lee-board-{NEXT}").click().run()
    page = page.button(key=f"button-close-{Verdict.BENIGN}-board-{NEXT}").click().run()
    assert "Closed: Benign true positive." in read(page)
    row = incident(NEXT)
    assert (row.status, row.verdict, row.owner) == ("closed", "benign_true_positive", "per-lee")
    with read_session() as session:
        assert [one.text for one in list_notes(session, NEXT)] == ["Our own *scanner*."]


def test_who_comes_second_is_told_who_was_first_and_a_refusal_keeps_what_was_typed(board: AppTest) -> None:
    lee = acts.Asked(Actor.said("per-lee"), "lee")
    acts.perform(lambda session: acts.acknowledge(session, FIRE, lee))
    page = grids(board)[0].act("acknowledge", FIRE)
    assert "Lee acknowledged it" in read(page)
    page = grids(page)[0].open(FIRE)
    page.text_area[0].set_value("Same as before.")
    page = page.button(key=f"button-close-{Verdict.DUPLICATE}-board-{FIRE}").click().run()
    assert "Say of which incident it is a duplicate." in read(page)
    assert page.text_area[0].value == "Same as before."
    assert incident(FIRE).status == "open"


def test_lists_can_be_asked_for_mine_and_for_nobody_s(board: AppTest, open_page: OpenPage) -> None:
    assert grids(open_page("incidents", whose="Mine"))[0].ids == [MINE]
    assert grids(open_page("incidents", whose="Unassigned"))[0].ids == [FIRE, NEXT]
    assert len(grids(open_page("tickets", whose="Unassigned"))[0].ids) == 1
    assert grids(open_page("tickets", whose="Mine")) == []


def test_ticked_rows_are_closed_together_after_a_preview_and_taken_back(
    board: AppTest, open_page: OpenPage
) -> None:
    page = grids(open_page("incidents"))[0].tick(FIRE, NEXT, MINE)
    lee = acts.Asked(Actor.said("per-lee"), "lee")
    acts.perform(lambda session: acts.close(session, MINE, Verdict.BENIGN, lee))
    page = page.segmented_control(key="many-act-incidents").set_value("Close").run()
    page = page.selectbox(key="many-verdict-incidents").set_value("undetermined").run()
    assert "2 incidents would be changed. 1: Lee closed it" in read(page)
    assert incident(FIRE).status == "open"
    (button,) = [one for one in page.button if one.label == "Close 2"]
    page = button.click().run()
    assert [incident(one).status for one in (FIRE, NEXT)] == ["closed"] * 2
    (button,) = [one for one in page.button if one.label == "Undo 2"]
    page = button.click().run()
    assert "2 incidents as before." in read(page)
    assert [incident(one).status for one in (FIRE, NEXT)] == ["open"] * 2
