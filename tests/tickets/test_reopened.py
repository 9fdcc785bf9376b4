"""What a look at the vendor changes here: a ticket that was reopened, moved, closed or never ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from soc.integrations.vendors.jira import JiraConfig, JiraConnector, RemoteTicket
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.tickets.tickets import TicketRow, find_ticket
from soc.tickets.sync import poll as sync
from tests.rows import add_delivery, add_ticket
from tests.tickets.answers import answer

NOW = datetime(2026, 1, 15, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Jira:
    """Answers a look-up with what it was told to, and keeps what it was asked for."""

    def __init__(self, *, practice: bool = False) -> None:
        self.connector = JiraConnector(
            JiraConfig(
                base_url="https://jira.example.com", username="a@b.c", api_token="t", practice=practice
            )
        )
        self.answers: list[RemoteTicket] = []
        self.asked: list[str] = []

    def ask(self, key: str) -> list[RemoteTicket]:
        self.asked.append(key)
        return self.answers

    @contextmanager
    def borrow(self, _kind: str, *_: Any) -> Iterator[JiraConnector]:
        yield self.connector

    def says(self, status: str, category: str, **values: Any) -> None:
        known = {"id": "1", "key": "SOC-1", "url": "u", "summary": "s", "priority": "Highest", "assignee": "", "created": NOW,
                 "updated": NOW, "resolved_at": None, "status": status, "status_category": category}  # fmt: skip
        self.answers = [RemoteTicket.model_validate({**known, **values})]


@pytest.fixture
def jira(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jira]:
    migrate()
    vendor = Jira()
    answer(monkeypatch, vendor.connector, vendor.ask)
    monkeypatch.setattr(sync, "READ_AGAIN", timedelta(hours=-1))
    monkeypatch.setattr(sync, "borrow", vendor.borrow)
    with time_machine.travel(NOW, tick=False):
        yield vendor


def ticket(**values: Any) -> None:
    with write_session() as session:
        add_ticket(session, "SOC-1", incident_id="inc-1", created_at=NOW - HOUR, **values)


def kept() -> TicketRow:
    with read_session() as session:
        found = find_ticket(session, "inc-1")
    assert found is not None
    return found


def incident_status() -> str:
    with read_session() as session:
        return str(get_incident(session, "inc-1").status)


def planned(action: str) -> list[str]:
    with read_session() as session:
        return [row.made_by for row in session.exec(select(DeliveryRow).where(DeliveryRow.action == action))]


def test_a_ticket_that_was_reopened_is_not_resolved_any_more_and_its_clock_runs_on(jira: Jira) -> None:
    ticket(status="Done", status_category="done", resolved_at=NOW - timedelta(minutes=5))
    jira.says("Reopened", "new")
    assert sync.sync_tickets() == 1
    assert (kept().resolved_at, kept().status) == (None, "Reopened")
    assert incident_status() == "open"


def test_a_ticket_keeps_the_moment_when_it_was_resolved_first(jira: Jira) -> None:
    first = NOW - timedelta(minutes=30)
    ticket(status="Done", status_category="done", resolved_at=first)
    jira.says("Done", "done", resolved_at=NOW)
    assert sync.sync_tickets() == 0
    assert kept().resolved_at == first


@pytest.mark.parametrize(
    ("said", "resolved"), [(NOW - timedelta(minutes=9), NOW - timedelta(minutes=9)), (None, NOW)]
)
def test_a_ticket_was_resolved_when_the_vendor_says_or_else_when_it_is_seen(
    jira: Jira, said: datetime | None, resolved: datetime
) -> None:
    ticket()
    jira.says("Done", "done", resolved_at=said)
    sync.sync_tickets()
    assert kept().resolved_at == resolved


@pytest.mark.parametrize(
    ("status", "category", "ours"),
    [("To Do", "new", "open"), ("Doing", "indeterminate", "in_progress"), ("Done", "done", "resolved"),
     ("Closed", "done", "closed"), ("Odd", "undefined", "open")],
)  # fmt: skip
def test_an_incident_stands_where_its_ticket_stands(
    jira: Jira, status: str, category: str, ours: str
) -> None:
    ticket()
    jira.says(status, category)
    sync.sync_tickets()
    assert incident_status() == ours


def test_what_has_not_changed_is_counted_as_no_change_and_has_no_new_author(jira: Jira) -> None:
    ticket(status="To Do", assignee="ana")
    jira.says("To Do", "new", assignee="ana")
    assert sync.sync_tickets() == 0
    assert (kept().changed_by, kept().synced_at) == ("", NOW)


@pytest.mark.parametrize("change", [{"assignee": "eve"}, {"priority": "High"}, {"status": "Doing"}])
def test_any_change_is_counted_and_is_the_vendors(jira: Jira, change: dict[str, str]) -> None:
    ticket(status="To Do")
    jira.says(change.pop("status", "To Do"), "new", **change)
    assert sync.sync_tickets() == 1
    assert kept().changed_by.startswith("vendor:jira")


def test_a_priority_that_is_none_of_ours_changes_no_due_time(jira: Jira) -> None:
    ticket(status="To Do")
    jira.says("To Do", "new", priority="Urgent")
    sync.sync_tickets()
    assert (kept().priority, kept().due_at) == ("Highest", NOW)


def test_the_due_time_of_a_new_priority_counts_from_the_opening(jira: Jira) -> None:
    ticket()
    jira.says("To Do", "new", priority="Medium")
    sync.sync_tickets()
    assert kept().due_at == NOW - HOUR + timedelta(hours=24)


def test_a_ticket_of_practice_and_one_in_earnest_are_two_though_they_share_a_key(jira: Jira) -> None:
    ticket(practice=True)
    jira.says("Done", "done")
    assert sync.sync_tickets() == 0
    assert (kept().status, jira.asked) == ("Open", [])


def test_a_ticket_that_is_gone_changes_nothing_but_is_said_to_be(jira: Jira) -> None:
    ticket()
    jira.says("Done", "done", key="SOC-99")
    assert sync.sync_tickets() == 1
    assert (kept().status, kept().absence) == ("Open", "hidden")


@pytest.mark.parametrize(("days", "asked"), [(6.99, ["SOC-1"]), (7.01, [])])
def test_a_resolved_ticket_is_asked_for_as_long_as_it_may_be_reopened(
    jira: Jira, days: float, asked: list[Any]
) -> None:
    ticket(status="Done", status_category="done", resolved_at=NOW - timedelta(days=days))
    sync.sync_tickets()
    assert jira.asked == asked


def test_so_many_unread_tickets_are_read_at_once_and_the_others_next_time(
    jira: Jira, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "READ_AT_ONCE", 5)
    monkeypatch.setattr(sync, "READ_AGAIN", timedelta(hours=1))
    with write_session() as session:
        for number in range(8):
            add_ticket(session, f"SOC-{number}", incident_id=f"inc-{number}")
    sync.sync_tickets()
    assert len(jira.asked) == 5
    sync.sync_tickets()
    assert sorted(jira.asked) == [f"SOC-{number}" for number in range(8)]


def alert(**values: Any) -> None:
    with write_session() as session:
        add_delivery(
            session, "dlv-9", integration="pagerduty", action="send_alert", incident_id="inc-1", **values
        )


def test_a_ticket_that_is_closed_ends_what_its_alert_began_and_only_once(jira: Jira) -> None:
    ticket()
    alert(state="delivered")
    jira.says("Done", "done")
    sync.sync_tickets()
    sync.sync_tickets()
    assert [made_by.split(":")[0] for made_by in planned("resolve_alert")] == ["vendor"]


def test_a_ticket_that_goes_on_ends_nothing(jira: Jira) -> None:
    ticket()
    alert(state="delivered")
    jira.says("Doing", "indeterminate")
    sync.sync_tickets()
    assert planned("resolve_alert") == []


@pytest.mark.parametrize(
    ("state", "ends"),
    [("pending", 1), ("sending", 1), ("unknown", 1), ("retry", 1), ("delivered", 1), ("dead", 0), ("suppressed", 0), ("cancelled", 0)],
)  # fmt: skip
def test_an_alert_that_never_left_is_not_ended(jira: Jira, state: str, ends: int) -> None:
    ticket()
    alert(state=state)
    jira.says("Done", "done")
    sync.sync_tickets()
    assert len(planned("resolve_alert")) == ends


def test_a_vendor_that_is_switched_off_is_not_asked_and_nothing_has_changed(
    jira: Jira, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket()
    monkeypatch.setattr(jira, "connector", None)
    assert (sync.sync_tickets(), jira.asked) == (0, [])
