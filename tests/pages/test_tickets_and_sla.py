"""Tickets and SLA: what was opened, where its clock stands, what the policy is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soc import clock
from soc.configuration import state
from soc.domain.actor import AT_A_PAGE
from soc.domain.sla.policy import GUIDE_POLICY
from soc.errors import FailureReason, TransientDeliveryError
from soc.sla import ledger
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.sla.sla_policies import list_in_force, put_version
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.tickets import sync
from tests.pages.conftest import OpenPage, grids, read
from tests.pages.night import BATCH, add_night
from tests.pages.test_overview import connect_practice
from tests.rows import NIGHT, add_ticket

_AS_IT_IS = state.integration_state


def _ready(kind: str) -> state.IntegrationState:
    return replace(_AS_IT_IS(kind), configured=True, source="store", enabled=True, practice=True)


def test_without_tickets_the_page_says_where_they_come_from(open_page: OpenPage) -> None:
    assert "Tickets are opened when logs are processed" in read(open_page("tickets"))


def test_two_conflicts_of_one_ticket_each_lead_to_it(open_page: OpenPage) -> None:
    add_night()
    with write_session() as session:
        ticket = add_ticket(session, "SOC-77")
        for field in ("priority", "assignee"):
            session.add(
                TicketConflictRow(
                    ticket_id=ticket.id or 0, field=field, reason=f"Both sides changed {field}.", made_by="x:y@unknown",
                    created_at=NIGHT, updated_at=NIGHT,
                )
            )  # fmt: skip
    page = open_page("tickets")
    links = [one for one in page.button if "77" in one.label]
    assert len(links) == 2
    links[1].click().run()
    assert not page.exception
    assert page.query_params["ticket"] == str(ticket.id)


def test_tickets_show_status_priority_clock_and_link(open_page: OpenPage) -> None:
    add_night()
    rows = grids(open_page("tickets"))[0]
    assert rows.column("sla") == ["violated", "on track", "at risk", "met"]
    assert rows.data["rows"][0]["cells"][0] == {
        "text": "SOC-124",
        "href": "http://127.0.0.1:8610/jira/browse/SOC-124",
    }
    assert rows.column("incident")[0] == "Port scan from one address"
    assert rows.column("entity")[0] == "203.0.113.7"
    assert rows.column("status") == [f"{one} practice" for one in ("In Progress", "Open", "Open", "Closed")]


def test_tickets_can_be_narrowed_to_a_batch_by_link(open_page: OpenPage) -> None:
    add_night()
    page = open_page("tickets", batch=BATCH, open="true")
    assert len(grids(page)[0]) == 3


def test_a_ticket_has_a_page_of_its_own(open_page: OpenPage) -> None:
    add_night()
    text = read(open_page("tickets", ticket="SOC-124"))
    assert "SOC-124 · [CRITICAL] Security Alert - ticket 124" in text
    assert "violated" in text
    assert "Its incident" in text


def _add_namesakes() -> tuple[str, str]:
    """SOC-1 in earnest and SOC-1 in practice; returns their numbers here."""
    migrate()
    with write_session() as session:
        real = add_ticket(session, "SOC-1", summary="in earnest")
        practice = add_ticket(session, "SOC-1", summary="a drill", practice=True, incident_id="inc-drill")
    return str(real.id), str(practice.id)


def test_a_practice_ticket_and_a_real_one_of_the_same_key_are_told_apart(open_page: OpenPage) -> None:
    real, practice = _add_namesakes()
    assert "SOC-1 · in earnest" in read(open_page("tickets", ticket=real))
    assert "SOC-1 · a drill" in read(open_page("tickets", ticket=practice))


def test_a_key_of_two_tickets_asks_which_one_is_meant(open_page: OpenPage) -> None:
    _, practice = _add_namesakes()
    page = open_page("tickets", ticket="SOC-1")
    assert "2 tickets have the key SOC-1." in read(page)
    next(button for button in page.button if button.label == "a drill").click().run()
    assert page.query_params["ticket"] == practice


def test_an_unknown_ticket_is_answered(open_page: OpenPage) -> None:
    assert "There is no ticket SOC-999 here." in read(open_page("tickets", ticket="SOC-999"))


def test_refreshing_asks_jira_and_says_what_changed(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "sync_tickets", lambda: 2)
    monkeypatch.setattr(state, "integration_state", _ready)
    add_night()
    page = open_page("tickets")
    page.button(key="button-sync-tickets").click().run()
    assert "Jira was asked: 2 tickets changed." in read(page)


def test_a_jira_that_is_away_is_named(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise TransientDeliveryError(
            "Jira did not answer.", reason=FailureReason.TIMEOUT, hint="Try again later."
        )

    monkeypatch.setattr(sync, "sync_tickets", refuse)
    monkeypatch.setattr(state, "integration_state", _ready)
    add_night()
    page = open_page("tickets")
    page.button(key="button-sync-tickets").click().run()
    assert "Jira did not answer." in read(page)


def test_without_jira_tickets_cannot_be_refreshed(open_page: OpenPage) -> None:
    assert open_page("tickets").button(key="button-sync-tickets").disabled


def test_the_policy_is_the_guides(open_page: OpenPage) -> None:
    policy = grids(open_page("sla"))[-1]
    assert policy.column("time") == ["1 hour", "4 hours", "24 hours", "72 hours", "1 week"]
    assert policy.column("description")[0] == "Critical security incidents"


def test_sla_counts_what_was_kept_and_what_was_not(open_page: OpenPage) -> None:
    add_night()
    page = open_page("sla")
    numbers = {metric.label: metric.value for metric in page.metric}
    assert numbers == {
        "Within SLA": "50%", "Open": "3", "At risk": "1", "Violated": "1", "Average resolution": "3 h",
    }  # fmt: skip


def test_the_clock_that_runs_out_first_is_on_top(open_page: OpenPage) -> None:
    add_night()
    assert grids(open_page("sla"))[0].column("key") == ["SOC-124", "SOC-123", "SOC-125"]


def test_sla_without_tickets_says_so(open_page: OpenPage) -> None:
    connect_practice()
    assert "No ticket was opened in this span (7 days)." in read(open_page("sla"))


def test_a_tickets_page_shows_both_clocks_and_pauses_them(open_page: OpenPage) -> None:
    migrate()
    with write_session() as session:
        row = add_ticket(session, "SOC-7", created_at=clock.now(), priority="High")
        ledger.opened(session, row, at=clock.now(), actor=AT_A_PAGE)
    page = open_page("tickets", ticket="SOC-7")
    shown = next(one for one in grids(page) if "clock" in one.rows[0])
    assert shown.column("clock") == ["response", "resolution"]
    assert shown.column("policy") == ["default v1"] * 2
    assert "by default version 1" in read(page)
    page.text_input(key="pause-why-1").set_value("The bank answers tomorrow.").run()
    page.button(key="button-pause-clocks-1").click().run()
    assert "paused" in read(page)


def test_a_policy_is_tried_and_saved_on_the_page(open_page: OpenPage) -> None:
    add_night()
    page = open_page("sla")
    page.button(key="change-policy-default").click().run()
    assert "open tickets the policy takes" in read(page)
    page.text_input(key="default-title").set_value("Ours").run()
    page.button(key="button-save-policy-default").click().run()
    with read_session() as session:
        [(policy, version)] = list_in_force(session)
    assert (policy.title, version) == ("Ours", 2)
    page.button(key="change-policy-default").click().run()
    page.text_area(key="default-more").set_value('{"time": {"week": {"monday": []}}}').run()
    assert "no working time at all" in read(page)


def test_a_policy_is_asked_earlier_by_a_click(open_page: OpenPage) -> None:
    migrate()
    with write_session() as session:
        for name in ("bank", "shop"):
            put_version(session, GUIDE_POLICY.model_copy(update={"id": name, "title": name}), actor=AT_A_PAGE)
    page = open_page("sla")
    page.button(key="button-policy-up-shop").click().run()
    with read_session() as session:
        assert [policy.id for policy, _ in list_in_force(session)] == ["shop", "bank", "default"]
    keys = {button.key for button in page.button}
    assert "button-policy-up-bank" in keys
    assert not keys & {"button-policy-up-shop", "button-policy-up-default"}
