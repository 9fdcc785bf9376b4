"""What was sent again after a lost answer is looked into later; what comes of it is kept and told."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from soc.delivery import follow_up
from soc.delivery.follow_up import follow_open_ends
from soc.domain.message import Message, Receipt
from soc.errors import FailureReason, UnknownOutcome
from soc.store.db import read_session
from soc.store.nouns.tickets.tickets import find_ticket
from soc.store.nouns.vendors.health import read_health
from soc.tickets.opening import move_ticket

LOST = UnknownOutcome("lost", reason=FailureReason.TIMEOUT)


def watch(vendor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor's search lags; its later look finds the first ticket."""

    def doubtful(receipt: Receipt, *, sent: datetime) -> Receipt:
        return receipt.model_copy(update={"open": True})

    def look(receipt: Receipt, message: Message) -> Receipt:
        return Receipt(remote_id="1", key="SOC-FIRST", extra={"note": "opened twice"})

    @contextmanager
    def borrow(_kind: str) -> Any:
        yield vendor

    monkeypatch.setattr(vendor, "doubtful", doubtful, raising=False)
    monkeypatch.setattr(vendor, "follow_up", look, raising=False)
    monkeypatch.setattr(follow_up, "borrow", borrow)


def test_a_ticket_that_was_sent_again_is_looked_for_and_its_row_follows_the_first(
    outbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(outbox.vendor, monkeypatch)
    delivery = outbox.plan()
    outbox.vendor.failures, outbox.vendor.blind_look_ups = [(LOST, True)], 2
    outbox.work_to_the_end()
    assert (outbox.row(delivery).state, outbox.row(delivery).open_end) == ("delivered", True)
    assert follow_open_ends(moved=move_ticket) == 1
    with read_session() as session:
        ticket = find_ticket(session, "inc-1")
        assert ticket is not None
        assert (ticket.key, read_health(session, "jira").last_error) == ("SOC-FIRST", "opened twice")
    assert not outbox.row(delivery).open_end


def test_what_was_sent_once_is_not_doubted(outbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    watch(outbox.vendor, monkeypatch)
    delivery = outbox.plan()
    outbox.work_to_the_end()
    assert not outbox.row(delivery).open_end
