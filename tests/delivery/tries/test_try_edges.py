"""A try at its edges: what went wrong after the intent, what comes back from a look-up, and what a call's key stands for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from soc import clock
from soc.delivery import ledger, queues, retry
from soc.delivery.attempt import attempt
from soc.delivery.idempotency import latest_key
from soc.delivery.local import clock_set, work
from soc.delivery.local.clock_set import TOLERANCE, bring_nearer
from soc.delivery.retry import after_failed_send, next_try
from soc.delivery.turns import limits_on, throttle_of, turn_of
from soc.errors import FailureReason, LimitOf, StoreError, TransientDeliveryError, UnknownOutcome
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.vendors.health import health_to_change, read_health
from tests.rows import NIGHT, add_delivery

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LOST = UnknownOutcome("no answer", reason=FailureReason.TIMEOUT)


def _raise(error: Exception) -> Any:
    raise error


def _attempt(outbox: Any, delivery: str, number: int = 1, **more: Any) -> Any:
    options = {"executor": "mine", "follow": lambda *_: [], "connectors": outbox.vendor.borrow, **more}
    return attempt(delivery, number, **options)


def _change(delivery: str, **values: Any) -> None:
    with write_session() as session:
        row = lock_delivery(session, delivery)
        for name, value in values.items():
            setattr(row, name, value)


def test_what_breaks_after_the_intent_is_no_fault_of_the_configuration(outbox: Any) -> None:
    delivery = outbox.plan()
    with pytest.raises(StoreError, match="no such incident"):
        _attempt(outbox, delivery, follow=lambda *_: _raise(StoreError("no such incident")))
    assert (outbox.row(delivery).state, outbox.row(delivery).hint) == ("sending", "")
    with read_session() as session:
        assert not read_health(session, "jira").paused


def test_a_store_that_goes_away_after_bytes_have_left_is_no_begin_to_write_again(
    outbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = OperationalError("", {}, Exception("gone"))

    def used(self: Any, _message: Any) -> Any:
        self.lease.used = True
        raise gone

    delivery = outbox.plan()
    monkeypatch.setattr(work.Work, "_send", used)
    with pytest.raises(OperationalError):
        _attempt(outbox, delivery)
    assert outbox.row(delivery).state == "sending"


def _looks_up(outbox: Any, then: Any) -> None:
    """The vendor does this while it is asked, and shows nothing."""

    def look_up(_message: Any, **_named: Any) -> None:
        then()

    outbox.vendor.reconcile = look_up


def _doubted(outbox: Any) -> str:
    delivery: str = outbox.plan()
    outbox.vendor.failures = [(LOST, False)]
    outbox.work()
    return delivery


@pytest.mark.parametrize("answer", [None, TransientDeliveryError("away", reason=FailureReason.NETWORK)])
def test_a_look_up_that_was_taken_over_changes_nothing(outbox: Any, answer: Exception | None) -> None:
    delivery = _doubted(outbox)

    def is_taken_over() -> None:
        _change(delivery, try_number=9, reconciled=1)
        if answer is not None:
            raise answer

    _looks_up(outbox, is_taken_over)
    assert outbox.work()
    row = outbox.row(delivery)
    assert (outbox.tries, row.try_number, row.reconciled, row.failures, row.state) == ([], 9, 1, 1, "unknown")


def test_what_was_looked_up_in_vain_and_called_off_meanwhile_is_not_sent_again(
    outbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = _doubted(outbox)
    _looks_up(outbox, lambda: None)
    outbox.work()
    monkeypatch.setattr(ledger, "still_wanted", lambda *_: (None, "acknowledged by Mia"))
    outbox.work()
    row = outbox.row(delivery)
    assert (outbox.tries, row.state, row.reason, row.sends) == ([], "cancelled", "acknowledged by Mia", 1)


def test_a_message_that_is_not_there_any_more_or_never_was_of_a_kind_has_its_turn() -> None:
    migrate()
    with write_session() as session:
        add_delivery(session, "dlv-1", action="send_fax", subject="inc-1", sent_at=NIGHT)
        row = add_delivery(
            session, "dlv-2", action="send_fax", subject="inc-1", created_at=NIGHT + timedelta(seconds=1)
        )
        assert turn_of(session, row, now=NIGHT) is None


def test_failures_are_counted_from_the_first() -> None:
    with pytest.raises(ValueError, match="from 1"):
        next_try(0, retry_count=3)


def test_only_what_the_vendor_s_limit_names_waits(outbox: Any) -> None:
    delivery = outbox.plan()
    _change(delivery, state="sending")
    for limit, seconds in ((LimitOf.SUBJECT, 20), (LimitOf.CALL, 40), (LimitOf.EVERYTHING, 60)):
        wait = timedelta(seconds=seconds)
        error = TransientDeliveryError("slow", reason=FailureReason.THROTTLED, status=429, retry_after=wait)
        error.limit = limit
        with write_session() as session:
            row = lock_delivery(session, delivery)
            row.state = "sending"
            [then] = after_failed_send(session, row, error, outbox.vendor, now=clock.now())
            everything = read_health(session, "jira").throttled_until
            assert then.at == clock.now() + wait
            if limit in limits_on(row):
                assert (throttle_of(session, row), everything) == (clock.now() + wait, None)
            else:
                assert everything == clock.now() + wait
    assert timedelta(seconds=30) == retry.DEFAULT_THROTTLE


def test_a_call_that_is_done_once_is_another_one_after_something_else_was_asked() -> None:
    migrate()
    with write_session() as session:

        def latest(key: str) -> str:
            return latest_key(session, f"jira:set:once:{key}", integration="jira", subject="inc-1")

        def asked(key: str, minute: int, **values: Any) -> None:
            known = {"integration": "jira", "subject": "inc-1", "action": "call_action", **values}
            name = f"{known['integration']}:set:once:{key}"
            add_delivery(session, f"dlv-{minute}", key=name, created_at=NIGHT + minute * MINUTE, **known)

        assert latest("high") == "jira:set:once:high"
        asked("high", 0)
        asked("low:9", 1, subject="inc-2")
        asked("low", 2, integration="slack")
        assert (latest("high"), latest("low")) == ("jira:set:once:high", "jira:set:once:low")
        asked("low", 3)
        assert (latest("high"), latest("low")) == ("jira:set:once:high:1", "jira:set:once:low")
        asked("high:1", 4)
        assert (latest("high"), latest("low")) == ("jira:set:once:high:1", "jira:set:once:low:1")
        asked("low:1", 5)
        assert latest("high") == "jira:set:once:high:2"


@pytest.fixture
def jobs() -> Iterator[list[queues.Job]]:
    found: list[queues.Job] = []
    queues.open_queues(found.extend)
    yield found
    queues.close_queues()


def test_interactions_are_handed_over_together_each_with_its_try(jobs: list[queues.Job]) -> None:
    queues.enqueue_interactions([("int-1", 1), ("int-2", 3)])
    assert jobs == [
        queues.Job("interactions", "work_interaction", f"interaction-{one}-{number}", (one, number), timedelta(0))
        for one, number in (("int-1", 1), ("int-2", 3))
    ]  # fmt: skip
    assert queues.QUEUES["interactions"].concurrency == 8


def test_an_engine_that_does_not_hear_of_an_interaction_stops_nobody_and_nothing_is_nobody_s_call() -> None:
    calls: list[Any] = []
    queues.open_queues(calls.append)
    queues.enqueue_interactions([])
    queues.open_queues(lambda _jobs: _raise(sa.exc.OperationalError("", {}, Exception("locked"))))
    queues.enqueue_interactions([("int-1", 1)])
    queues.close_queues()
    queues.enqueue_interactions([("int-1", 1)])
    assert calls == []


@pytest.fixture
def _one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    monkeypatch.setattr(clock_set, "shared_clock", lambda _session: NIGHT.timestamp())


@pytest.mark.usefixtures("_one_clock")
def test_a_wait_of_the_old_time_begins_now_and_only_a_booked_one_stays_booked() -> None:
    ahead = NIGHT + HOUR
    with write_session() as session:
        for name, values in {
            "booked": {"booked_at": ahead + MINUTE},
            "plain": {},
            "soon": {"next_try_at": ahead - MINUTE},  # it was to come before it was named
            "over": {"state": "dead"},
            "held": {"next_try_at": None},
            "close": {"armed_at": NIGHT + TOLERANCE},
        }.items():
            add_delivery(session, name, **{"next_try_at": ahead + MINUTE, "armed_at": ahead, **values})
    assert {one.delivery_id: one.at for one in bring_nearer()} == {
        "booked": NIGHT + MINUTE, "plain": NIGHT + MINUTE, "soon": NIGHT,
    }  # fmt: skip
    with read_session() as session:
        rows = {one: get_delivery(session, one) for one in ("booked", "plain", "over", "close")}
        assert (rows["booked"].booked_at, rows["plain"].booked_at) == (NIGHT + MINUTE, None)
        assert (rows["plain"].armed_at, rows["over"].armed_at) == (NIGHT, ahead)
        assert rows["close"].next_try_at == ahead + MINUTE
    assert bring_nearer() == []


@pytest.mark.usefixtures("_one_clock")
def test_a_vendor_that_failed_again_by_the_new_time_waits_as_it_said_then() -> None:
    until = NIGHT + MINUTE
    with write_session() as session:
        for failed in (None, NIGHT):  # what another process has written meanwhile
            row = health_to_change(session, "jira")
            row.last_failure_at, row.throttled_until, row.breaker_until = failed, until, until
            session.flush()
            clock_set._mend_health(session, "jira", now=NIGHT)
            assert (row.last_failure_at, row.throttled_until, row.breaker_until) == (failed, until, until)


@pytest.mark.usefixtures("_one_clock")
def test_a_vendor_s_waits_of_the_old_time_move_with_its_last_failure() -> None:
    ahead = NIGHT + HOUR
    waits: dict[str, dict[str, Any]] = {
        "jira": {"last_failure_at": ahead, "throttled_until": ahead + MINUTE, "breaker_until": ahead + HOUR},
        "slack": {"last_failure_at": ahead},
        "webhook": {"last_failure_at": NIGHT + TOLERANCE, "throttled_until": ahead},
        "pagerduty": {"breaker_until": ahead},
    }
    with write_session() as session:
        for kind, values in waits.items():
            health_to_change(session, kind).sqlmodel_update(values)
    assert bring_nearer() == []
    found = {}
    with read_session() as session:
        for kind in waits:
            row = read_health(session, kind)
            found[kind] = (row.last_failure_at, row.throttled_until, row.breaker_until)
    assert found == {
        "jira": (NIGHT, NIGHT + MINUTE, NIGHT + HOUR), "slack": (NIGHT, None, None),
        "webhook": (NIGHT + TOLERANCE, ahead, None), "pagerduty": (None, None, ahead),
    }  # fmt: skip


def test_what_happened_to_a_delivery_meanwhile_is_seen_before_it_is_brought_nearer() -> None:
    migrate()
    with write_session() as session:
        for state, armed in (("delivered", NIGHT + HOUR), ("pending", NIGHT), ("pending", None)):
            row = add_delivery(
                session, f"dlv-{state}-{armed}", state=state, armed_at=armed, next_try_at=NIGHT + HOUR
            )
            assert clock_set._bring_one(session, row.id, now=NIGHT) == []
            assert (row.try_number, row.next_try_at) == (1, NIGHT + HOUR)
