from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from soc.domain.actor import AT_A_PAGE
from soc.errors import FailureReason, TransientDeliveryError
from soc.integrations.vendors.jira import JiraConfig, JiraConnector, RemoteTicket
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow, list_deliveries
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident
from soc.store.nouns.tickets.tickets import TicketRow, find_ticket
from soc.tickets.sync import poll as sync
from tests.tickets import answers

NOW = datetime(2026, 1, 15, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _ticket() -> None:
    migrate()
    with write_session() as session:
        session.add(
            BatchRow(
                id="b",
                name="b",
                state="finished",
                created_at=NOW,
                idempotency_key="k",
                made_by=str(AT_A_PAGE),
            )
        )
        session.flush()
        session.add(
            IncidentRow(
                id="inc-1", batch_id="b", created_at=NOW, title="t", source="s", classification="Error", score=9,
                severity="critical", confidence=0.9, rule_id="r", template_id="t", template="t", count=1, message="m",
            )
        )  # fmt: skip
        session.flush()
        session.add(
            TicketRow(
                incident_id="inc-1", integration="jira", key="SOC-1", remote_id="1", url="u", summary="s",
                priority="Highest", status="Open", created_at=NOW, due_at=NOW + timedelta(hours=1), made_by=str(AT_A_PAGE),
            )
        )  # fmt: skip


def _jira_says(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    config = JiraConfig(base_url="https://jira.example.com", username="a@b.c", api_token="t")
    connector = JiraConnector(config)

    def ask(_key: str) -> list[RemoteTicket]:
        if isinstance(answer, Exception):
            raise answer
        return [answer]

    answers.answer(monkeypatch, connector, ask)

    @contextmanager
    def borrow(_kind: str) -> Iterator[JiraConnector]:
        yield connector

    monkeypatch.setattr(sync, "borrow", borrow)
    monkeypatch.setattr(sync, "READ_AGAIN", timedelta(hours=-1))


def _remote(**values: Any) -> RemoteTicket:
    known = {
        "id": "1", "key": "SOC-1", "url": "u", "summary": "s", "status": "In Progress", "status_category": "indeterminate",
        "priority": "Highest", "assignee": "Ana Lyst", "created": NOW, "updated": NOW, "resolved_at": None,
    }  # fmt: skip
    return RemoteTicket.model_validate({**known, **values})


def test_a_ticket_that_was_started_in_jira_is_in_progress_here(monkeypatch: pytest.MonkeyPatch) -> None:
    _jira_says(monkeypatch, _remote())
    assert sync.sync_tickets() == 1
    with read_session() as session:
        ticket = find_ticket(session, "inc-1")
        assert ticket is not None
        assert (ticket.status, ticket.assignee) == ("In Progress", "Ana Lyst")
        assert get_incident(session, "inc-1").status == "in_progress"


def test_a_resolved_ticket_s_clock_stops_when_jira_says_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = NOW + timedelta(minutes=20)
    _jira_says(monkeypatch, _remote(status="Resolved", status_category="done", resolved_at=ended))
    sync.sync_tickets()
    with read_session() as session:
        ticket = find_ticket(session, "inc-1")
    assert ticket is not None
    assert ticket.resolved_at == ended


def test_a_priority_changed_in_jira_moves_the_due_time(monkeypatch: pytest.MonkeyPatch) -> None:
    _jira_says(monkeypatch, _remote(priority="High", status_category="new"))
    with time_machine.travel(NOW + timedelta(minutes=30)):
        sync.sync_tickets()
    with read_session() as session:
        ticket = find_ticket(session, "inc-1")
    assert ticket is not None
    assert ticket.due_at == NOW + timedelta(hours=4)


def test_a_jira_that_is_away_changes_nothing_and_is_asked_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _jira_says(monkeypatch, TransientDeliveryError("away", reason=FailureReason.NETWORK))
    assert sync.sync_quietly() == 0
    with read_session() as session:
        ticket = find_ticket(session, "inc-1")
    assert ticket is not None
    assert ticket.status == "Open"


def test_a_vendor_that_is_away_does_not_keep_another_s_tickets_from_being_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _jira_says(monkeypatch, _remote())
    there = sync.borrow

    def borrow(kind: str) -> Any:
        if kind == "away":
            raise TransientDeliveryError("away", reason=FailureReason.NETWORK)
        return there(kind)

    monkeypatch.setattr(sync, "borrow", borrow)
    monkeypatch.setattr(sync, "takers", lambda _message: ("away", "jira"))
    with pytest.raises(TransientDeliveryError):
        sync.sync_tickets()
    with read_session() as session:
        ticket = find_ticket(session, "inc-1")
    assert ticket is not None
    assert ticket.status == "In Progress"


# -- a ticket that goes on after its end ------------------------------------------------------------------------


def _alerted() -> None:
    """PagerDuty was told of the incident."""
    with write_session() as session:
        session.add(
            DeliveryRow(
                id="dlv-1", key="pagerduty:send_alert:inc-1", integration="pagerduty", batch_id="b", action="send_alert",
                incident_id="inc-1", state="delivered", created_at=NOW, updated_at=NOW, made_by=str(AT_A_PAGE),
            )
        )  # fmt: skip


def _told() -> list[str]:
    with read_session() as session:
        return sorted(row.key for row in list_deliveries(session) if row.action == "resolve_alert")


DONE = {"status": "Done", "status_category": "done"}


def test_a_reopened_ticket_runs_again_and_so_does_its_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    for state in (DONE, {}):
        _jira_says(monkeypatch, _remote(**state))
        sync.sync_tickets()
    with read_session() as session:
        ticket = find_ticket(session, "inc-1")
        assert ticket is not None
        assert (ticket.resolved_at, ticket.reopened, ticket.status) == (None, 1, "In Progress")
        assert get_incident(session, "inc-1").status == "in_progress"


def test_each_end_of_a_ticket_is_told_once_also_the_one_after_it_was_reopened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _alerted()
    for state in (DONE, DONE, {}, {}, DONE, DONE, {}, DONE):
        _jira_says(monkeypatch, _remote(**state))
        sync.sync_tickets()
    first = "pagerduty:resolve_alert:inc-1"
    assert _told() == [first, f"{first}:1", f"{first}:2"]


def test_what_an_end_plans_is_given_to_the_engine_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(sync, "enqueue_tries", given.extend)
    _alerted()
    _jira_says(monkeypatch, _remote(**DONE))
    sync.sync_tickets()
    with read_session() as session:
        (planned,) = [row.id for row in list_deliveries(session) if row.action == "resolve_alert"]
    assert [one.delivery_id for one in given] == [planned]


def test_an_end_that_was_told_before_there_were_versions_is_not_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _alerted()
    with write_session() as session:
        session.add(
            DeliveryRow(
                id="dlv-2", key="pagerduty:resolve_alert:inc-1", integration="pagerduty", batch_id="b",
                action="resolve_alert", incident_id="inc-1", state="delivered", created_at=NOW, updated_at=NOW,
                made_by=str(AT_A_PAGE),
            )
        )  # fmt: skip
    _jira_says(monkeypatch, _remote(**DONE))
    sync.sync_tickets()
    assert _told() == ["pagerduty:resolve_alert:inc-1"]


def test_the_moment_of_the_first_end_is_kept_while_the_ticket_stays_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for minutes in (20, 50):
        _jira_says(monkeypatch, _remote(**DONE, resolved_at=NOW + timedelta(minutes=minutes)))
        sync.sync_tickets()
    with read_session() as session:
        ticket = find_ticket(session, "inc-1")
    assert ticket is not None
    assert ticket.resolved_at == NOW + timedelta(minutes=20)
