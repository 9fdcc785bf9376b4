"""Outcomes that could not be written down: kept, written when the store answers, and taken over from a dead process."""

from __future__ import annotations

import errno
import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from soc import clock
from soc.delivery.attempt import late_arrival
from soc.delivery.local import outcomes
from soc.domain.message import Message, Receipt
from soc.errors import FailureReason, PermanentDeliveryError, UnknownOutcome
from soc.settings import get_settings
from soc.store import db
from soc.tickets.opening import follow_delivery

FULL = sa.exc.OperationalError("", {}, Exception("database or disk is full"))
FAULTS = [
    pytest.param(FULL, id="disk full"),
    pytest.param(sa.exc.InternalError("", {}, Exception("read-only transaction")), id="read only"),
    pytest.param(sa.exc.TimeoutError("no connection came free"), id="pool"),
    pytest.param(OSError(errno.ENOSPC, "No space left on device"), id="file system"),
]


class Store:
    """The store as the ledger sees it: `fault` is raised instead of a commit, or (`late`) after it."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.late = False

    @contextmanager
    def write_session(self) -> Iterator[Session]:
        if self.fault and not self.late:
            raise self.fault
        with db.write_session() as session:
            yield session
        if self.fault:
            raise self.fault


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    one = Store()
    monkeypatch.setattr("soc.delivery.attempt.write_session", one.write_session)
    monkeypatch.setattr("soc.delivery.local.work.write_session", one.write_session)
    monkeypatch.setattr("soc.delivery.local.outcomes.write_session", one.write_session)
    monkeypatch.setattr(outcomes, "_name", "process")
    monkeypatch.setattr("soc.delivery.local.work.time.sleep", lambda _seconds: None)
    yield one
    forget()


def forget() -> None:
    """As the end of the process does."""
    outcomes._kept.clear()
    outcomes.waiting.clear()


def journal(name: str = "process") -> Path:
    return get_settings().data_dir / "run" / f"{name}.outcomes"


def fails_after_the_send(outbox: Any, store: Store, fault: Exception) -> None:
    """From the moment on at which the vendor has answered."""
    real = outbox.vendor.deliver

    def deliver(message: Message, *, delivery_id: str) -> Receipt:
        try:
            receipt: Receipt = real(message, delivery_id=delivery_id)
        finally:
            store.fault = fault
        return receipt

    outbox.vendor.deliver = deliver


def read_journals(*names: str) -> int:
    return outcomes.read_journals(lambda which, kept: late_arrival(which, kept, follow_delivery), list(names))


@pytest.mark.parametrize("fault", FAULTS)
def test_what_arrived_is_written_as_soon_as_the_store_answers_and_sent_once(
    outbox: Any, store: Store, fault: Exception
) -> None:
    delivery = outbox.plan()
    fails_after_the_send(outbox, store, fault)
    [one] = outbox.tries
    outbox.work()
    assert (outbox.row(delivery).state, outcomes.count_kept()) == ("sending", 1)
    assert outcomes.write_kept() == []
    assert outcomes.waiting.is_set()
    outbox.tries = [one]  # the engine runs the same try again
    outbox.work()
    store.fault = None
    outcomes.write_kept()
    assert (outbox.row(delivery).state, outcomes.count_kept()) == ("delivered", 0)
    assert len(outbox.vendor.kept) == 1
    assert not outcomes.waiting.is_set()
    assert not journal().exists()


def test_a_refusal_is_written_too(outbox: Any, store: Store) -> None:
    delivery = outbox.plan()
    refused = PermanentDeliveryError("no such project", reason=FailureReason.CLIENT, status=400)
    outbox.vendor.failures = [(refused, False)]
    fails_after_the_send(outbox, store, FULL)
    outbox.work()
    assert not journal().exists(), "only arrivals are worth a file"
    store.fault = None
    outcomes.write_kept()
    assert (outbox.row(delivery).state, outbox.row(delivery).http_status) == ("dead", 400)


def test_the_next_process_of_the_name_writes_what_the_dead_one_had_heard(outbox: Any, store: Store) -> None:
    delivery = outbox.plan()
    fails_after_the_send(outbox, store, FULL)
    outbox.work()
    assert stat.S_IMODE(journal().stat().st_mode) == 0o600
    forget()
    store.fault = None
    assert read_journals("process") == 1
    outcomes.write_kept()
    row = outbox.row(delivery)
    assert (row.state, row.receipt["key"], len(outbox.vendor.kept)) == ("delivered", "SOC-1", 1)
    assert not journal().exists()


def test_a_dead_neighbour_s_journal_is_taken_over_with_its_file(
    outbox: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "_name", "here-0")
    delivery = outbox.plan()
    fails_after_the_send(outbox, store, FULL)
    outbox.work()
    forget()
    monkeypatch.setattr(outcomes, "_name", "here-1")
    read_journals("here-1", "here-0")
    assert (journal("here-0").exists(), journal("here-1").exists()) == (False, True)
    forget()  # this one dies, too, before the store answers
    store.fault = None
    read_journals("here-1")
    outcomes.write_kept()
    assert outbox.row(delivery).state == "delivered"


def test_a_line_that_was_cut_off_costs_only_itself(outbox: Any, store: Store) -> None:
    delivery = outbox.plan()
    fails_after_the_send(outbox, store, FULL)
    outbox.work()
    whole = journal().read_bytes()
    journal().write_bytes(
        b"\x00\xff\n[1]\n" + json.dumps({"delivery_id": "dlv-0"}).encode() + b"\n" + whole + whole[:40]
    )
    forget()
    store.fault = None
    assert read_journals("process") == 1
    outcomes.write_kept()
    assert outbox.row(delivery).state == "delivered"


def test_what_was_found_by_a_look_up_meanwhile_is_not_written_again(outbox: Any, store: Store) -> None:
    delivery = outbox.plan()
    fails_after_the_send(outbox, store, FULL)
    [one] = outbox.tries
    outbox.work()
    forget()
    store.fault = None
    outbox.travel.shift(timedelta(minutes=11))
    outbox.tries = [one]  # recovered by another process
    outbox.work_to_the_end()
    assert outbox.row(delivery).state == "delivered"
    before = outbox.row(delivery).model_dump()
    read_journals("process")
    assert outcomes.write_kept() == []
    assert outbox.row(delivery).model_dump() == before
    assert len(outbox.vendor.kept) == 1


@pytest.mark.parametrize("late", [True, False], ids=["committed all the same", "not committed"])
def test_an_intent_whose_commit_got_no_answer_is_begun_again_at_once_and_sent_once(
    outbox: Any, store: Store, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    delivery = outbox.plan()
    real = db.write_session

    @contextmanager
    def no_answer() -> Iterator[Session]:
        with real() as session:
            yield session
            if not late:
                session.rollback()
        raise FULL

    with monkeypatch.context() as patch:
        patch.setattr("soc.delivery.attempt.write_session", no_answer)
        outbox.work()
    assert (outbox.row(delivery).state, outbox.vendor.kept) == ("sending" if late else "pending", [])
    [outbox.tries] = [outcomes.write_kept()]
    assert [(one.number, one.at) for one in outbox.tries] == [(2, clock.now())]
    assert outbox.row(delivery).state == (
        "retry" if late else "pending"
    )  # nothing was sent: nothing to look up
    outbox.work_to_the_end()
    assert (outbox.row(delivery).state, len(outbox.vendor.kept)) == ("delivered", 1)


def test_an_intent_that_another_process_has_taken_over_is_left_to_it(
    outbox: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = outbox.plan()
    store.fault, store.late = FULL, True
    outbox.work()
    store.fault = None
    with db.write_session() as session:
        session.connection().execute(sa.text("UPDATE attempts SET executor = 'another'"))
    assert outcomes.write_kept() == []
    assert (outbox.row(delivery).state, outbox.row(delivery).try_number) == ("sending", 1)


def test_a_look_up_during_which_the_store_goes_away_is_made_again_and_nothing_is_sent_twice(
    outbox: Any, store: Store
) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(UnknownOutcome("no answer", reason=FailureReason.TIMEOUT), True)]
    outbox.work()
    real = outbox.vendor.reconcile

    def look_up(message: Message, **named: Any) -> Any:
        store.fault = FULL
        real(message, **named)
        return None  # it lags

    outbox.vendor.reconcile = look_up
    outbox.work()
    assert outcomes.count_kept() == 1
    store.fault, outbox.vendor.reconcile = None, real
    outbox.tries = outcomes.write_kept()
    outbox.work_to_the_end()
    assert (outbox.row(delivery).state, len(outbox.vendor.kept)) == ("delivered", 1)
