"""When a message's turn comes: a state after the one that was told last, a ticket's changes one after the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soc.delivery import turns
from soc.delivery.ledger import Send, Skip, begin
from soc.delivery.turns import LOOK_AGAIN, gave_way, limits_on, said_by, throttle_of, turn_of
from soc.domain.message import TicketAddress
from soc.domain.message.tickets import CommentTicket
from soc.errors import LimitOf
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import Neighbours
from soc.store.nouns.vendors.throttles import throttle
from tests.rows import NIGHT, add_delivery, add_person

SECOND = timedelta(seconds=1)
SPACING = timedelta(seconds=3.5)
NOTE = CommentTicket(ticket=TicketAddress(key="SOC-1", url="", remote_id="1"), change="n-1", text="t")
STATE = {"integration": "slack", "action": "update_alert", "subject": "inc-1"}
CHANGE = {"integration": "jira", "action": "comment_ticket", "subject": "inc-1"}


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def _after(*, sending: bool = False, ago: timedelta | None = None, integration: str = "slack") -> object:
    last = None if ago is None else NIGHT - ago
    row = DeliveryRow(integration=integration)
    return turns._turn_after(row, Neighbours(newer=False, sending=sending, last_sent=last), now=NIGHT)


def test_a_state_waits_for_one_that_is_being_sent_and_keeps_its_distance_to_the_last() -> None:
    assert (_after(), _after(sending=True, ago=9 * SECOND)) == (None, NIGHT + LOOK_AGAIN)
    assert LOOK_AGAIN == SECOND
    assert _after(ago=timedelta(0)) == NIGHT + SPACING
    assert _after(ago=3 * SECOND) == NIGHT + SECOND / 2
    assert (_after(ago=SPACING), _after(ago=SPACING - SECOND / 100)) == (None, NIGHT + SECOND / 100)
    assert _after(ago=-SECOND) is None  # the clock was set back: nobody waits longer than the distance
    assert (_after(ago=SECOND, integration="jira"), _after(ago=SECOND, integration="gone")) == (None, None)


def test_a_ticket_s_changes_keep_a_second_between_them_whoever_sent_the_last() -> None:
    with write_session() as session:
        first = add_delivery(session, "dlv-1", **CHANGE, state="delivered", sent_at=NIGHT)
        second = add_delivery(session, "dlv-2", **CHANGE, created_at=NIGHT + SECOND)
        other = add_delivery(session, "dlv-3", **{**CHANGE, "subject": "inc-2"}, sent_at=NIGHT)
        assert turn_of(session, second, now=NIGHT + SECOND / 4) == NIGHT + SECOND
        assert turn_of(session, second, now=NIGHT) == NIGHT + SECOND
        assert turn_of(session, second, now=NIGHT + SECOND) is None
        assert turn_of(session, second, now=NIGHT - SECOND / 4) is None
        assert turn_of(session, other, now=NIGHT) is None
        first.sent_at = None
        session.flush()
        assert turn_of(session, second, now=NIGHT) is None
        second.integration = first.integration = "servicenow"
        first.sent_at = NIGHT
        session.flush()
        assert turn_of(session, second, now=NIGHT) is None  # that vendor asks for no distance


def test_an_older_state_gives_way_to_a_newer_one_and_to_none_that_was_given_up() -> None:
    with write_session() as session:
        old = add_delivery(session, "dlv-1", **STATE, state="unknown", reason="timeout", next_try_at=NIGHT)
        new = add_delivery(session, "dlv-2", **STATE, created_at=NIGHT + SECOND, state="dead")
        assert not gave_way(session, old, now=NIGHT)
        new.state = "delivered"
        session.flush()
        assert not gave_way(session, new, now=NIGHT)
        assert gave_way(session, old, now=NIGHT + 2 * SECOND)
        assert (old.state, old.next_try_at, old.reason) == ("cancelled", None, "")
        assert (old.updated_at, old.hint[:10]) == (NIGHT + 2 * SECOND, "Overtaken:")
        note = add_delivery(session, "dlv-3", **CHANGE)
        add_delivery(session, "dlv-4", **CHANGE, created_at=NIGHT + SECOND)
        assert not gave_way(session, note, now=NIGHT)  # each note is told
        assert note.state == "pending"


def test_of_what_was_planned_in_one_moment_the_higher_version_is_the_newer() -> None:
    with write_session() as session:
        rows = {
            version: add_delivery(
                session, f"dlv-{version}", **STATE, key=f"slack:update_alert:inc-1:{version}"
            )
            for version in (2, 9, 10)
        }
        assert [gave_way(session, rows[one], now=NIGHT) for one in (10, 9, 2)] == [False, True, True]


def test_what_the_vendor_named_waits_and_nothing_else() -> None:
    with write_session() as session:
        mine, other = (
            add_delivery(session, f"dlv-{one}", **{**CHANGE, "subject": f"inc-{one}"}) for one in (1, 2)
        )
        throttle(session, limits_on(mine)[LimitOf.SUBJECT], until=NIGHT + SECOND)
        assert (throttle_of(session, mine), throttle_of(session, other)) == (NIGHT + SECOND, None)
        throttle(session, limits_on(mine)[LimitOf.CALL], until=NIGHT + 5 * SECOND)
        assert (throttle_of(session, mine), throttle_of(session, other)) == (NIGHT + 5 * SECOND,) * 2
        throttle(session, limits_on(mine)[LimitOf.CALL], until=NIGHT)
        assert (throttle_of(session, mine), throttle_of(session, other)) == (NIGHT + SECOND, NIGHT)
        assert throttle_of(session, DeliveryRow(integration="slack", action="send_alert")) is None


def test_a_throttled_ticket_s_message_begins_when_its_time_has_come() -> None:
    with write_session() as session:
        row = add_delivery(
            session, "dlv-1", **CHANGE, payload=NOTE.model_dump(mode="json"), next_try_at=NIGHT
        )
        throttle(session, limits_on(row)[LimitOf.SUBJECT], until=NIGHT + 9 * SECOND)
        early = begin(session, row.id, 1, executor="e", settle=SECOND, now=NIGHT)
        assert isinstance(early, Skip)
        assert early.then is not None
        assert early.then[1:] == (row.id, 2, NIGHT + 9 * SECOND)
        due = NIGHT + 9 * SECOND
        assert begin(session, row.id, 2, executor="e", settle=SECOND, now=due) == Send(NOTE)


def test_who_called_it_off_is_named_as_people_know_him() -> None:
    with write_session() as session:
        add_person(session, "per-7", name="Mia Berg")
        assert said_by(session, "acknowledged by person:per-7@said") == "acknowledged by Mia Berg"
        assert said_by(session, "taken by day by person:per-7@said") == "taken by day by Mia Berg"
        assert said_by(session, "acknowledged by person:per-8@said") == "acknowledged by per-8"
        assert said_by(session, "the ticket is done") == "the ticket is done"
