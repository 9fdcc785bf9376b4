"""A try at its beginning and its end: which one may run, what it may do, and what it leaves in the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from soc import clock
from soc.delivery import ledger
from soc.delivery.ledger import LONGEST_SEND, Ending, Intent, Reconcile, Send, Skip, Step, Try
from soc.delivery.rate_limit import EARLY
from soc.domain.actor import AT_A_PAGE
from soc.domain.delivery import DeliveryState
from soc.domain.message import CallAction, Receipt
from soc.errors import FailureReason, NotFound, StoreError, UnknownOutcome
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.attempts import AttemptRow, list_attempts
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.vendors.health import health_to_change, pause

SETTLE = timedelta(seconds=60)
LOST = UnknownOutcome("no answer", reason=FailureReason.TIMEOUT)


def _begin(delivery: str, number: int, *, executor: str = "test") -> Step:
    with write_session() as session:
        return ledger.begin(session, delivery, number, executor=executor, settle=SETTLE, now=clock.now())


def _change(delivery: str, **values: Any) -> None:
    with write_session() as session:
        row = lock_delivery(session, delivery)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def _end(delivery: str, number: int, ending: Ending, kind: str = "send") -> DeliveryRow | None:
    with write_session() as session:
        return ledger.end_attempt(session, delivery, number, kind, ending, now=clock.now())


def _attempts(delivery: str) -> list[AttemptRow]:
    with read_session() as session:
        return list(list_attempts(session, delivery))


# -- which try may run -----------------------------------------------------------------------------------------


def test_a_superseded_try_does_nothing_and_names_the_one_that_is_due(outbox: Any) -> None:
    delivery = outbox.plan()
    later = clock.now() + timedelta(minutes=5)
    _change(delivery, try_number=3, next_try_at=later)
    [named] = outbox.tries
    outbox.work()
    assert outbox.vendor.kept == []
    assert outbox.tries == [Try(named.queue, delivery, 3, later)]
    assert (outbox.row(delivery).state, _attempts(delivery)) == ("pending", [])


def test_a_superseded_try_of_what_is_held_names_none(outbox: Any) -> None:
    delivery = outbox.plan()
    _change(delivery, try_number=2, next_try_at=None)
    assert _begin(delivery, 1) == Skip()


def test_a_superseded_try_does_not_disturb_the_one_that_is_sending(outbox: Any) -> None:
    delivery = outbox.plan()
    _change(delivery, try_number=2)
    assert isinstance(_begin(delivery, 2), Send)
    _begin(delivery, 1)
    assert outbox.row(delivery).state == "sending"
    assert [one.outcome for one in _attempts(delivery)] == [""]


@pytest.mark.parametrize("state", ["delivered", "dead", "suppressed", "cancelled"])
def test_what_is_over_is_not_sent_by_a_try_that_comes_late(outbox: Any, state: str) -> None:
    delivery = outbox.plan()
    _change(delivery, state=state)
    assert _begin(delivery, 1) == Skip()
    assert outbox.row(delivery).sends == 0


def test_a_send_that_was_cut_off_is_looked_up_only_after_the_settle_time(outbox: Any) -> None:
    delivery = outbox.plan()
    assert isinstance(_begin(delivery, 1), Send)
    outbox.travel.shift(timedelta(seconds=7))
    step = _begin(delivery, 1)
    assert isinstance(step, Skip)
    assert step.then is not None
    assert (step.then.number, step.then.at) == (2, clock.now() + SETTLE)
    row = outbox.row(delivery)
    assert (row.state, row.reason, row.sends, row.reconciled) == ("unknown", "interrupted", 1, 0)
    assert "looked up" in row.hint
    [attempt] = _attempts(delivery)
    assert (attempt.outcome, attempt.finished_at) == ("interrupted", clock.now())


def test_a_look_up_asks_for_what_was_sent_since_the_send_began(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.travel.shift(timedelta(seconds=30))
    sent = clock.now()
    _begin(delivery, 1)
    _begin(delivery, 1)
    outbox.travel.move_to(sent + timedelta(minutes=5))
    step = _begin(delivery, 2)
    assert isinstance(step, Reconcile)
    assert (step.since, step.done) == (sent, 0)
    assert [one.kind for one in _attempts(delivery)] == ["send", "reconcile"]


def test_a_try_that_comes_before_its_time_comes_again_at_it(outbox: Any) -> None:
    delivery = outbox.plan()
    due = clock.now() + EARLY + timedelta(milliseconds=1)
    _change(delivery, next_try_at=due, state="retry")
    assert _begin(delivery, 1) == Skip(Try("deliver-jira", delivery, 2, due))
    outbox.travel.shift(timedelta(milliseconds=1))
    assert isinstance(_begin(delivery, 2), Send)


@pytest.mark.parametrize("own", [10, 50])
def test_where_the_vendor_asked_for_patience_the_later_of_both_times_holds(outbox: Any, own: int) -> None:
    delivery = outbox.plan()
    now = clock.now()
    _change(delivery, next_try_at=now + timedelta(seconds=own), state="retry")
    with write_session() as session:
        health_to_change(session, "jira").throttled_until = now + timedelta(seconds=30)
    step = _begin(delivery, 1)
    assert isinstance(step, Skip)
    assert step.then is not None
    assert step.then.at == now + timedelta(seconds=max(own, 30))


def test_a_paused_integration_s_delivery_is_held_with_the_reason_and_no_try_is_used_up(outbox: Any) -> None:
    delivery = outbox.plan()
    with write_session() as session:
        pause(session, "jira", reason="The token is wrong.", actor=AT_A_PAGE, now=clock.now())
    assert _begin(delivery, 1) == Skip()
    row = outbox.row(delivery)
    assert (row.state, row.next_try_at, row.try_number, row.sends) == ("pending", None, 1, 0)
    assert row.hint == "Held: The token is wrong."


# -- the intent ------------------------------------------------------------------------------------------------


def test_the_intent_says_who_sends_when_and_how_long_it_may_take(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.travel.shift(timedelta(seconds=3))
    _begin(delivery, 1, executor="host-7")
    row = outbox.row(delivery)
    assert (row.state, row.sends, row.sent_at, row.next_try_at) == (
        "sending",
        1,
        clock.now(),
        clock.now() + LONGEST_SEND,
    )
    [attempt] = _attempts(delivery)
    assert (attempt.number, attempt.kind, attempt.executor, attempt.started_at, attempt.finished_at) == (
        1, "send", "host-7", clock.now(), None,
    )  # fmt: skip


def test_a_delivery_that_is_planned_suppressed_says_why_and_is_not_due(outbox: Any) -> None:
    outbox.plan()
    message = CallAction(name="call", subject="inc-9")
    with write_session() as session:
        intent = Intent(
            key="k", integration="jira", message=message, actor=AT_A_PAGE, suppressed="switched off", score=7, practice=True
        )  # fmt: skip
        assert ledger.plan(session, [intent], now=clock.now()) == []
        row = session.exec(select(DeliveryRow).where(DeliveryRow.key == "k")).one()
    assert (row.state, row.reason, row.next_try_at, row.subject) == (
        "suppressed",
        "switched off",
        None,
        "inc-9",
    )
    assert (row.score, row.practice, row.made_by, row.action) == (7, True, str(AT_A_PAGE), "call_action")
    assert _begin(row.id, 1) == Skip()


def test_a_delivery_is_about_its_incident_and_due_at_once(outbox: Any) -> None:
    delivery = outbox.plan()
    row = outbox.row(delivery)
    assert (row.subject, row.incident_id, row.batch_id, row.next_try_at) == (
        "inc-1",
        "inc-1",
        "bat-1",
        clock.now(),
    )
    assert outbox.tries == [Try("deliver-jira", delivery, 1, clock.now())]


def test_there_is_no_try_of_a_delivery_that_there_is_not(outbox: Any) -> None:
    outbox.plan()
    with pytest.raises(NotFound):
        _begin("dlv-nothing", 1)


# -- the end ---------------------------------------------------------------------------------------------------


def test_an_outcome_of_a_try_that_was_taken_over_is_not_written_down(outbox: Any) -> None:
    delivery = outbox.plan()
    _begin(delivery, 1)
    _begin(delivery, 1)  # another process takes it for cut off: it is unknown, its next try is number 2
    assert _end(delivery, 1, Ending("delivered")) is None
    row = outbox.row(delivery)
    assert (row.state, row.reason, _attempts(delivery)[0].outcome) == (
        "unknown",
        "interrupted",
        "interrupted",
    )


@pytest.mark.parametrize("state", ["delivered", "dead", "cancelled"])
def test_an_outcome_does_not_wake_what_is_over(outbox: Any, state: str) -> None:
    delivery = outbox.plan()
    _begin(delivery, 1)
    _change(delivery, state=state)
    assert _end(delivery, 1, Ending("refused", reason="client")) is None
    assert outbox.row(delivery).reason == ""


def test_an_end_is_written_into_the_attempt_and_the_delivery(outbox: Any) -> None:
    delivery = outbox.plan()
    _begin(delivery, 1)
    outbox.travel.shift(timedelta(seconds=2))
    ending = Ending("refused", reason="client", status=400, error="no such field", hint="Add it.")
    assert _end(delivery, 1, ending) is not None
    row, [attempt] = outbox.row(delivery), _attempts(delivery)
    for one in (row, attempt):
        assert (one.reason, one.http_status, one.error, one.hint) == (
            "client",
            400,
            "no such field",
            "Add it.",
        )
    assert (attempt.outcome, attempt.finished_at, row.updated_at) == ("refused", clock.now(), clock.now())


def test_an_attempt_is_closed_once_and_only_the_one_that_is_meant(outbox: Any) -> None:
    delivery = outbox.plan()
    _begin(delivery, 1)
    _begin(delivery, 1)
    outbox.travel.shift(SETTLE)
    _begin(delivery, 2)
    _end(delivery, 2, Ending("not found"), "reconcile")
    assert [(one.number, one.kind, one.outcome) for one in _attempts(delivery)] == [
        (1, "send", "interrupted"),
        (2, "reconcile", "not found"),
    ]


def test_a_delivered_message_has_its_receipt_and_no_word_of_earlier_trouble(outbox: Any) -> None:
    delivery = outbox.plan()
    _change(
        delivery, reason="network", error="refused", hint="wait", state="sending", next_try_at=clock.now()
    )
    receipt = Receipt(remote_id="7", key="SOC-7", open=True)
    with write_session() as session:
        ledger.deliver(session, lock_delivery(session, delivery), receipt, now=clock.now())
    row = outbox.row(delivery)
    assert (row.state, row.delivered_at, row.next_try_at, row.open_end) == (
        "delivered",
        clock.now(),
        None,
        True,
    )
    assert (row.receipt["key"], row.reason, row.error, row.hint) == ("SOC-7", "", "", "")


def test_a_receipt_that_ended_since_is_kept_and_the_end_is_not_open_any_more(outbox: Any) -> None:
    delivery = outbox.plan()
    _change(delivery, state="delivered", open_end=True)
    with write_session() as session:
        ledger.update_receipt(session, delivery, Receipt(remote_id="7", extra={"result": "done"}))
    row = outbox.row(delivery)
    assert (row.open_end, row.receipt["extra"]) == (False, {"result": "done"})


@pytest.mark.parametrize(
    ("state", "forbidden"),
    [("delivered", "pending"), ("delivered", "sending"), ("dead", "sending"), ("suppressed", "delivered")],
)
def test_a_step_that_no_delivery_may_take_is_refused(outbox: Any, state: str, forbidden: str) -> None:
    delivery = outbox.plan()
    _change(delivery, state=state)
    with write_session() as session, pytest.raises(StoreError, match="cannot go"):
        ledger.move(lock_delivery(session, delivery), DeliveryState(forbidden), now=clock.now())
    assert outbox.row(delivery).state == state


# -- no configuration ------------------------------------------------------------------------------------------


def _unconfigured(delivery: str, number: int) -> None:
    with write_session() as session:
        ledger.hold_unconfigured(session, delivery, number, now=clock.now())


def test_what_has_no_configuration_waits_for_one(outbox: Any) -> None:
    delivery = outbox.plan()
    _unconfigured(delivery, 1)
    row = outbox.row(delivery)
    assert (row.state, row.next_try_at, row.hint) == (
        "pending",
        None,
        "Held until the integration is configured.",
    )


def test_what_was_cut_off_and_has_no_configuration_any_more_is_unknown(outbox: Any) -> None:
    delivery = outbox.plan()
    _begin(delivery, 1)
    _unconfigured(delivery, 1)
    row = outbox.row(delivery)
    assert (row.state, row.next_try_at, _attempts(delivery)[0].outcome) == ("unknown", None, "interrupted")


@pytest.mark.parametrize("values", [{"try_number": 2}, {"state": "delivered"}, {"state": "dead"}])
def test_a_try_that_is_not_the_one_holds_nothing(outbox: Any, values: dict[str, Any]) -> None:
    delivery = outbox.plan()
    _change(delivery, **values)
    _unconfigured(delivery, 1)
    assert outbox.row(delivery).next_try_at is not None
