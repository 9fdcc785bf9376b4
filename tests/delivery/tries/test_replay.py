"""Bringing back: what was given up, what was held, and what lost its workflow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from soc import clock
from soc.delivery import ledger, queues, replay
from soc.delivery.ledger import Try
from soc.domain.actor import AT_A_PAGE
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.attempts import list_attempts
from soc.store.nouns.deliveries.outbox import lock_delivery


def _change(delivery: str, **values: Any) -> None:
    with write_session() as session:
        row = lock_delivery(session, delivery)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def _sent(delivery: str, outcome: str) -> None:
    """A send that ended so."""
    with write_session() as session:
        ledger.begin(session, delivery, 1, executor="t", settle=timedelta(0), now=clock.now())
    with write_session() as session:
        ledger.end_attempt(session, delivery, 1, "send", ledger.Ending(outcome), now=clock.now())


def _revive(delivery: str) -> Try | None:
    with write_session() as session:
        return replay.revive(session, delivery, actor=AT_A_PAGE, now=clock.now())


@pytest.mark.parametrize("state", ["dead", "cancelled", "suppressed"])
def test_what_never_left_is_tried_anew_as_if_it_were_new(outbox: Any, state: str) -> None:
    delivery = outbox.plan()
    _change(
        delivery,
        state=state,
        failures=9,
        reconciled=1,
        reason="network",
        error="e",
        hint="h",
        next_try_at=None,
    )
    assert _revive(delivery) == Try("deliver-jira", delivery, 2, clock.now())
    row = outbox.row(delivery)
    assert (row.state, row.failures, row.reconciled, row.try_number) == ("pending", 0, 0, 2)
    assert (row.reason, row.error, row.hint, row.next_try_at) == ("", "", "", clock.now())
    assert row.revived_by == str(AT_A_PAGE)


@pytest.mark.parametrize("outcome", ["unknown", "interrupted", ""])
@pytest.mark.parametrize("state", ["dead", "cancelled"])
def test_what_may_have_arrived_is_looked_up_first(outbox: Any, state: str, outcome: str) -> None:
    delivery = outbox.plan()
    _sent(delivery, outcome)
    _change(delivery, state=state)
    _revive(delivery)
    assert outbox.row(delivery).state == "unknown"


@pytest.mark.parametrize("outcome", ["refused", "not sent"])
def test_what_the_vendor_refused_is_simply_sent_again(outbox: Any, outcome: str) -> None:
    delivery = outbox.plan()
    _sent(delivery, outcome)
    _change(delivery, state="dead")
    _revive(delivery)
    assert outbox.row(delivery).state == "pending"


@pytest.mark.parametrize("state", ["pending", "sending", "retry", "unknown", "delivered"])
def test_what_is_under_way_or_delivered_is_left_alone(outbox: Any, state: str) -> None:
    delivery = outbox.plan()
    _change(delivery, state=state)
    assert _revive(delivery) is None
    assert (outbox.row(delivery).state, outbox.row(delivery).try_number) == (state, 1)


def test_replaying_hands_the_tries_to_the_engine(outbox: Any) -> None:
    delivery = outbox.plan()
    _change(delivery, state="dead")
    jobs: list[Any] = []
    queues.open_queues(jobs.extend)
    try:
        assert replay.replay([delivery], actor=AT_A_PAGE) == 1
    finally:
        queues.close_queues()
    assert [job.workflow_id for job in jobs] == [f"deliver-{delivery}-2"]


@pytest.mark.parametrize("state", ["pending", "retry", "unknown"])
def test_what_was_held_goes_on_at_once_in_the_state_that_it_was_in(outbox: Any, state: str) -> None:
    delivery = outbox.plan()
    _change(delivery, state=state, next_try_at=None, hint="Held.", failures=2)
    jobs: list[Any] = []
    queues.open_queues(jobs.extend)
    try:
        assert replay.resume("jira", actor=AT_A_PAGE) == 1
    finally:
        queues.close_queues()
    row = outbox.row(delivery)
    assert (row.state, row.try_number, row.next_try_at, row.hint) == (state, 2, clock.now(), "")
    assert (row.failures, row.revived_by, row.updated_at) == (2, str(AT_A_PAGE), clock.now())
    assert [job.workflow_id for job in jobs] == [f"deliver-{delivery}-2"]


@pytest.mark.parametrize(
    "values", [{}, {"state": "dead", "next_try_at": None}, {"state": "sending", "next_try_at": None}]
)
def test_what_was_not_held_is_not_released(outbox: Any, values: dict[str, Any]) -> None:
    delivery = outbox.plan()
    _change(delivery, **values)
    assert replay.resume("jira", actor=AT_A_PAGE) == 0
    assert outbox.row(delivery).try_number == 1


def test_another_integration_s_deliveries_stay_held(outbox: Any) -> None:
    delivery = outbox.plan()
    _change(delivery, next_try_at=None)
    assert replay.resume("slack", actor=AT_A_PAGE) == 0
    assert outbox.row(delivery).next_try_at is None


# -- the sweep's ----------------------------------------------------------------------------------------------


def _rearm(delivery: str, number: int) -> Try | None:
    with write_session() as session:
        return replay.rearm(session, delivery, number, now=clock.now())


def test_a_try_whose_workflow_is_gone_is_followed_by_another(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.travel.shift(timedelta(minutes=1))
    assert _rearm(delivery, 1) == Try("deliver-jira", delivery, 2, clock.now())
    assert outbox.row(delivery).state == "pending"


def test_a_send_whose_workflow_is_gone_is_unknown(outbox: Any) -> None:
    delivery = outbox.plan()
    with write_session() as session:
        ledger.begin(session, delivery, 1, executor="t", settle=timedelta(0), now=clock.now())
    assert _rearm(delivery, 1) is not None
    assert outbox.row(delivery).state == "unknown"
    with read_session() as session:
        assert [one.outcome for one in list_attempts(session, delivery)] == ["interrupted"]


@pytest.mark.parametrize("values", [{"try_number": 2}, {"state": "delivered"}, {"state": "suppressed"}])
def test_what_went_on_meanwhile_is_not_armed_again(outbox: Any, values: dict[str, Any]) -> None:
    delivery = outbox.plan()
    _change(delivery, **values)
    before = outbox.row(delivery)
    assert _rearm(delivery, 1) is None
    assert outbox.row(delivery) == before
