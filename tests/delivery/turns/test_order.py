"""Messages about one incident keep their order at a vendor that holds an incident open until it is told otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import Session

from soc import clock
from soc.delivery import ledger
from soc.delivery.ledger import Intent, Send, Skip, Try
from soc.delivery.turns import LONGEST_TURN, SHORTEST_TURN, limits_on, turn_of
from soc.domain.actor import AT_A_PAGE
from soc.domain.delivery import DeliveryState
from soc.domain.message import CallAction, Receipt
from soc.errors import LimitOf
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.deliveries.outbox import lock_delivery

SETTLE = timedelta(seconds=1)


def _plan(name: str, *, subject: str = "inc-1", kind: str = "pagerduty") -> Try:
    migrate()
    message = CallAction(name=name, subject=subject, request={"incident_id": subject})
    with write_session() as session:
        intent = Intent(key=f"{kind}:{name}:{subject}", integration=kind, message=message, actor=AT_A_PAGE)
        return ledger.plan(session, [intent], now=clock.now())[0]


def _begin(session: Session, one: Try) -> ledger.Step:
    return ledger.begin(session, one.delivery_id, one.number, executor="test", settle=SETTLE, now=clock.now())


def _begun(one: Try) -> ledger.Step:
    with write_session() as session:
        return _begin(session, one)


def _end(one: Try, state: DeliveryState) -> None:
    with write_session() as session:
        row = lock_delivery(session, one.delivery_id)
        if state is DeliveryState.DELIVERED:
            ledger.deliver(session, row, Receipt(remote_id="1"), now=clock.now())
        else:
            ledger.bury(session, row, now=clock.now())


def test_the_end_of_an_incident_waits_for_its_beginning() -> None:
    trigger, resolve = _plan("create-incident"), _plan("resolve-incident")
    assert isinstance(_begun(trigger), Send)
    waiting = _begun(resolve)
    assert isinstance(waiting, Skip)
    assert waiting.then is not None
    assert waiting.then.at >= clock.now() + SHORTEST_TURN - timedelta(seconds=1)
    with read_session() as session:
        assert "earlier message" in get_delivery(session, resolve.delivery_id).hint
    _end(trigger, DeliveryState.DELIVERED)
    with write_session() as session:
        lock_delivery(session, resolve.delivery_id).next_try_at = clock.now()
    assert isinstance(_begun(waiting.then), Send)


def test_what_was_given_up_holds_nothing_back() -> None:
    trigger, resolve = _plan("create-incident"), _plan("resolve-incident")
    assert isinstance(_begun(trigger), Send)
    _end(trigger, DeliveryState.DEAD)
    assert isinstance(_begun(resolve), Send)


def test_other_incidents_and_earlier_messages_do_not_wait() -> None:
    trigger, resolve = _plan("create-incident"), _plan("resolve-incident")
    other = _plan("resolve-incident", subject="inc-2")
    assert isinstance(_begun(other), Send)
    assert isinstance(_begun(trigger), Send)
    assert isinstance(_begun(resolve), Skip)


def test_where_order_does_not_matter_nobody_waits() -> None:
    first, second = _plan("execute-action", kind="stackstorm"), _plan("send-alert", kind="stackstorm")
    assert isinstance(_begun(second), Send)
    assert isinstance(_begun(first), Send)


def _turn(one: Try) -> datetime | None:
    with write_session() as session:
        return turn_of(session, lock_delivery(session, one.delivery_id), now=clock.now())


@pytest.fixture
def night() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 1, 14, 22, 0, tzinfo=UTC), tick=False) as travel:
        yield travel


@pytest.mark.parametrize(
    ("due", "turn"),
    [
        (None, SHORTEST_TURN),
        (0, SHORTEST_TURN),
        (2, SHORTEST_TURN),
        (17, timedelta(seconds=17)),
        (600, LONGEST_TURN),
    ],
)
def test_who_waits_looks_again_when_the_one_before_is_due_within_bounds(
    night: time_machine.Traveller, due: int | None, turn: timedelta
) -> None:
    trigger = _plan("create-incident")
    night.shift(timedelta(seconds=1))
    resolve = _plan("resolve-incident")
    with write_session() as session:
        row = lock_delivery(session, trigger.delivery_id)
        row.next_try_at = None if due is None else clock.now() + timedelta(seconds=due)
    assert _turn(resolve) == clock.now() + turn
    assert _turn(trigger) is None


def test_what_was_planned_in_the_same_instant_waits_for_nobody(night: time_machine.Traveller) -> None:
    _plan("create-incident")
    assert _turn(_plan("resolve-incident")) is None


def test_the_oldest_that_has_not_ended_says_when(night: time_machine.Traveller) -> None:
    plans = []
    for name in ("create-incident", "acknowledge-incident", "resolve-incident"):
        plans.append(_plan(name))
        night.shift(timedelta(seconds=1))
    with write_session() as session:
        for one, seconds in zip(plans, (20, 40, 60), strict=True):
            lock_delivery(session, one.delivery_id).next_try_at = clock.now() + timedelta(seconds=seconds)
    assert _turn(plans[2]) == clock.now() + timedelta(seconds=20)
    _end(plans[0], DeliveryState.DEAD)
    assert _turn(plans[2]) == clock.now() + timedelta(seconds=40)


def test_an_alert_and_a_message_without_a_subject_wait_for_nobody(night: time_machine.Traveller) -> None:
    _plan("create-incident", subject="")
    night.shift(timedelta(seconds=1))
    assert _turn(_plan("resolve-incident", subject="")) is None
    _plan("create-incident")
    night.shift(timedelta(seconds=1))
    later = _plan("alert")
    with write_session() as session:
        lock_delivery(session, later.delivery_id).action = "send_alert"
    assert _turn(later) is None


def test_a_vendor_s_limits_are_told_apart_by_call_and_ticket_where_the_vendor_does() -> None:
    call = {"action": "call_action", "payload": {"name": "assign"}, "subject": "inc-1"}
    assert limits_on(DeliveryRow(integration="jira", **call)) == {
        LimitOf.CALL: "jira:call:call_action:assign", LimitOf.SUBJECT: "jira:subject:inc-1",
    }  # fmt: skip
    opened = {"action": "open_ticket", "payload": {"name": "x"}, "subject": ""}
    assert limits_on(DeliveryRow(integration="jira", **opened)) == {LimitOf.CALL: "jira:call:open_ticket"}
    assert limits_on(DeliveryRow(integration="slack", **call)) == {}
    assert limits_on(DeliveryRow(integration="gone", **call)) == {}
