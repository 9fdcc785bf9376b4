"""The outbox ledger: nothing lost, nothing twice, whatever the vendor answers and whenever the process dies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from soc import clock
from soc.delivery import ledger
from soc.delivery.replay import replay, resume
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import read_message
from soc.errors import (
    DeliveryError,
    FailureReason,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.attempts import list_attempts
from soc.store.nouns.tickets.tickets import find_ticket
from soc.store.nouns.vendors.health import read_health

REFUSED = TransientDeliveryError("refused", reason=FailureReason.NETWORK)
LOST = UnknownOutcome("no answer", reason=FailureReason.TIMEOUT)
BAD_FIELD = PermanentDeliveryError(
    "priority is not on the screen", reason=FailureReason.CLIENT, status=400, hint="Add it."
)
BAD_TOKEN = PermanentDeliveryError("401", reason=FailureReason.AUTH, status=401, hint="Enter a new token.")


def test_a_delivery_that_is_answered_is_delivered_and_has_its_ticket(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.work_to_the_end()
    assert outbox.row(delivery).state == "delivered"
    with read_session() as session:
        ticket = find_ticket(session, "inc-1")
    assert ticket is not None
    assert (ticket.key, ticket.priority) == ("SOC-1", "Highest")
    assert ticket.due_at - ticket.created_at == timedelta(hours=1)


def test_the_intent_is_committed_before_the_vendor_is_spoken_to(outbox: Any) -> None:
    delivery = outbox.plan()
    seen: list[str] = []
    send = outbox.vendor.deliver

    def look_first(*args: Any, **kwargs: Any) -> Any:
        seen.append(outbox.row(delivery).state)
        return send(*args, **kwargs)

    outbox.vendor.deliver = look_first
    outbox.work_to_the_end()
    assert seen == ["sending"]


def test_what_was_not_sent_is_tried_again_until_it_is_delivered(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(REFUSED, False)] * 5
    outbox.work_to_the_end()
    assert outbox.row(delivery).state == "delivered"
    assert outbox.vendor.kept == [delivery]


def test_a_vendor_that_stays_away_ends_in_a_dead_delivery_that_explains_itself(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(REFUSED, False)] * 50
    outbox.work_to_the_end()
    row = outbox.row(delivery)
    assert (row.state, row.sends, row.reason) == ("dead", 12, "network")
    assert clock.now() - row.created_at > timedelta(hours=20)


def test_a_lost_answer_is_looked_up_and_not_sent_again(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(LOST, True)]
    outbox.work_to_the_end()
    assert outbox.row(delivery).state == "delivered"
    assert outbox.vendor.kept == [delivery]


def test_a_lost_answer_is_looked_up_only_after_the_settle_time(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(LOST, True)]
    outbox.work()
    assert outbox.row(delivery).state == "unknown"
    assert outbox.tries[0].at - clock.now() >= timedelta(seconds=60)


def test_a_vendor_that_shows_it_late_is_looked_at_twice_before_anything_is_sent_again(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(LOST, True)]
    outbox.vendor.blind_look_ups = 1
    outbox.work_to_the_end()
    assert (outbox.vendor.look_ups, outbox.vendor.kept) == (2, [delivery])


def test_what_two_look_ups_do_not_find_is_sent_again(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(LOST, False)]
    outbox.work_to_the_end()
    assert (outbox.vendor.look_ups, outbox.vendor.kept) == (2, [delivery])


def test_a_message_whose_look_up_fails_stays_unknown_and_is_not_sent_on_a_guess(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(LOST, True)]
    outbox.vendor.look_up_failures = [REFUSED] * 3
    outbox.work()
    outbox.work()
    assert outbox.row(delivery).state == "unknown"
    outbox.work_to_the_end()
    assert outbox.vendor.kept == [delivery]


def test_a_process_that_died_while_sending_leaves_an_unknown_not_a_pending(outbox: Any) -> None:
    delivery = outbox.plan()
    one = outbox.tries[0]
    with write_session() as session:
        ledger.begin(session, delivery, 1, executor="dead", settle=timedelta(seconds=60), now=clock.now())
    outbox.vendor.kept.append(delivery)
    assert outbox.row(delivery).state == "sending"
    outbox.tries = [one]
    outbox.work()
    assert outbox.row(delivery).state == "unknown"
    outbox.work_to_the_end()
    assert outbox.vendor.kept == [delivery]
    assert outbox.row(delivery).state == "delivered"


def test_the_same_try_twice_sends_once(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.tries *= 2
    outbox.work_to_the_end()
    assert outbox.vendor.kept == [delivery]


def test_planning_the_same_message_twice_plans_it_once(outbox: Any) -> None:
    delivery = outbox.plan()
    with write_session() as session:
        row = outbox.row(delivery)
        message = read_message(row.payload)
        intent = ledger.Intent(key=row.key, integration="jira", message=message, actor=AT_A_PAGE)
        again = ledger.plan(session, [intent], now=clock.now())
    assert [one.delivery_id for one in again] == [delivery]


def test_a_refusal_is_dead_at_once_and_says_what_to_do(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(BAD_FIELD, False)]
    outbox.work_to_the_end()
    row = outbox.row(delivery)
    assert (row.state, row.http_status, row.hint, row.sends) == ("dead", 400, "Add it.", 1)


def test_bad_credentials_pause_the_integration_and_burn_no_attempts(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(BAD_TOKEN, False)]
    outbox.work_to_the_end()
    row = outbox.row(delivery)
    assert (row.state, row.next_try_at, row.failures) == ("retry", None, 0)
    with read_session() as session:
        assert read_health(session, "jira").paused


def test_held_deliveries_go_on_when_the_integration_is_mended(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(BAD_TOKEN, False)]
    outbox.work_to_the_end()
    from soc.store.nouns.vendors.health import clear_pause

    with write_session() as session:
        clear_pause(session, "jira", actor=AT_A_PAGE)
    assert resume("jira", actor=AT_A_PAGE) == 1
    outbox.tries = [ledger.Try("jira", delivery, outbox.row(delivery).try_number, clock.now())]
    outbox.work_to_the_end()
    assert outbox.row(delivery).state == "delivered"


def test_a_throttled_answer_holds_back_the_whole_integration_for_as_long_as_it_says(outbox: Any) -> None:
    delivery = outbox.plan()
    wait = timedelta(seconds=90)
    outbox.vendor.failures = [
        (TransientDeliveryError("429", reason=FailureReason.THROTTLED, status=429, retry_after=wait), False)
    ]
    outbox.work()
    assert outbox.tries[0].at - clock.now() == wait
    with read_session() as session:
        assert read_health(session, "jira").throttled_until == clock.now() + wait
    assert outbox.row(delivery).failures == 0


def test_a_connector_that_breaks_leaves_an_unknown_outcome(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.deliver = lambda *_args, **_kwargs: 1 / 0
    outbox.work()
    assert outbox.row(delivery).state == "unknown"


def test_a_dead_delivery_is_replayed_once_however_often_the_button_is_clicked(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(BAD_FIELD, False)]
    outbox.work_to_the_end()
    assert [replay([delivery], actor=AT_A_PAGE), replay([delivery], actor=AT_A_PAGE)] == [1, 0]


def test_what_was_planned_before_a_channel_was_set_up_belongs_where_it_is_sent(outbox: Any) -> None:
    delivery = outbox.plan()
    assert not outbox.row(delivery).practice
    outbox.vendor.config = outbox.vendor.config.model_copy(update={"practice": True})
    outbox.work_to_the_end()
    assert outbox.row(delivery).practice
    with read_session() as session:
        ticket = find_ticket(session, "inc-1")
    assert ticket is not None
    assert ticket.practice


def test_replaying_what_may_have_arrived_looks_it_up_first(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(LOST, True)]
    outbox.vendor.look_up_failures = [REFUSED] * 50
    outbox.work_to_the_end(most=100)
    assert outbox.row(delivery).state == "dead"
    outbox.vendor.look_up_failures = []
    replay([delivery], actor=AT_A_PAGE)
    row = outbox.row(delivery)
    assert row.state == "unknown"
    outbox.tries = [ledger.Try("jira", delivery, row.try_number, clock.now())]
    outbox.work_to_the_end()
    assert outbox.vendor.kept == [delivery]


@pytest.mark.parametrize("error", [REFUSED, LOST, BAD_FIELD, BAD_TOKEN])
def test_every_attempt_is_closed_with_its_outcome(outbox: Any, error: DeliveryError) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(error, False)]
    outbox.work_to_the_end()
    with read_session() as session:
        attempts = list_attempts(session, delivery)
    assert attempts
    assert all(one.finished_at and one.outcome for one in attempts)


def test_an_endpoint_that_is_gone_is_paused_and_what_comes_next_is_held(outbox: Any) -> None:
    delivery = outbox.plan()
    gone = PermanentDeliveryError("gone", reason=FailureReason.GONE, status=410, hint="The endpoint is gone.")
    outbox.vendor.failures = [(gone, False)]
    outbox.work_to_the_end()
    row = outbox.row(delivery)
    assert (row.state, row.next_try_at, row.failures) == ("retry", None, 0)
    with read_session() as session:
        assert read_health(session, "jira").paused
