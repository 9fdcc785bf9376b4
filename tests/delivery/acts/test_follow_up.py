"""A vendor that was still at work is asked for the end, as long as that is of any use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from soc import clock
from soc.delivery import follow_up
from soc.delivery.follow_up import MOST_AT_ONCE, PATIENCE, follow_open_ends
from soc.domain.message import CallAction, Message, Receipt
from soc.errors import ConfigurationError, FailureReason, TransientDeliveryError
from soc.store.db import write_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow

OPEN = Receipt(remote_id="run-1", open=True)
ENDED = Receipt(remote_id="run-1", extra={"result": "done"})


class Runs:
    """A vendor with runs: what it answers, by delivery, and whom it was asked for."""

    def __init__(self) -> None:
        self.answer: Receipt | Exception = OPEN
        self.asked: list[str] = []
        self.absent = False

    def follow_up(self, receipt: Receipt, message: Message) -> Receipt:
        assert isinstance(message, CallAction)
        self.asked.append(message.name)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @contextmanager
    def borrow(self, _kind: str) -> Iterator[Any]:
        yield None if self.absent else self


@pytest.fixture
def runs(outbox: Any, monkeypatch: pytest.MonkeyPatch) -> Runs:
    vendor = Runs()
    monkeypatch.setattr(follow_up, "borrow", vendor.borrow)
    return vendor


def _open_end(number: int = 1, *, at: datetime | None = None, open_end: bool = True) -> str:
    with write_session() as session:
        row = DeliveryRow(
            id=f"dlv-{number}", key=f"k-{number}", integration="stackstorm", action="call_action", state="delivered",
            payload=CallAction(name=f"call-{number}").model_dump(), receipt=OPEN.model_dump(), open_end=open_end,
            created_at=clock.now(), updated_at=clock.now(), delivered_at=at or clock.now(), made_by="system:t@itself",
        )  # fmt: skip
        session.add(row)
        return row.id


def test_what_has_ended_is_kept_and_not_asked_for_again(outbox: Any, runs: Runs) -> None:
    delivery = _open_end()
    runs.answer = ENDED
    assert [follow_open_ends(), follow_open_ends()] == [1, 0]
    assert runs.asked == ["call-1"]
    row = outbox.row(delivery)
    assert (row.open_end, row.receipt) == (False, ENDED.model_dump())


def test_what_goes_on_is_asked_for_again(outbox: Any, runs: Runs) -> None:
    delivery = _open_end()
    assert [follow_open_ends(), follow_open_ends()] == [0, 0]
    assert len(runs.asked) == 2
    assert outbox.row(delivery).open_end


def test_news_of_what_goes_on_are_kept(outbox: Any, runs: Runs) -> None:
    delivery = _open_end()
    runs.answer = Receipt(remote_id="run-1", open=True, extra={"step": "2 of 3"})
    assert follow_open_ends() == 0
    assert outbox.row(delivery).receipt["extra"] == {"step": "2 of 3"}


def test_what_has_no_open_end_is_not_asked_for(runs: Runs) -> None:
    _open_end(open_end=False)
    assert (follow_open_ends(), runs.asked) == (0, [])


def test_after_a_day_nobody_asks_any_more(runs: Runs) -> None:
    _open_end(1, at=clock.now() - PATIENCE)
    _open_end(2, at=clock.now() - PATIENCE + timedelta(seconds=1))
    follow_open_ends()
    assert runs.asked == ["call-2"]


def test_the_oldest_are_asked_for_first_and_so_many_at_once(runs: Runs) -> None:
    for number in range(MOST_AT_ONCE + 1):
        _open_end(number, at=clock.now() - timedelta(minutes=number))
    follow_open_ends()
    assert runs.asked[0] == f"call-{MOST_AT_ONCE}"
    assert len(runs.asked) == MOST_AT_ONCE
    assert "call-0" not in runs.asked


@pytest.mark.parametrize(
    "trouble",
    [TransientDeliveryError("away", reason=FailureReason.NETWORK), ConfigurationError("The key is another.")],
)
def test_a_vendor_that_cannot_be_asked_now_is_asked_later_and_the_others_are_all_the_same(
    outbox: Any, runs: Runs, trouble: Exception
) -> None:
    _open_end(1)
    _open_end(2)
    runs.answer = trouble
    assert follow_open_ends() == 0
    assert len(runs.asked) == 2
    assert outbox.row("dlv-1").open_end


def test_without_a_configuration_nothing_is_asked(outbox: Any, runs: Runs) -> None:
    _open_end(1)
    runs.absent = True
    assert (follow_open_ends(), runs.asked) == (0, [])
    assert outbox.row("dlv-1").open_end
