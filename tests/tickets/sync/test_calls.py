"""Which tickets are read when: those a vendor called about, those a search names, those that nobody looked at for long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlmodel import select

from soc.domain.actor import Actor
from soc.errors import ConfigurationError, FailureReason, TransientDeliveryError
from soc.integrations.kit.inbound.hooks import TicketCall
from soc.integrations.kit.tickets import Absence, Touched
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.nouns.vendors.hook_events import HookEventRow
from soc.tickets.sync import calls, poll
from soc.tickets.sync.calls import take_calls
from soc.tickets.sync.poll import (
    LONGEST_MINUTES,
    OVERLAP_MINUTES,
    READ_AGAIN,
    REOPENABLE,
    sync_quietly,
    sync_tickets,
)
from tests.rows import NIGHT, add_ticket
from tests.tickets.sync.vendor import Vendor, read_whole

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
AWAY = TransientDeliveryError("away", reason=FailureReason.NETWORK)


class Searched(Vendor):
    """Its searches show what a test lets them; `minutes` is how far each looked back."""

    def __init__(self) -> None:
        super().__init__()
        self.touched: list[Touched] = []
        self.minutes: list[int] = []
        self.fails: Exception | None = None

    def list_touched(self, *, minutes: int) -> list[Touched]:
        self.minutes.append(minutes)
        if self.fails is not None:
            raise self.fails
        return self.touched


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Searched]:
    """Two tickets that were read a minute ago, and have changed since."""
    migrate()
    found = Searched()
    with write_session() as session:
        for number in (1, 2):
            read = {"read_at": NIGHT - MINUTE, "remote_updated_at": NIGHT - 5 * MINUTE}
            add_ticket(session, f"SOC-{number}", remote_id=str(number), **read)
            found.says[f"SOC-{number}"] = read_whole(
                f"SOC-{number}", status="Started", category="indeterminate"
            )
    for module in (calls, poll):
        monkeypatch.setattr(module, "borrow", found.borrow)
    monkeypatch.setattr(poll, "takers", lambda _message: ("jira",))
    with time_machine.travel(NIGHT, tick=False):
        yield found


def events() -> list[tuple[str, str, datetime | None]]:
    with read_session() as session:
        rows = session.exec(select(HookEventRow).order_by(HookEventRow.about)).all()
        assert {row.made_by for row in rows} <= {str(Actor.vendor("jira"))}
        return [(row.about, row.event, row.done_at) for row in rows]


def test_a_call_is_kept_before_it_is_answered_and_its_tickets_are_read_after_each_once(
    vendor: Searched,
) -> None:
    some = [
        TicketCall("a", "1", False),
        TicketCall("b", "1", False),
        TicketCall("c", "2", True),
        TicketCall("d", "9", False),
    ]
    read = take_calls("jira", some)
    assert events() == [
        ("1", "changed", None),
        ("1", "changed", None),
        ("2", "deleted", None),
        ("9", "changed", None),
    ]
    assert vendor.asked == []
    vendor.says["SOC-2"] = Absence.HIDDEN
    read()
    assert vendor.asked == ["SOC-1", "SOC-2"]
    assert {done for *_, done in events()} == {NIGHT}
    with read_session() as session:
        first, second = session.get_one(TicketRow, 1), session.get_one(TicketRow, 2)
    assert (first.status, second.absence) == ("Started", "deleted")
    take_calls("jira", some)()  # the same again
    take_calls("jira", [])()
    assert (len(vendor.asked), len(events())) == (2, 4)


def test_calls_that_cannot_be_worked_on_now_wait_for_the_poll(
    vendor: Searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.says["SOC-1"], known = AWAY, vendor.says["SOC-1"]
    take_calls("jira", [TicketCall("a", "1", False)])()
    assert events() == [("1", "changed", None)]
    with monkeypatch.context() as patch:
        patch.setattr(calls, "borrow", lambda _kind: _nothing_there())
        take_calls("jira", [TicketCall("b", "1", False)])()
    assert [done for *_, done in events()] == [None, None]
    vendor.says["SOC-1"] = known
    assert sync_tickets() == 1
    assert [done for *_, done in events()] == [NIGHT, NIGHT]


@contextmanager
def _nothing_there() -> Iterator[None]:
    raise ConfigurationError("Jira is not configured.")
    yield


def test_a_search_looks_back_beyond_the_last_poll_that_ended_well_and_no_further_than_a_day(
    vendor: Searched,
) -> None:
    sync_tickets()
    for moment, minutes in (
        (NIGHT, OVERLAP_MINUTES),
        (NIGHT + SECOND, 1 + OVERLAP_MINUTES),
        (NIGHT + 62 * MINUTE, 62 + OVERLAP_MINUTES),
        (NIGHT + timedelta(days=9), LONGEST_MINUTES),
        (NIGHT, OVERLAP_MINUTES),  # a clock that was set back
    ):
        with time_machine.travel(moment, tick=False):
            sync_tickets()
        assert vendor.minutes[-1] == minutes, moment
    assert vendor.minutes[0] == LONGEST_MINUTES
    with time_machine.travel(NIGHT + 30 * MINUTE, tick=False):
        vendor.fails = AWAY
        assert sync_quietly() == 0
        vendor.fails = None
    with time_machine.travel(NIGHT + 40 * MINUTE, tick=False):
        sync_tickets()
    assert vendor.minutes[-1] == 40 + OVERLAP_MINUTES


def touch(vendor: Searched, *some: tuple[str, datetime | None]) -> Sequence[str]:
    """Which are read where the search shows these."""
    vendor.touched = [Touched(*one) for one in some]
    vendor.asked.clear()
    sync_tickets()
    return vendor.asked


def test_what_a_search_names_is_read_where_it_may_show_something_new(vendor: Searched) -> None:
    seen, read = NIGHT - 5 * MINUTE, NIGHT - MINUTE
    for said, news in (
        (seen, False),
        (seen + SECOND, True),
        (seen - MINUTE, False),
        (read - MINUTE, True),  # later than what is known
        (None, True),
    ):
        with write_session() as session:
            session.get_one(TicketRow, 1).sqlmodel_update({"remote_updated_at": seen, "read_at": read})
        assert touch(vendor, ("1", said), ("77", NIGHT)) == (["SOC-1"] if news else []), said
    for columns in (
        {"remote_updated_at": None, "read_at": read},
        {"remote_updated_at": seen, "read_at": seen + 59 * SECOND},
    ):
        with write_session() as session:  # it was read while the vendor may still have worked on it
            session.get_one(TicketRow, 1).sqlmodel_update(columns)
        assert touch(vendor, ("1", seen)) == ["SOC-1"]


def test_what_nobody_touched_is_read_now_and_then_until_it_is_settled(vendor: Searched) -> None:
    with write_session() as session:
        for key, columns in (
            ("SOC-3", {"read_at": NIGHT - READ_AGAIN}),
            ("SOC-4", {"read_at": NIGHT - READ_AGAIN - SECOND}),
            ("SOC-5", {"read_at": None, "resolved_at": NIGHT - REOPENABLE}),
            ("SOC-6", {"read_at": None, "resolved_at": NIGHT - REOPENABLE - SECOND}),
            ("SOC-7", {"read_at": None, "absence": "deleted"}),
        ):
            add_ticket(session, key, remote_id=key[-1], **columns)
            vendor.says[key] = read_whole(key)
    assert touch(vendor, ("4", NIGHT)) == ["SOC-4", "SOC-5"]  # each once


def test_one_vendor_that_is_away_keeps_no_other_from_being_asked(
    vendor: Searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def borrow(kind: str) -> Iterator[Searched]:
        if kind == "away":
            raise AWAY
        yield vendor

    monkeypatch.setattr(poll, "borrow", borrow)
    monkeypatch.setattr(poll, "takers", lambda _message: ("away", "jira"))
    vendor.touched = [Touched("1", NIGHT)]
    with pytest.raises(TransientDeliveryError):
        sync_tickets()
    assert vendor.asked == ["SOC-1"]
