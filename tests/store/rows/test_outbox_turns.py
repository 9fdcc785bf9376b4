"""Which message is next, what is known of its neighbours, and which lists it stands in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from soc.store.nouns.deliveries.attempts import (
    AttemptRow,
    Ending,
    Holder,
    close_attempt,
    find_holder,
    open_attempt,
    refused_in_a_row,
)
from soc.store.nouns.deliveries.deliveries import (
    DeliveryFilter,
    count_by_state,
    count_deliveries,
    list_deliveries,
    page_deliveries,
    walk_deliveries,
)
from soc.store.nouns.deliveries.outbox import (
    find_neighbours,
    has_unended,
    last_planned,
    last_sent,
    list_dead,
    list_holding,
)
from soc.store.nouns.deliveries.outbox_due import find_oldest_due, list_alike, list_armed_ahead, postpone
from tests.rows import NIGHT, add_batch, add_delivery, add_incident

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)


def _add(session: Session, **rows: dict[str, Any]) -> None:
    for name, values in rows.items():
        add_delivery(session, name, **values)


def test_alike_are_the_due_ones_of_a_kind_that_were_not_sent_the_gravest_first(session: Session) -> None:
    due: dict[str, Any] = {"next_try_at": NIGHT}
    _add(
        session, mine=due, light={**due, "score": 5}, grave={**due, "score": 9, "state": "retry", "try_number": 3},
        later={**due, "score": 9, "created_at": NIGHT + MINUTE}, early={"next_try_at": NIGHT + TICK}, held={},
        unknown={**due, "state": "unknown"}, other={**due, "action": "send_alert"}, elsewhere={**due, "integration": "servicenow"},
    )  # fmt: skip
    words: dict[str, Any] = {
        "integration": "jira",
        "action": "open_ticket",
        "other_than": "mine",
        "now": NIGHT,
    }
    assert list_alike(session, **words, limit=9) == [("grave", 3), ("later", 1), ("light", 1)]
    assert list_alike(session, **words, limit=1) == [("grave", 3)]


def test_what_is_put_off_is_what_waits_and_would_come_before(session: Session) -> None:
    _add(
        session, soon={"next_try_at": NIGHT}, late={"next_try_at": NIGHT + 2 * MINUTE}, held={}, other={"next_try_at": NIGHT},
        sending={"next_try_at": NIGHT, "state": "sending"},
    )  # fmt: skip
    postpone(session, ["soon", "late", "held", "sending", "none"], until=NIGHT + MINUTE)
    rows = {row.id: row.next_try_at for row in walk_deliveries(session)}
    assert rows == {
        "soon": NIGHT + MINUTE, "late": NIGHT + 2 * MINUTE, "held": None, "other": NIGHT, "sending": NIGHT,
    }  # fmt: skip
    assert find_oldest_due(session, now=NIGHT) == find_oldest_due(session, now=NIGHT + MINUTE) == NIGHT
    assert find_oldest_due(session, now=NIGHT - TICK) is None


def test_what_is_known_of_a_subject_s_messages(session: Session) -> None:
    about: dict[str, Any] = {"subject": "inc-1"}
    _add(
        session, done={**about, "state": "delivered", "sent_at": NIGHT, "created_at": NIGHT + 3 * MINUTE},
        waits={**about, "action": "comment_ticket", "sent_at": NIGHT + MINUTE, "created_at": NIGHT + MINUTE},
        other={"subject": "inc-2", "sent_at": NIGHT + 9 * MINUTE},
        elsewhere={**about, "integration": "slack", "state": "dead", "sent_at": NIGHT + 9 * MINUTE, "created_at": NIGHT}, mine={**about, "sent_at": NIGHT + 5 * MINUTE, "state": "dead"},
    )  # fmt: skip
    mine = next(row for row in walk_deliveries(session) if row.id == "mine")
    assert last_sent(session, mine) == NIGHT + MINUTE
    assert last_planned(session, integration="jira", subject="inc-1") == NIGHT + 3 * MINUTE
    assert last_planned(session, integration="slack", subject="inc-1") == NIGHT
    assert last_planned(session, integration="slack", subject="inc-2") is None
    words: dict[str, Any] = {"integration": "jira", "subject": "inc-1"}
    assert [has_unended(session, **words, actions=[one]) for one in ("open_ticket", "comment_ticket")] == [
        False,
        True,
    ]
    assert not has_unended(session, integration="slack", subject="inc-1", actions=["comment_ticket"])
    assert list_holding(session) == ["jira"]
    assert list_dead(session, "jira", limit=9) == ["mine"]


def test_neighbours_are_of_one_kind_about_one_subject(session: Session) -> None:
    state: dict[str, Any] = {"integration": "slack", "action": "update_alert", "subject": "inc-1"}
    _add(session, a=state)
    mine = next(walk_deliveries(session))
    assert find_neighbours(session, mine) == (False, False, None)
    _add(
        session, elsewhere={**state, "integration": "teams", "state": "sending", "created_at": NIGHT + MINUTE},
        other={**state, "subject": "inc-2", "state": "sending", "created_at": NIGHT + MINUTE},
        kind={**state, "action": "tell_thread", "state": "sending", "created_at": NIGHT + MINUTE},
        older={**state, "created_at": NIGHT - MINUTE, "state": "delivered", "sent_at": NIGHT, "delivered_at": NIGHT + 2 * TICK},
        gone={**state, "created_at": NIGHT + MINUTE, "state": "cancelled", "sent_at": NIGHT + TICK},
        spared={**state, "created_at": NIGHT + MINUTE, "state": "suppressed"},
    )  # fmt: skip
    assert find_neighbours(session, mine) == (False, False, NIGHT + 2 * TICK)
    mine.sent_at = NIGHT + MINUTE
    assert find_neighbours(session, mine).last_sent == NIGHT + MINUTE
    _add(session, newer={**state, "created_at": NIGHT + MINUTE, "state": "sending"})
    assert find_neighbours(session, mine)[:2] == (True, True)


def test_ahead_is_what_waits_for_a_moment_that_was_named_in_the_future(session: Session) -> None:
    ahead: dict[str, Any] = {"next_try_at": NIGHT + TICK, "armed_at": NIGHT + TICK}
    _add(
        session, ahead=ahead, sending={**ahead, "state": "sending"}, over={**ahead, "state": "dead"},
        named={**ahead, "armed_at": NIGHT}, due={**ahead, "next_try_at": NIGHT}, held={**ahead, "next_try_at": None},
    )  # fmt: skip
    assert sorted(list_armed_ahead(session, now=NIGHT)) == ["ahead", "sending"]
    assert len(list_armed_ahead(session, now=NIGHT, limit=1)) == 1


def test_a_list_of_deliveries_shows_what_is_asked_for_and_nothing_else(session: Session) -> None:
    add_batch(session, "bat")
    add_incident(session, "inc-kim", owner="per-kim")
    add_incident(session, "inc-none")
    _add(
        session, A={}, B={"state": "dead"}, C={"integration": "slack", "action": "send_alert"}, D={"incident_id": "inc-kim"},
        E={"batch_id": "bat", "practice": True}, F={"created_at": NIGHT + MINUTE}, G={"incident_id": "inc-none"},
    )  # fmt: skip
    for expected, chosen in (
        ("ABCDEFG", {}), ("B", {"states": ("dead", "unknown")}), ("C", {"integration": "slack"}), ("C", {"action": "send_alert"}),
        ("D", {"incident_id": "inc-kim"}), ("E", {"batch_id": "bat"}), ("E", {"practice": True}), ("ABCDFG", {"practice": False}),
        ("F", {"since": NIGHT + MINUTE}), ("ABCDEG", {"until": NIGHT + MINUTE}), ("D", {"owners": ("per-kim",)}),
        ("G", {"owners": ("",)}),
    ):  # fmt: skip
        wanted = DeliveryFilter(**chosen)
        page = page_deliveries(session, wanted)
        assert {row.id for row in page.rows} == set(expected), chosen
        assert page.total == count_deliveries(session, wanted) == len(expected)
        if not set(chosen) & {"action", "practice", "since", "until"}:
            assert {row.id for row in list_deliveries(session, **chosen)} == set(expected)
            assert {row.id for row in walk_deliveries(session, **chosen)} == set(expected)
    counted = count_by_state(session)
    assert (counted["dead"], counted["pending"], counted["delivered"]) == (1, 6, 0)
    assert count_by_state(session, integration="slack")["pending"] == 1
    assert count_by_state(session, batch_id="bat", action="open_ticket")["pending"] == 1
    assert count_by_state(session, batch_id="bat", action="send_alert")["pending"] == 0


def test_a_row_of_refusals_ends_with_another_answer_and_begins_with_the_last_check(session: Session) -> None:
    for number, (name, status, kind) in enumerate(
        [
            ("a", 404, "send"),
            ("b", None, "send"),
            ("c", 404, "send"),
            ("c", 404, "send"),
            ("x", 500, "reconcile"),
            ("d", 404, "send"),
        ]
    ):
        if name not in {row.id for row in walk_deliveries(session)}:
            _add(session, **{name: {}})
        at = NIGHT + number * MINUTE
        session.add(
            AttemptRow(
                delivery_id=name, number=number, kind=kind, started_at=at, finished_at=at, http_status=status
            )
        )
        session.flush()
    _add(session, elsewhere={"integration": "slack"}, under_way={})
    session.add(
        AttemptRow(
            delivery_id="elsewhere",
            number=1,
            kind="send",
            started_at=NIGHT,
            finished_at=NIGHT,
            http_status=200,
        )
    )
    session.add(AttemptRow(delivery_id="under_way", number=1, kind="send", started_at=NIGHT))
    session.flush()
    assert refused_in_a_row(session, "jira", 404, since=None, most=5) == ["d", "c"]
    assert refused_in_a_row(session, "jira", 404, since=None, most=1) == ["d"]
    assert refused_in_a_row(session, "jira", 404, since=NIGHT + 5 * MINUTE, most=5) == ["d"]
    assert refused_in_a_row(session, "jira", 410, since=None, most=5) == []


def test_a_try_is_held_by_whose_send_has_not_ended(session: Session) -> None:
    row = add_delivery(session, "d1", try_number=2)
    open_attempt(session, row, "reconcile", executor="looks", run=1, now=NIGHT)
    assert find_holder(session, "d1", 2) is None
    open_attempt(session, row, "send", executor="sends", run=7, now=NIGHT)
    assert [find_holder(session, "d1", number) for number in (1, 2, 3)] == [None, Holder("sends", 7), None]
    close_attempt(session, row, "send", Ending("delivered"), now=NIGHT)
    assert find_holder(session, "d1", 2) is None
