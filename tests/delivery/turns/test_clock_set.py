"""A clock that is set back freezes nothing: each wait lasts as long as it was named for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from soc import clock
from soc.delivery.local import clock_set
from soc.delivery.local.clock_set import TOLERANCE, bring_nearer
from soc.errors import FailureReason, TransientDeliveryError
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.vendors.health import read_health

BACK = (timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_set, "shared_clock", lambda _session: clock.now().timestamp())


def _throttled(outbox: Any) -> str:
    delivery: str = outbox.plan()
    error = TransientDeliveryError(
        "slow down", reason=FailureReason.THROTTLED, status=429, retry_after=timedelta(seconds=40)
    )
    outbox.vendor.failures.append((error, False))
    outbox.work()
    return delivery


@pytest.mark.parametrize("back", BACK)
def test_a_wait_lasts_as_long_as_it_was_named_for(outbox: Any, back: timedelta) -> None:
    delivery = _throttled(outbox)
    outbox.travel.shift(-back)
    [one] = bring_nearer()
    row = outbox.row(delivery)
    assert (one.number, row.next_try_at - clock.now()) == (row.try_number, timedelta(seconds=40))
    with read_session() as session:
        assert read_health(session, "jira").throttled_until == clock.now() + timedelta(seconds=40)
    outbox.tries = [one]
    outbox.work()
    assert outbox.row(delivery).state == "delivered"
    assert outbox.vendor.kept == [delivery]


def test_a_place_that_was_booked_in_a_rate_limit_moves_with_the_wait(outbox: Any) -> None:
    delivery = _throttled(outbox)
    with write_session() as session:
        row = lock_delivery(session, delivery)
        row.booked_at = row.next_try_at
        session.add(row)
    outbox.travel.shift(-timedelta(hours=1))
    bring_nearer()
    row = outbox.row(delivery)
    assert row.booked_at == row.next_try_at == clock.now() + timedelta(seconds=40)


def test_clocks_of_two_machines_may_differ_by_a_quarter_of_a_minute() -> None:
    assert timedelta(seconds=15) == TOLERANCE


def test_a_clock_that_goes_on_brings_nothing_nearer(outbox: Any) -> None:
    delivery = _throttled(outbox)
    before = outbox.row(delivery).next_try_at
    for step in (timedelta(0), timedelta(seconds=10), -TOLERANCE):
        outbox.travel.shift(step)
        assert bring_nearer() == []
    assert outbox.row(delivery).next_try_at == before


def test_a_send_that_is_under_way_keeps_its_try(outbox: Any) -> None:
    delivery = outbox.plan()
    with write_session() as session:
        row = lock_delivery(session, delivery)
        row.state, row.armed_at = "sending", clock.now()
        row.next_try_at = clock.now() + timedelta(minutes=10)
    outbox.travel.shift(-timedelta(hours=1))
    assert bring_nearer() == []
    row = outbox.row(delivery)
    assert (row.try_number, row.next_try_at - clock.now()) == (1, timedelta(minutes=10))
