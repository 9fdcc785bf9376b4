"""What the ledger and the sweep find: each condition with a row on either side of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.errors import NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.deliveries.outbox import (
    Earlier,
    count_dead,
    find_earlier,
    list_dead,
    list_known,
    list_open_ends,
    list_told,
    list_unlinked,
    lock_delivery,
    lock_held,
    may_have_arrived,
)
from soc.store.nouns.deliveries.outbox_due import Overdue, list_late, list_overdue
from tests.rows import NIGHT, add_delivery, add_incident, add_ticket

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def add(**rows: dict[str, Any]) -> None:
    with write_session() as session:
        for name, values in rows.items():
            add_delivery(session, name, **values)


def test_a_delivery_is_locked_by_its_id_and_none_is_not_found() -> None:
    add(d1={}, d2={})
    with write_session() as session:
        assert lock_delivery(session, "d2").id == "d2"
        with pytest.raises(NotFound, match="no delivery d9"):
            lock_delivery(session, "d9")


def test_held_is_what_waits_at_this_integration_without_a_next_try() -> None:
    add(below={"integration": "a"}, above={"integration": "slack"}, due={"next_try_at": NIGHT})
    add(**{state.value: {"state": state.value} for state in DeliveryState})
    with write_session() as session:
        assert {row.id for row in lock_held(session, "jira")} == {"pending", "retry", "unknown"}


@pytest.mark.parametrize("number", [1, 500, 501])
def test_known_deliveries_are_found_however_many_are_asked_for(number: int) -> None:
    add(**{f"d{one}": {} for one in range(number)})
    with read_session() as session:
        known = list_known(session, ["no", *(f"d{one}" for one in range(number))])
    assert known == {f"d{one}" for one in range(number)}


@pytest.mark.parametrize(
    ("kind", "outcome", "may"),
    [("send", "unknown", True), ("send", "interrupted", True), ("send", "", True), ("send", "failed", False),
     ("send", "delivered", False), ("reconcile", "unknown", False)],
)  # fmt: skip
def test_only_a_send_whose_outcome_is_not_known_may_have_arrived(kind: str, outcome: str, may: bool) -> None:
    add(d1={}, d2={})
    with write_session() as session:
        session.add(AttemptRow(delivery_id="d1", number=1, kind=kind, outcome=outcome, started_at=NIGHT))
    with read_session() as session:
        assert may_have_arrived(session, "d1") is may
        assert not may_have_arrived(session, "d2")


def test_an_earlier_message_is_an_unended_one_about_the_same_subject_at_the_same_place() -> None:
    about = {"subject": "inc-1", "next_try_at": NIGHT}
    add(
        ended={**about, "state": "delivered", "created_at": NIGHT - 9 * HOUR},
        elsewhere={**about, "integration": "slack", "created_at": NIGHT - 9 * HOUR},
        below={**about, "integration": "a", "created_at": NIGHT - 9 * HOUR},
        another={**about, "subject": "inc-2", "created_at": NIGHT - 9 * HOUR},
        nothing={**about, "subject": "", "created_at": NIGHT - 9 * HOUR},
        oldest={**about, "next_try_at": NIGHT + HOUR, "created_at": NIGHT - 2 * HOUR},
        older={**about, "next_try_at": None, "created_at": NIGHT - HOUR, "state": "retry"},
        own={**about},
        same={**about},
    )
    with read_session() as session:
        assert find_earlier(session, get_delivery(session, "own")) == Earlier(NIGHT + HOUR)
        assert find_earlier(session, get_delivery(session, "oldest")) is None
        assert find_earlier(session, get_delivery(session, "another")) is None


def test_a_held_message_stands_before_a_later_one_too() -> None:
    add(held={"subject": "inc-1"}, later={"subject": "inc-1", "created_at": NIGHT + TICK})
    with read_session() as session:
        assert find_earlier(session, get_delivery(session, "later")) == Earlier(None)


def test_late_is_what_is_grave_unsettled_and_planned_between_the_moments() -> None:
    base = {"score": 9, "action": "send_alert", "created_at": NIGHT}
    add(
        late=base,
        settled={**base, "state": "delivered"},
        light={**base, "score": 8},
        ticket={**base, "action": "open_ticket"},
        old={**base, "created_at": NIGHT - HOUR},
        new={**base, "created_at": NIGHT + HOUR},
        helped={**base, "fallback_at": NIGHT},
    )
    words = {"actions": ["send_alert"], "settled": ["delivered"], "score": 9}
    with read_session() as session:
        rows = list_late(session, **words, after=NIGHT - HOUR, before=NIGHT + HOUR)
        wide = list_late(session, **words, after=NIGHT - 2 * HOUR, before=NIGHT + 2 * HOUR, limit=2)
    assert [row.id for row in rows] == ["late"]
    assert len(wide) == 2


def test_open_ends_are_those_the_vendor_still_works_on_the_oldest_first() -> None:
    add(
        second={"open_end": True, "delivered_at": NIGHT + 2 * HOUR},
        first={"open_end": True, "delivered_at": NIGHT + HOUR},
        edge={"open_end": True, "delivered_at": NIGHT},
        closed={"delivered_at": NIGHT + HOUR},
    )
    with read_session() as session:
        assert [row.id for row in list_open_ends(session, since=NIGHT, limit=9)] == ["first", "second"]
        assert [row.id for row in list_open_ends(session, since=NIGHT, limit=1)] == ["first"]


def test_what_was_given_up_is_listed_the_oldest_first() -> None:
    dead = {"state": "dead"}
    add(
        b=dead,
        a=dead,
        old={**dead, "created_at": NIGHT - HOUR},
        elsewhere={**dead, "integration": "slack"},
        late={},
    )
    with read_session() as session:
        assert list_dead(session, "jira", limit=9) == ["old", "a", "b"]
        assert list_dead(session, "jira", limit=2) == ["old", "a"]
        assert list_dead(session, limit=9) == ["old", "a", "b", "elsewhere"]
        assert (count_dead(session, "jira"), count_dead(session, "")) == (3, 4)


def test_what_was_told_of_an_incident_is_listed_in_its_order() -> None:
    with write_session() as session:
        for name in ("inc-0", "inc-1", "inc-2"):
            add_incident(session, name)
    base = {"incident_id": "inc-1", "action": "send_alert", "integration": "slack"}
    add(
        d3={**base, "created_at": NIGHT + HOUR},
        d2=base,
        d1=base,
        d0={**base, "state": "dead"},
        before={**base, "incident_id": "inc-0"},
        after={**base, "incident_id": "inc-2"},
        update={**base, "action": "update_alert"},
        ticket={**base, "action": "open_ticket"},
        elsewhere={**base, "integration": "pagerduty"},
    )
    words: dict[str, Any] = {"action": "send_alert", "integrations": ["slack"]}
    with read_session() as session:
        assert [row.id for row in list_told(session, "inc-1", **words)] == ["d0", "d1", "d2", "d3"]
        pending = list_told(session, "inc-1", **words, states=[DeliveryState.PENDING])
    assert [row.id for row in pending] == ["d1", "d2", "d3"]


def test_unlinked_is_an_incident_whose_ticket_its_delivered_alert_does_not_show() -> None:
    there = {"remote_id": "1736.5", "key": "C1"}
    base = {"action": "send_alert", "integration": "slack", "state": "delivered", "receipt": there}
    with write_session() as session:
        for number in range(6):
            add_ticket(session, f"SOC-{number}")
            values = {**base, **({1: {"state": "dead"}, 2: {"integration": "pagerduty"}}.get(number, {}))}
            add_delivery(session, f"d{number}", incident_id=f"inc-SOC-{number}", **values)
        add_ticket(session, "SEC-0", incident_id="inc-SOC-0", integration="other")  # named once all the same
        add_ticket(session, "SOC-9")
        add_delivery(
            session, "lost", incident_id="inc-SOC-9", **{**base, "receipt": {}}
        )  # nobody knows where
        add_incident(session, "no-ticket")
        add_delivery(session, "d9", incident_id="no-ticket", **base)
        shown = {**base, "state": "dead", "action": "update_alert"}
        add_delivery(session, "u3", incident_id="inc-SOC-3", **shown)
        add_delivery(session, "u4", incident_id="inc-SOC-4", **{**shown, "integration": "pagerduty"})
        add_delivery(session, "u4z", incident_id="inc-SOC-4", **{**shown, "integration": "webhook"})
        for action in ("add_note", "zz"):
            add_delivery(session, action, incident_id="inc-SOC-5", **{**shown, "action": action})
    with read_session() as session:
        found = list_unlinked(session, integrations=["slack"])
        assert sorted(found) == ["inc-SOC-0", "inc-SOC-4", "inc-SOC-5"]
        assert len(list_unlinked(session, integrations=["slack"], limit=2)) == 2
        assert sorted(list_unlinked(session, integrations=["slack"], since=NIGHT)) == sorted(found)
        assert list_unlinked(session, integrations=["slack"], since=NIGHT + TICK) == []


def test_overdue_is_what_may_go_on_and_was_due_before_the_moment_the_oldest_first() -> None:
    add(**{state.value: {"state": state.value, "next_try_at": NIGHT - 2 * HOUR} for state in FINAL_STATES})
    add(
        second={"next_try_at": NIGHT - TICK, "try_number": 3, "state": "unknown"},
        first={
            "next_try_at": NIGHT - HOUR,
            "integration": "slack",
            "action": "send_alert",
            "state": "sending",
        },
        edge={"next_try_at": NIGHT},
        held={},
    )
    with read_session() as session:
        assert list_overdue(session, before=NIGHT) == [
            Overdue("first", "slack", "send_alert", 1),
            Overdue("second", "jira", "open_ticket", 3),
        ]
        assert len(list_overdue(session, before=NIGHT, limit=1)) == 1
