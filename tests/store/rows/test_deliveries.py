"""What pages, API and batch ask of the deliveries: which, in what order, how many of what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soc.domain.delivery import DeliveryState
from soc.errors import NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import (
    DeliveryCount,
    DeliveryFilter,
    count_by_integration,
    count_by_state,
    count_deliveries,
    count_held,
    count_suppressed,
    count_trouble,
    get_delivery,
    list_channels,
    list_deliveries,
    page_deliveries,
    walk_deliveries,
)
from tests.rows import NIGHT, add_batch, add_delivery, add_incident

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()
    with write_session() as session:
        add_batch(session, "b")
        add_batch(session, "other")


def test_deliveries_are_listed_by_their_last_change_and_walked_by_their_planning() -> None:
    with write_session() as session:
        add_incident(session, "inc-1")
        add_incident(session, "inc-2")
        add_delivery(
            session,
            "d1",
            batch_id="b",
            incident_id="inc-2",
            updated_at=NIGHT + 2 * HOUR,
            created_at=NIGHT + HOUR,
        )
        add_delivery(
            session, "d2", integration="slack", batch_id="b", updated_at=NIGHT + 3 * HOUR, state="dead"
        )
        add_delivery(session, "d3", incident_id="inc-1", batch_id="other", updated_at=NIGHT + HOUR)
    with read_session() as session:
        for words, listed, walked in (
            ({}, ["d2", "d1", "d3"], ["d2", "d3", "d1"]),
            ({"states": ("pending",)}, ["d1", "d3"], ["d3", "d1"]),
            ({"integration": "slack"}, ["d2"], ["d2"]),
            ({"integration": "jira"}, ["d1", "d3"], ["d3", "d1"]),
            ({"incident_id": "inc-1"}, ["d3"], ["d3"]),
            ({"incident_id": "inc-2"}, ["d1"], ["d1"]),
            ({"batch_id": "other"}, ["d3"], ["d3"]),
            ({"batch_id": "b"}, ["d2", "d1"], ["d2", "d1"]),
            ({"batch_id": "b", "states": ("dead",)}, ["d2"], ["d2"]),
            ({"incident_id": "inc-1", "integration": "slack"}, [], []),
        ):
            assert [row.id for row in list_deliveries(session, **words)] == listed, words
            assert [row.id for row in walk_deliveries(session, **words)] == walked, words
        assert [row.id for row in list_deliveries(session, offset=1, limit=1)] == ["d1"]
        assert [row.id for row in page_deliveries(session, sort="created_at").rows] == ["d2", "d3", "d1"]
        assert count_deliveries(session, DeliveryFilter(states=("pending", "sending"))) == 2


def test_a_delivery_that_is_not_there_is_not_found() -> None:
    with read_session() as session, pytest.raises(NotFound, match="no delivery d9"):
        get_delivery(session, "d9")


def test_deliveries_are_counted_by_state_and_a_state_without_any_has_none() -> None:
    with write_session() as session:
        add_delivery(session, "d1", batch_id="b", state="dead")
        add_delivery(session, "d2", batch_id="b", integration="slack", action="send_alert")
        add_delivery(session, "d3", batch_id="other", integration="slack")
    with read_session() as session:
        for words, found in (
            ({}, {"dead": 1, "pending": 2}),
            ({"batch_id": "b"}, {"dead": 1, "pending": 1}),
            ({"batch_id": "other"}, {"pending": 1}),
            ({"integration": "slack"}, {"pending": 2}),
            ({"integration": "jira"}, {"dead": 1}),
            ({"action": "send_alert"}, {"pending": 1}),
            ({"action": "open_ticket"}, {"dead": 1, "pending": 1}),
        ):
            counts = count_by_state(session, **words)
            assert set(counts) == {state.value for state in DeliveryState}
            assert {state: number for state, number in counts.items() if number} == found, words


def test_what_waits_for_a_person_is_held_and_what_has_its_next_try_is_not() -> None:
    with write_session() as session:
        for state in DeliveryState:
            add_delivery(session, f"held-{state}", batch_id="b", state=state.value)
            add_delivery(session, f"due-{state}", batch_id="b", state=state.value, next_try_at=NIGHT)
        add_delivery(session, "slack", batch_id="other", integration="slack", created_at=NIGHT + HOUR)
    with read_session() as session:
        counts = count_by_integration(session)
        assert {one.state for one in counts if one.held and one.integration == "jira"} == {
            "pending", "retry", "unknown",
        }  # fmt: skip
        assert {one.deliveries for one in counts if one.integration == "jira"} == {2}
        assert {one.held for one in counts} == {0, 1}
        alone = [DeliveryCount("slack", "pending", 1, 1)]
        assert count_by_integration(session, batch_id="other") == alone
        assert count_by_integration(session, since=NIGHT + HOUR) == alone
        assert (count_held(session, batch_id="b"), count_held(session, batch_id="other")) == (4, 1)


def test_only_what_somebody_should_look_at_is_trouble() -> None:
    with write_session() as session:
        for number, state in enumerate((*DeliveryState, DeliveryState.DEAD)):
            add_delivery(session, f"d{number}", state=state.value)
    with read_session() as session:
        assert count_trouble(session) == {"dead": 2, "unknown": 1, "retry": 1}


def test_what_was_not_sent_on_purpose_is_counted_by_its_reason() -> None:
    with write_session() as session:
        for number, (batch, state, reason) in enumerate(
            [("b", "suppressed", "muted"), ("b", "suppressed", "muted"), ("b", "suppressed", "practice"),
             ("b", "dead", "muted"), ("other", "suppressed", "muted")]
        ):  # fmt: skip
            add_delivery(session, f"d{number}", batch_id=batch, state=state, reason=reason)
    with read_session() as session:
        assert count_suppressed(session, batch_id="b") == {"muted": 2, "practice": 1}


def test_a_batch_s_channels_are_those_that_are_told_of_a_new_incident() -> None:
    with write_session() as session:
        for number, (batch, integration, action) in enumerate(
            [("b", "slack", "send_alert"), ("b", "slack", "send_alert"), ("b", "slack", "update_alert"),
             ("b", "webhook", "update_alert"), ("other", "pagerduty", "send_alert")]
        ):  # fmt: skip
            add_delivery(session, f"d{number}", batch_id=batch, integration=integration, action=action)
    with read_session() as session:
        found = list_channels(session, "b", always={"jira": "open_ticket", "slack": "none"})
    assert found == {"jira": "open_ticket", "slack": "send_alert"}
