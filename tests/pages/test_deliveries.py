"""Deliveries: every one is in the table, explained, and can be tried again on purpose."""

from __future__ import annotations

from soc.store.db import read_session
from soc.store.nouns.deliveries.deliveries import get_delivery
from tests.pages.conftest import OpenPage, grids, read
from tests.pages.night import add_night

DEAD = "dlv-000000000001"
SUPPRESSED = "dlv-000000000004"
HELD = "dlv-000000000005"


def test_without_deliveries_the_page_says_where_they_come_from(open_page: OpenPage) -> None:
    assert "Nothing was to be delivered yet." in read(open_page("deliveries"))


def test_each_integrations_states_add_up_to_what_was_intended(open_page: OpenPage) -> None:
    add_night()
    counts = grids(open_page("deliveries"))[0]
    states = ["pending", "delivered", "retry", "unknown", "dead", "suppressed"]
    assert counts.column("total") == [str(sum(int(row[state]) for state in states)) for row in counts.rows]
    assert counts.column("held") == ["1", "0"]
    assert "sending" not in counts.rows[0]  # a state that nothing is in has no column


def test_a_link_can_ask_for_those_in_trouble(open_page: OpenPage) -> None:
    add_night()
    page = open_page("deliveries", state="dead")
    assert grids(page)[1].column("state") == ["dead"]


def test_what_the_filter_matches_can_be_exported(open_page: OpenPage) -> None:
    add_night()
    [export] = open_page("deliveries", state="dead").get("download_button")
    assert export.proto.label == "Export 1"


def test_a_delivery_shows_its_attempts_and_what_to_do(open_page: OpenPage) -> None:
    add_night()
    page = open_page("deliveries", delivery=DEAD)
    assert grids(page)[0].column("status") == ["404", "404", "404"]
    assert "Slack does not know the channel #soc-alert. (HTTP 404)" in read(page)
    assert "Check the channel's name; invite the bot." in read(page)


def test_trying_again_says_before_what_it_will_do_and_does_it(open_page: OpenPage) -> None:
    add_night()
    page = open_page("deliveries", delivery=SUPPRESSED)
    assert "Slack (practice): 1 held back on purpose before: **will be sent now**" in read(page)
    next(button for button in page.button if button.label == "Try again").click().run()
    assert "1 delivery goes out again." in read(page)
    with read_session() as session:
        assert get_delivery(session, SUPPRESSED).state == "pending"


def test_all_that_was_given_up_of_one_integration_is_shown_and_tried_again_at_once(
    open_page: OpenPage,
) -> None:
    add_night()
    assert "Given up:" not in read(open_page("deliveries"))
    page = open_page("deliveries", state="dead", integration="Slack")
    assert "**Given up: 1 delivery.**" in read(page)
    assert "Slack: 1 × send alert." in read(page)
    assert grids(page)[2].column("error") == ["Slack does not know the channel #soc-alert."]
    next(button for button in page.button if button.label == "Try it again").click().run()
    assert "1 delivery goes out again." in read(page)
    with read_session() as session:
        assert get_delivery(session, DEAD).state == "pending"


def test_a_held_delivery_says_what_it_waits_for(open_page: OpenPage) -> None:
    add_night()
    assert "It waits until its integration works again" in read(open_page("deliveries", delivery=HELD))


def test_a_delivery_that_nobody_knows_is_answered(open_page: OpenPage) -> None:
    assert "There is no delivery dlv-nowhere." in read(open_page("deliveries", delivery="dlv-nowhere"))
