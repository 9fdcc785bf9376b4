"""Messages that wait together leave in one request; each keeps its own promise: once, and looked up before a second try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from soc import clock
from soc.delivery import ledger
from soc.delivery.attempt import attempt
from soc.delivery.ledger import Intent, Try
from soc.delivery.local import outcomes, together
from soc.delivery.local.in_flight import working_on
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import Message, OpenTicket, Receipt
from soc.errors import (
    ConfigurationError,
    DeliveryError,
    FailureReason,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.incidents.incidents import to_incident
from soc.store.nouns.vendors.health import read_health
from tests.delivery.conftest import fakes
from tests.rows import add_incident

NIGHT = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
MANY = 7


class Many(fakes.FakeVendor):  # type: ignore[misc, name-defined]
    """Takes five at once. `each` says what came of one, `all_of_them` what of every one."""

    together: Mapping[str, int] = {"open_ticket": 5}

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[list[str]] = []
        self.each: dict[str, DeliveryError] = {}
        self.all_of_them: BaseException | None = None

    def deliver_together(self, messages: Mapping[str, Message]) -> Mapping[str, Receipt | DeliveryError]:
        self.requests.append(list(messages))
        self.kept += [one for one in messages if one not in self.each]
        if self.all_of_them is not None:
            raise self.all_of_them
        return {one: self.each.get(one) or self._receipt(one) for one in messages}


@pytest.fixture
def vendor() -> Iterator[Many]:
    migrate()
    with time_machine.travel(NIGHT, tick=False):
        yield Many()


def _plan(number: int = MANY) -> list[Try]:
    with write_session() as session:
        incidents = [to_incident(add_incident(session, f"inc-{one}")) for one in range(number)]
        return ledger.plan(
            session,
            [
                Intent(
                    key=f"k-{one.id}", integration="jira", incident_id=one.id, actor=AT_A_PAGE,
                    message=OpenTicket(incident=one, due="2026-01-14"),
                )
                for one in incidents
            ],
            now=clock.now(),
        )  # fmt: skip


def _attempt(vendor: Many, one: Try, executor: str = "mine") -> list[Try]:
    return attempt(
        one.delivery_id, one.number, "jira", executor=executor, follow=lambda *_: [], connectors=vendor.borrow
    )


def _states(tries: list[Try]) -> list[str]:
    with read_session() as session:
        return [get_delivery(session, one.delivery_id).state for one in tries]


def _work_off(vendor: Many, tries: list[Try], travel: Any = None) -> None:
    waiting = list(tries)
    while waiting:
        waiting += _attempt(vendor, waiting.pop(0))


def test_many_that_wait_leave_in_few_requests_and_each_once(vendor: Many) -> None:
    tries = _plan()
    _work_off(vendor, tries)
    assert [len(one) for one in vendor.requests] == [5]  # the two that are left are too few
    assert sorted(vendor.kept) == sorted(one.delivery_id for one in tries)
    assert set(_states(tries)) == {"delivered"}


@pytest.mark.parametrize("most", [6, 7])
def test_as_many_as_the_vendor_takes_leave_at_once(
    vendor: Many, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(Many, "together", {"open_ticket": most})
    tries = _plan(8)
    _attempt(vendor, tries[0])
    assert [len(one) for one in vendor.requests] == [most]


def test_one_that_cannot_be_begun_stays_to_its_own_try_and_the_others_leave(
    vendor: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries, begin = _plan(6), together._begin
    broken = {tries[2].delivery_id}

    def unusable(other: Any, borrowed: Any) -> Any:
        if other.delivery_id in broken:
            raise ConfigurationError("its seal does not open")
        return begin(other, borrowed)

    monkeypatch.setattr(Many, "together", {"open_ticket": 6})
    monkeypatch.setattr(together, "_begin", unusable)
    _attempt(vendor, tries[0])
    assert [sorted(one) for one in vendor.requests] == [
        sorted(one.delivery_id for one in tries if one.delivery_id not in broken)
    ]
    assert _states(tries)[2] == "pending"


def test_few_are_sent_one_by_one(vendor: Many) -> None:
    _work_off(vendor, tries := _plan(together.FROM - 1))
    assert (vendor.requests, len(vendor.kept)) == ([], len(tries))


def test_one_that_cannot_be_read_keeps_no_other_back(vendor: Many) -> None:
    tries = _plan(6)
    with write_session() as session:
        get_delivery(session, tries[1].delivery_id).payload = {"action": "open_ticket", "incident": {}}
    _attempt(vendor, tries[0])
    assert _states(tries)[:5] == ["delivered", "pending", "delivered", "delivered", "delivered"]


def test_each_has_its_own_end(vendor: Many) -> None:
    tries = _plan(5)
    refused, later = tries[1].delivery_id, tries[2].delivery_id
    vendor.each = {
        refused: PermanentDeliveryError("no", reason=FailureReason.CLIENT, status=400),
        later: TransientDeliveryError("later", reason=FailureReason.SERVER),
    }
    _attempt(vendor, tries[0])
    assert _states(tries) == ["delivered", "dead", "retry", "delivered", "delivered"]


def test_a_lost_answer_is_looked_up_for_each_and_counts_as_one_failure(vendor: Many) -> None:
    tries = _plan(5)
    vendor.all_of_them = UnknownOutcome("lost", reason=FailureReason.TIMEOUT)
    after = _attempt(vendor, tries[0])
    assert set(_states(tries)) == {"unknown"}
    with read_session() as session:
        assert read_health(session, "jira").failures_in_row == 1
    vendor.all_of_them = None
    with time_machine.travel(NIGHT.replace(hour=23), tick=False):
        _work_off(vendor, after)
    assert (set(_states(tries)), vendor.look_ups, len(vendor.kept)) == ({"delivered"}, 5, 5)


def test_a_process_that_dies_in_the_middle_leaves_each_to_be_looked_up(vendor: Many) -> None:
    tries = _plan(5)
    vendor.all_of_them = KeyboardInterrupt()  # no code of ours runs after it, as after a kill -9
    with pytest.raises(KeyboardInterrupt):
        _attempt(vendor, tries[0])
    assert set(_states(tries)) == {"sending"}
    vendor.all_of_them = None
    again = [then for one in tries for then in _attempt(vendor, one, "another")]
    assert set(_states(tries)) == {"unknown"}
    with time_machine.travel(NIGHT.replace(hour=23), tick=False):
        _work_off(vendor, again)
    assert (set(_states(tries)), len(vendor.kept), len(vendor.requests)) == ({"delivered"}, 5, 1)


def test_one_that_another_thread_is_at_is_left_to_it(vendor: Many) -> None:
    tries = _plan()
    with working_on(tries[3].delivery_id, 1):
        _attempt(vendor, tries[0])
    assert tries[3].delivery_id not in vendor.requests[0]
    assert _states(tries)[3] == "pending"


def test_one_whose_begin_is_still_to_be_written_is_not_sent_by_the_next_request(
    vendor: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries, begin = _plan(9), together._begin

    def away(other: Any, borrowed: Any) -> Any:
        if other.delivery_id == tries[3].delivery_id:
            raise sa.exc.TimeoutError("the store is held")
        return begin(other, borrowed)

    monkeypatch.setattr(together, "_begin", away)
    _attempt(vendor, tries[0])
    monkeypatch.setattr(together, "_begin", begin)
    after = _attempt(vendor, tries[4])
    assert tries[3].delivery_id not in vendor.kept
    after += outcomes.write_kept()
    _work_off(vendor, [*tries, *after])
    assert (set(_states(tries)), sorted(vendor.kept)) == (
        {"delivered"}, sorted(one.delivery_id for one in tries),
    )  # fmt: skip


def test_a_configuration_that_changed_meanwhile_holds_for_what_is_begun_after_it(vendor: Many) -> None:
    tries, other = _plan(), Many()
    other.config = other.config.model_copy(update={"project_key": "NEW"})
    borrowed = iter([vendor, other])
    attempt(
        tries[0].delivery_id, 1, "jira", executor="mine", follow=lambda *_: [],
        connectors=lambda kind, session: next(borrowed).borrow(kind, session),
    )  # fmt: skip
    assert (vendor.requests, vendor.kept, other.kept) == ([], [tries[0].delivery_id], [])
