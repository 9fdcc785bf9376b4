"""A path that is gone refuses every message alike: after some in a row they are held, not buried one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from soc import clock
from soc.delivery import ledger, retry
from soc.delivery.ledger import Intent
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import CallAction
from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError
from soc.integrations.registry import KINDS
from soc.store.db import read_session, write_session
from soc.store.nouns.vendors.health import IntegrationHealthRow, read_health, record_check

MISSING = PermanentDeliveryError("404", reason=FailureReason.CLIENT, status=404)
BAD = PermanentDeliveryError("400", reason=FailureReason.CLIENT, status=400)
Tell = Callable[[DeliveryError | None], str]


@pytest.fixture
def tell(outbox: Any, monkeypatch: pytest.MonkeyPatch) -> Tell:
    """Sends one more message, which is answered so; returns its id. Three 404s in a row mean that the place is gone."""
    monkeypatch.setitem(KINDS, "jira", replace(KINDS["jira"], gone_after={404: 3}))

    def send(error: DeliveryError | None) -> str:
        number = send.__dict__.setdefault("sent", 0)
        send.__dict__["sent"] = number + 1
        message = CallAction(name="create-ticket", request={"incident_id": f"inc-{number}"})
        intent = Intent(key=f"jira:{number}", integration="jira", message=message, actor=AT_A_PAGE)
        with write_session() as session:
            outbox.tries = ledger.plan(session, [intent], now=clock.now())
        delivery: str = outbox.tries[0].delivery_id
        outbox.vendor.failures = [(error, False)] if error is not None else []
        outbox.work()
        return delivery

    return send


def health() -> IntegrationHealthRow:
    with read_session() as session:
        return read_health(session, "jira")


def test_the_third_in_a_row_pauses_and_all_three_wait(outbox: Any, tell: Tell) -> None:
    told = [tell(MISSING) for _ in range(2)]
    assert [outbox.row(one).state for one in told] == ["dead", "dead"]
    told.append(tell(MISSING))
    outbox.work_to_the_end()
    assert {outbox.row(one).state for one in told} == {"pending", "retry"}
    assert [outbox.row(one).next_try_at for one in told] == [None, None, None]
    assert health().paused
    assert "taken for gone" in health().paused_reason


@pytest.mark.parametrize("between", [None, BAD])
def test_a_delivery_or_another_refusal_between_begins_the_row_anew(
    outbox: Any, tell: Tell, between: DeliveryError | None
) -> None:
    told = [tell(MISSING), tell(MISSING), tell(between), tell(MISSING), tell(MISSING)]
    assert outbox.row(told[-1]).state == "dead"
    assert not health().paused


def test_a_test_that_passed_begins_the_row_anew(outbox: Any, tell: Tell) -> None:
    told = [tell(MISSING), tell(MISSING)]
    outbox.travel.shift(1)
    with write_session() as session:
        record_check(session, "jira", {"ok": True}, actor=AT_A_PAGE, now=clock.now())
    told.append(tell(MISSING))
    assert outbox.row(told[-1]).state == "dead"
    assert not health().paused


def test_a_kind_that_declares_nothing_buries_each(
    outbox: Any, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(retry.KINDS, "jira", replace(KINDS["jira"], gone_after={}))
    assert {outbox.row(tell(MISSING)).state for _ in range(4)} == {"dead"}


def test_a_webhook_s_404_and_405_are_such_a_refusal() -> None:
    assert {kind: dict(one.gone_after) for kind, one in KINDS.items() if one.gone_after} == {
        "webhook": {404: 3, 405: 3}
    }


@pytest.mark.parametrize("looked_into", [True, False])
def test_the_next_look_is_named_only_where_there_is_one(
    outbox: Any, tell: Tell, monkeypatch: pytest.MonkeyPatch, looked_into: bool
) -> None:
    monkeypatch.setattr(type(outbox.vendor), "may_probe", looked_into)
    tell(PermanentDeliveryError("401", reason=FailureReason.AUTH, status=401))
    assert (health().paused, health().next_probe_at is not None) == (True, looked_into)
