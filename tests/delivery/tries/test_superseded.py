"""A try that was overtaken does nothing any more, and what was cut off is not asked for too early."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from soc import clock
from soc.delivery import ledger, replay
from soc.delivery.ledger import Skip
from soc.domain.actor import AT_A_PAGE
from soc.domain.delivery import TRANSITIONS, DeliveryState
from soc.domain.message import Receipt
from soc.errors import (
    FailureReason,
    NotFound,
    PermanentDeliveryError,
    StoreError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.attempts import Ending, list_attempts
from tests.rows import add_delivery

SETTLE = timedelta(seconds=60)
REFUSED = TransientDeliveryError("refused", reason=FailureReason.NETWORK)
LOST = UnknownOutcome("no answer", reason=FailureReason.TIMEOUT)
BAD_FIELD = PermanentDeliveryError("bad", reason=FailureReason.CLIENT, status=400)


def begin(delivery: str, number: int, **later: float) -> Any:
    with write_session() as session:
        return ledger.begin(
            session, delivery, number, executor="e", settle=SETTLE, now=clock.now() + timedelta(**later)
        )


def test_a_superseded_try_does_not_run_again_and_points_to_the_one_in_force(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(REFUSED, False)]
    old = outbox.tries[0]
    outbox.work()
    (new,) = outbox.tries
    outbox.tries = [old]
    outbox.work()
    assert (outbox.row(delivery).sends, outbox.vendor.kept) == (1, [])
    assert outbox.tries == [new]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_only_the_try_in_force_may_run(outbox: Any, number: int) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(REFUSED, False)]
    outbox.work()
    step = begin(delivery, number, hours=1)
    assert isinstance(step, Skip)
    assert step.then is not None
    assert step.then.number == outbox.row(delivery).try_number == 2


def test_a_send_that_was_cut_off_is_looked_up_only_after_its_settle_time(outbox: Any) -> None:
    delivery = outbox.plan()
    begin(delivery, 1)
    step = begin(delivery, 1)
    assert step.then.at == clock.now() + SETTLE
    assert outbox.row(delivery).state == "unknown"
    early = begin(delivery, step.then.number, seconds=50)
    assert isinstance(early, Skip)
    assert early.then.at == clock.now() + SETTLE
    outbox.tries = [early.then]
    outbox.vendor.kept.append(delivery)
    outbox.work_to_the_end()
    assert (outbox.vendor.look_ups, outbox.vendor.kept) == (1, [delivery])


def test_the_attempt_that_was_cut_off_is_closed_as_interrupted(outbox: Any) -> None:
    delivery = outbox.plan()
    begin(delivery, 1)
    begin(delivery, 1)
    with read_session() as session:
        (attempt,) = list_attempts(session, delivery)
    row = outbox.row(delivery)
    assert (attempt.outcome, attempt.kind, attempt.finished_at) == ("interrupted", "send", clock.now())
    assert (row.reason, row.reconciled, row.sends) == ("interrupted", 0, 1)


def test_the_answer_to_a_try_that_was_taken_over_is_not_written_down(outbox: Any) -> None:
    delivery = outbox.plan()
    begin(delivery, 1)
    with write_session() as session:
        assert replay.rearm(session, delivery, 1, now=clock.now()) is not None
    with write_session() as session:
        assert ledger.end_attempt(session, delivery, 1, "send", Ending("delivered"), now=clock.now()) is None
    assert outbox.row(delivery).state == "unknown"


def test_the_answer_to_what_has_ended_is_not_written_down(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.work_to_the_end()
    with write_session() as session:
        assert ledger.end_attempt(session, delivery, 1, "send", Ending("unknown"), now=clock.now()) is None
    assert outbox.row(delivery).state == "delivered"


@pytest.mark.parametrize("number", [0, 2])
def test_the_sweep_does_not_rearm_a_try_that_is_not_in_force(outbox: Any, number: int) -> None:
    delivery = outbox.plan()
    with write_session() as session:
        assert replay.rearm(session, delivery, number, now=clock.now()) is None
    assert outbox.row(delivery).try_number == 1


def test_the_sweep_gives_a_fresh_try_to_what_was_lost_and_none_to_what_has_ended(outbox: Any) -> None:
    delivery = outbox.plan()
    with write_session() as session:
        fresh = replay.rearm(session, delivery, 1, now=clock.now())
    assert fresh is not None
    assert (fresh.number, fresh.at, outbox.row(delivery).state) == (2, clock.now(), "pending")
    outbox.tries = [fresh]
    outbox.work_to_the_end()
    with write_session() as session:
        assert replay.rearm(session, delivery, 2, now=clock.now()) is None


def test_a_delivery_without_its_integration_is_held_and_only_by_the_try_in_force(outbox: Any) -> None:
    delivery = outbox.plan()
    for number, held in ((2, False), (1, True)):
        with write_session() as session:
            ledger.hold_unconfigured(session, delivery, number, now=clock.now())
        assert (outbox.row(delivery).next_try_at is None) is held
    assert outbox.row(delivery).hint == "Held until the integration is configured."
    assert outbox.row(delivery).state == "pending"


def test_a_send_whose_integration_is_gone_is_unknown_and_held(outbox: Any) -> None:
    delivery = outbox.plan()
    begin(delivery, 1)
    with write_session() as session:
        ledger.hold_unconfigured(session, delivery, 1, now=clock.now())
    assert (outbox.row(delivery).state, outbox.row(delivery).next_try_at) == ("unknown", None)


def test_a_delivery_goes_only_where_the_table_of_states_lets_it(outbox: Any) -> None:
    delivery = outbox.plan()
    row = outbox.row(delivery)
    for state in DeliveryState:
        for target in DeliveryState:
            row.state = state.value
            if target is state or target in TRANSITIONS[state]:
                ledger.move(row, target, now=clock.now())
                assert row.state == target.value
            else:
                with pytest.raises(StoreError, match="cannot go from"):
                    ledger.move(row, target, now=clock.now())


def test_a_delivery_that_is_not_there_is_not_found(outbox: Any) -> None:
    outbox.plan()
    with pytest.raises(NotFound):
        begin("dlv-none", 1)


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        ([(BAD_FIELD, False)], "pending"),
        ([(LOST, False)] * 90, "unknown"),
        ([(REFUSED, False)] * 90, "pending"),
    ],
    ids=["refused", "perhaps arrived", "never left"],
)
def test_what_is_brought_back_is_looked_up_first_where_it_may_have_arrived(
    outbox: Any, failure: list[Any], state: str
) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = failure
    outbox.work_to_the_end(most=200)
    assert outbox.row(delivery).state == "dead"
    with write_session() as session:
        back = replay.revive(session, delivery, actor=AT_A_PAGE, now=clock.now())
    row = outbox.row(delivery)
    assert back is not None
    assert (row.state, row.failures, row.reconciled, row.reason, row.error, row.hint) == (
        state,
        0,
        0,
        "",
        "",
        "",
    )
    assert (back.at, back.number, row.revived_by) == (clock.now(), row.try_number, str(AT_A_PAGE))


@pytest.mark.parametrize(
    ("state", "back"),
    [
        ("suppressed", "pending"),
        ("cancelled", "pending"),
        ("dead", "pending"),
        ("delivered", None),
        ("pending", None),
        ("sending", None),
        ("unknown", None),
    ],
)
def test_only_what_was_given_up_is_brought_back(outbox: Any, state: str, back: str | None) -> None:
    with write_session() as session:
        add_delivery(session, "dlv-1", state=state)
    with write_session() as session:
        tried = replay.revive(session, "dlv-1", actor=AT_A_PAGE, now=clock.now())
    assert (tried is not None) == (back is not None)
    assert outbox.row("dlv-1").state == (back or state)


def test_what_is_held_goes_on_and_what_has_its_time_keeps_it(outbox: Any) -> None:
    later = clock.now() + timedelta(hours=1)
    with write_session() as session:
        for number, (state, at, vendor) in enumerate(
            [("pending", None, "jira"), ("retry", None, "jira"), ("unknown", None, "jira"), ("retry", later, "jira"),
             ("dead", None, "jira"), ("sending", None, "jira"), ("retry", None, "slack")]
        ):  # fmt: skip
            add_delivery(session, f"dlv-{number}", state=state, next_try_at=at, integration=vendor)
    with write_session() as session:
        released = replay.release(session, "jira", actor=AT_A_PAGE, now=clock.now())
    assert sorted(one.delivery_id for one in released) == ["dlv-0", "dlv-1", "dlv-2"]
    assert {(one.number, one.at) for one in released} == {(2, clock.now())}
    assert (outbox.row("dlv-0").revived_by, outbox.row("dlv-3").next_try_at) == (str(AT_A_PAGE), later)


def test_a_receipt_says_what_became_of_a_message_since(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.work_to_the_end()
    with write_session() as session:
        ledger.update_receipt(session, delivery, Receipt(remote_id="1", key="SOC-1", url="u", open=True))
    assert (outbox.row(delivery).open_end, outbox.row(delivery).receipt["url"]) == (True, "u")
