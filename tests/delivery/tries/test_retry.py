"""What follows a failure: another try and when, a hold until something is mended, or the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from soc import clock
from soc.delivery import attempt as attempts
from soc.delivery.ledger import Try
from soc.delivery.retry import DEFAULT_THROTTLE, OWN_FINDING
from soc.domain.message import Receipt
from soc.errors import (
    ConfigurationError,
    DeliveryError,
    FailureReason,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.attempts import list_attempts
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.installation.executors import Process, register
from soc.store.nouns.vendors.health import IntegrationHealthRow, read_health

REFUSED = TransientDeliveryError("refused", reason=FailureReason.NETWORK)
LOST = UnknownOutcome("no answer", reason=FailureReason.TIMEOUT)
THROTTLED = TransientDeliveryError("429", reason=FailureReason.THROTTLED, status=429)
BAD_TOKEN = PermanentDeliveryError("401", reason=FailureReason.AUTH, status=401)
BAD_ADDRESS = PermanentDeliveryError("private address", reason=FailureReason.ADDRESS)
BAD_FIELD = PermanentDeliveryError("400", reason=FailureReason.CLIENT, status=400)


def _health() -> IntegrationHealthRow:
    with read_session() as session:
        return read_health(session, "jira")


def _wait(outbox: Any) -> timedelta:
    [one] = outbox.tries
    wait: timedelta = one.at - clock.now()
    return wait


def _fail(outbox: Any, error: DeliveryError, *, arrived: bool = False) -> str:
    delivery: str = outbox.plan()
    outbox.vendor.failures = [(error, arrived)]
    outbox.work()
    return delivery


def _lose_and_fail_look_up(outbox: Any, error: DeliveryError) -> str:
    delivery = _fail(outbox, LOST, arrived=True)
    outbox.vendor.look_up_failures = [error]
    outbox.work()
    return delivery


def test_what_was_not_sent_is_tried_again_soon_and_counted(outbox: Any) -> None:
    row = outbox.row(_fail(outbox, REFUSED))
    assert (row.state, row.failures, row.reason, row.next_try_at) == (
        "retry",
        1,
        "network",
        outbox.tries[0].at,
    )
    assert timedelta(0) <= _wait(outbox) <= timedelta(seconds=1)
    assert (_health().last_failure_at, _health().last_error) == (clock.now(), "refused")


def test_a_throttled_answer_without_a_time_waits_half_a_minute_and_counts_as_no_failure(outbox: Any) -> None:
    delivery = _fail(outbox, THROTTLED)
    assert _wait(outbox) == DEFAULT_THROTTLE == timedelta(seconds=30)
    assert outbox.row(delivery).failures == 0
    assert _health().throttled_until == clock.now() + DEFAULT_THROTTLE


def test_a_vendor_that_names_a_time_is_not_asked_before_it(outbox: Any) -> None:
    wait = timedelta(minutes=7)
    busy = TransientDeliveryError("503", reason=FailureReason.SERVER, status=503, retry_after=wait)
    _fail(outbox, busy)
    assert _wait(outbox) == wait
    assert _health().throttled_until is None


def test_a_time_that_the_vendor_names_does_not_shorten_the_schedule(outbox: Any) -> None:
    soon = timedelta(seconds=1)
    _fail(outbox, TransientDeliveryError("tls", reason=FailureReason.TLS, slow=True, retry_after=soon))
    assert _wait(outbox) >= timedelta(seconds=24)


def test_a_lost_answer_waits_for_the_settle_time_and_begins_its_look_ups_anew(outbox: Any) -> None:
    delivery = _fail(outbox, LOST)
    assert _wait(outbox) >= outbox.vendor.settle
    outbox.work()
    assert outbox.row(delivery).reconciled == 1
    outbox.vendor.failures = [(LOST, False)]
    outbox.work()
    assert (outbox.row(delivery).state, outbox.row(delivery).reconciled) == ("unknown", 0)


def test_between_two_look_ups_lies_a_settle_time(outbox: Any) -> None:
    _fail(outbox, LOST)
    outbox.work()
    assert _wait(outbox) == outbox.vendor.settle


@pytest.mark.parametrize("error", [BAD_TOKEN, BAD_ADDRESS], ids=["credentials", "address"])
def test_what_is_mended_in_the_settings_pauses_the_integration_and_holds_the_message(
    outbox: Any, error: PermanentDeliveryError
) -> None:
    row = outbox.row(_fail(outbox, error))
    assert (row.state, row.next_try_at, row.try_number, row.failures) == ("retry", None, 2, 0)
    assert outbox.tries == []
    assert (_health().paused, _health().paused_reason) == (True, str(error))


@pytest.fixture
def _another_machine(outbox: Any) -> None:
    with write_session() as session:
        register(session, Process("w1", "another-host", 7, "1", "worker"), now=clock.now())


@pytest.mark.usefixtures("_another_machine")
def test_an_address_that_only_this_machine_refuses_is_left_to_the_others_and_pauses_nothing(
    outbox: Any,
) -> None:
    row = outbox.row(_fail(outbox, BAD_ADDRESS))
    assert (row.state, _wait(outbox), _health().paused) == ("retry", OWN_FINDING, False)


@pytest.mark.usefixtures("_another_machine")
def test_a_look_up_whose_address_only_this_machine_refuses_is_left_to_the_others(outbox: Any) -> None:
    row = outbox.row(_lose_and_fail_look_up(outbox, BAD_ADDRESS))
    assert (row.state, _wait(outbox), _health().paused) == ("unknown", OWN_FINDING, False)


@pytest.mark.usefixtures("_another_machine")
def test_credentials_that_are_refused_are_everybody_s_however_many_machines_there_are(outbox: Any) -> None:
    outbox.row(_fail(outbox, BAD_TOKEN))
    assert (outbox.tries, _health().paused) == ([], True)


def test_a_refused_message_is_dead_and_its_integration_goes_on(outbox: Any) -> None:
    row = outbox.row(_fail(outbox, BAD_FIELD))
    assert (row.state, row.next_try_at, outbox.tries) == ("dead", None, [])
    assert not _health().paused


def test_a_look_up_that_is_refused_for_its_credentials_holds_the_message_as_unknown(outbox: Any) -> None:
    row = outbox.row(_lose_and_fail_look_up(outbox, BAD_TOKEN))
    assert (row.state, row.next_try_at, outbox.tries) == ("unknown", None, [])
    assert _health().paused


def test_a_look_up_that_is_throttled_is_done_later_and_counts_as_no_failure(outbox: Any) -> None:
    delivery = _lose_and_fail_look_up(outbox, THROTTLED)
    assert _wait(outbox) == DEFAULT_THROTTLE
    assert (outbox.row(delivery).state, outbox.row(delivery).failures) == ("unknown", 1)


def test_look_ups_that_fail_a_day_long_end_in_a_dead_message_that_says_what_to_look_for(outbox: Any) -> None:
    delivery = _fail(outbox, LOST, arrived=True)
    outbox.vendor.look_up_failures = [REFUSED] * 50
    outbox.work_to_the_end()
    row = outbox.row(delivery)
    assert (row.state, row.next_try_at, row.sends) == ("dead", None, 1)
    assert "may have arrived" in row.hint


def test_a_look_up_that_breaks_is_no_answer_and_no_failure_of_the_vendor_s(outbox: Any) -> None:
    delivery = _fail(outbox, LOST, arrived=True)
    outbox.vendor.reconcile = lambda *_args, **_kwargs: 1 / 0
    outbox.work()
    row = outbox.row(delivery)
    assert (row.state, row.reason, row.failures) == ("unknown", "local", 1)
    assert "ZeroDivisionError" in row.error


@pytest.mark.parametrize(
    ("error", "outcome"), [(REFUSED, "not sent"), (LOST, "unknown"), (BAD_FIELD, "refused")], ids=str
)
def test_the_attempt_says_what_the_failure_means(outbox: Any, error: DeliveryError, outcome: str) -> None:
    delivery = _fail(outbox, error)
    with read_session() as session:
        [attempt] = list_attempts(session, delivery)
    assert (attempt.outcome, attempt.reason) == (outcome, error.reason.value)


def test_the_vendor_s_own_words_stand_behind_ours(outbox: Any) -> None:
    error = PermanentDeliveryError(
        "Refused.", reason=FailureReason.CLIENT, status=400, detail="priority: unknown"
    )
    assert outbox.row(_fail(outbox, error)).error == "Refused. priority: unknown"


# -- an outcome is written down whatever the database does ------------------------------------------------------


def test_an_outcome_that_cannot_be_written_at_once_is_written_a_moment_later(
    outbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soc.delivery.local.work.time.sleep", lambda _seconds: None)
    delivery = outbox.plan()
    failures = [OperationalError("busy", None, Exception())] * 2
    written = outbox.vendor.deliver

    def follow(*_: Any) -> list[Try]:
        if failures:
            raise failures.pop()
        return [Try("q", "dlv-next", 1, clock.now())]

    tries = attempts.attempt(
        delivery, 1, "jira", executor="t", follow=follow, connectors=outbox.vendor.borrow
    )
    assert written is not None
    assert outbox.row(delivery).state == "delivered"
    assert [one.delivery_id for one in tries] == ["dlv-next"]
    assert outbox.vendor.kept == [delivery]


def test_a_vendor_s_answer_to_a_try_that_was_taken_over_changes_nothing(outbox: Any) -> None:
    delivery = outbox.plan()
    send = outbox.vendor.deliver

    def taken_over(*args: Any, **kwargs: Any) -> Receipt:
        with write_session() as session:
            lock_delivery(session, delivery).try_number = 2
        receipt: Receipt = send(*args, **kwargs)
        return receipt

    outbox.vendor.deliver = taken_over
    outbox.work()
    assert outbox.tries == []
    assert outbox.row(delivery).state == "sending"


# -- no connector -----------------------------------------------------------------------------------------------


def _attempt(delivery: str, connectors: Any) -> list[Try]:
    return attempts.attempt(delivery, 1, executor="t", follow=lambda *_: [], connectors=connectors)


def test_without_a_configuration_the_message_waits(outbox: Any) -> None:
    from contextlib import nullcontext

    delivery = outbox.plan()
    assert _attempt(delivery, lambda _kind, _session: nullcontext(None)) == []
    assert outbox.row(delivery).next_try_at is None
    assert not _health().paused


def test_a_configuration_that_cannot_be_read_holds_the_message_and_pauses_the_integration(
    outbox: Any,
) -> None:
    def broken(_kind: str, _session: Any) -> Any:
        raise ConfigurationError("The key is another.")

    delivery = outbox.plan()
    assert _attempt(delivery, broken) == []
    assert (outbox.row(delivery).state, outbox.row(delivery).next_try_at) == ("pending", None)
    assert (_health().paused, _health().paused_reason) == (True, "The key is another.")
