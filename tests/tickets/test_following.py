"""What follows a delivery: the ticket's row, and the planned update of each alert that can show its link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from soc.domain.message import OpenTicket, Receipt
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.incidents.incidents import get_incident, to_incident
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.opening import follow_delivery
from tests.rows import NIGHT, add_delivery, add_incident

NOW = datetime(2026, 1, 15, 0, 0, tzinfo=UTC)
SENT = NOW - timedelta(minutes=3)
RECEIPT = Receipt(remote_id="10001", key="SOC-7", url="https://jira.example.com/browse/SOC-7")


@pytest.fixture(autouse=True)
def _night() -> Iterator[None]:
    migrate()
    with write_session() as session:
        add_incident(session, "inc-1", score=8, title="Failed logins")
    with time_machine.travel(NOW, tick=False):
        yield


def delivered(action: str = "open_ticket", integration: str = "jira", **values: Any) -> list[Any]:
    with write_session() as session:
        incident = to_incident(get_incident(session, "inc-1"))
        name = f"dlv-{integration}-{action}"
        add_delivery(
            session, name, integration=integration, action=action, incident_id="inc-1", batch_id="b", state="delivered",
            payload=OpenTicket(incident=incident, due="2026-01-15").model_dump(mode="json"), receipt=RECEIPT.model_dump(),
            **values,
        )  # fmt: skip
        return follow_delivery(session, get_delivery(session, name), RECEIPT)


def rows(table: Any) -> list[Any]:
    with read_session() as session:
        return list(session.exec(select(table)).all())


def updates() -> list[DeliveryRow]:
    return [row for row in rows(DeliveryRow) if row.action == "update_alert"]


def test_an_opened_ticket_has_its_row_with_what_the_vendor_said_of_it() -> None:
    delivered(sent_at=SENT, practice=True, made_by="rule:severity-9@decision")
    (ticket,) = rows(TicketRow)
    assert (ticket.key, ticket.remote_id, ticket.url) == (RECEIPT.key, RECEIPT.remote_id, RECEIPT.url)
    assert (ticket.incident_id, ticket.integration, ticket.practice) == ("inc-1", "jira", True)
    assert (ticket.priority, ticket.status, ticket.made_by) == ("High", "Open", "rule:severity-9@decision")
    assert ticket.summary == "[HIGH] Error - s (Severity 8)"


@pytest.mark.parametrize(("sent_at", "opened"), [(SENT, SENT), (None, NOW)])
def test_its_clock_runs_from_when_its_incident_was_found(sent_at: datetime | None, opened: datetime) -> None:
    delivered(sent_at=sent_at)
    (ticket,) = rows(TicketRow)
    assert (ticket.created_at, ticket.due_at) == (opened, NIGHT + timedelta(hours=4))


@pytest.mark.parametrize(
    "action", ["send_alert", "update_alert", "resolve_alert", "send_summary", "add_note"]
)
def test_other_messages_make_no_ticket(action: str) -> None:
    assert delivered(action, "slack") == []
    assert rows(TicketRow) == []


def test_a_ticket_that_is_delivered_twice_has_one_row() -> None:
    delivered()
    with write_session() as session:
        follow_delivery(session, get_delivery(session, "dlv-jira-open_ticket"), RECEIPT)
    assert len(rows(TicketRow)) == 1


@pytest.mark.parametrize("order", [("jira", "slack"), ("slack", "jira")])
def test_whichever_comes_last_plans_the_link(order: tuple[str, str]) -> None:
    tries = [delivered("open_ticket" if one == "jira" else "send_alert", one) for one in order]
    # an alert that was there first also hears of the ticket in its thread
    assert [len(one) for one in tries] == [0, 2 if order[-1] == "jira" else 1]
    (update,) = updates()
    assert (update.integration, update.incident_id, update.batch_id, update.score) == (
        "slack",
        "inc-1",
        "b",
        8,
    )
    assert update.payload["ticket"] == {"key": RECEIPT.key, "url": RECEIPT.url}
    assert (update.payload["channel"], update.payload["ts"]) == (RECEIPT.key, RECEIPT.remote_id)
    assert update.made_by.startswith("system:ticket-link")


@pytest.mark.parametrize("action", ["send_summary", "add_note"])
def test_only_a_ticket_or_an_alert_plans_a_link(action: str) -> None:
    delivered("open_ticket")
    with write_session() as session:
        add_delivery(
            session, "told", integration="slack", action="send_alert", incident_id="inc-1", batch_id="b",
            state="delivered", receipt=RECEIPT.model_dump(),
        )  # fmt: skip
    assert delivered(action, "jira") == []
    assert updates() == []


def test_what_belongs_to_no_incident_is_followed_by_nothing() -> None:
    with write_session() as session:
        add_delivery(
            session, "free", integration="slack", action="send_alert", incident_id=None, state="delivered"
        )
        assert follow_delivery(session, get_delivery(session, "free"), RECEIPT) == []


def test_an_alert_that_cannot_be_changed_plans_nothing() -> None:
    delivered()
    assert delivered("send_alert", "pagerduty") == []
    assert updates() == []


def test_a_link_of_practice_is_practice_and_one_in_earnest_is_not() -> None:
    delivered("send_alert", "slack", practice=True)
    delivered()
    assert [row.practice for row in updates()] == [True]


def test_a_ticket_of_an_integration_that_is_gone_has_the_incidents_title() -> None:
    delivered(integration="gone")
    assert [row.summary for row in rows(TicketRow)] == ["Failed logins"]
