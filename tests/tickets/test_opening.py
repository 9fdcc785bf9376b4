from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import select

from soc.domain.actor import AT_A_PAGE, Actor
from soc.domain.message import OpenTicket, Receipt
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow, list_deliveries
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident, to_incident
from soc.store.nouns.sla.sla_clocks import SlaClockRow
from soc.store.nouns.tickets.tickets import TicketRow, find_ticket
from soc.tickets import acts
from soc.tickets.acts import Asked
from soc.tickets.alerts import refresh_alerts, tell_below
from soc.tickets.opening import follow_delivery, link_forgotten_alerts

NOW = datetime(2026, 1, 15, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _incident() -> None:
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


def _ticket() -> None:
    with write_session() as session:
        session.add(
            TicketRow(
                incident_id="inc-1", integration="jira", key="SOC-1", remote_id="1", url="https://j/browse/SOC-1",
                summary="s", priority="Highest", status="Open", created_at=NOW, due_at=NOW, made_by=str(AT_A_PAGE),
            )
        )  # fmt: skip


def _alert(integration: str) -> None:
    with write_session() as session:
        session.add(
            DeliveryRow(
                id=f"dlv-{integration}", key=f"{integration}:send_alert:inc-1", integration=integration, batch_id="b",
                action="send_alert", incident_id="inc-1", state="delivered", created_at=NOW, updated_at=NOW,
                receipt={"remote_id": "1736.5", "key": "C1", "url": "", "extra": {}}, made_by=str(AT_A_PAGE),
            )
        )  # fmt: skip


def _planned() -> list[tuple[str, str]]:
    with read_session() as session:
        return [
            (row.integration, row.state) for row in list_deliveries(session) if row.action == "update_alert"
        ]


def test_the_alert_gets_the_ticket_s_link_once_both_exist_and_only_once() -> None:
    _ticket()
    _alert("slack")
    for _ in range(2):
        with write_session() as session:
            refresh_alerts(session, "inc-1", now=NOW)
    assert _planned() == [("slack", "pending")]


def test_an_alert_without_a_ticket_is_not_changed() -> None:
    _alert("slack")
    with write_session() as session:
        assert refresh_alerts(session, "inc-1", now=NOW) == []


@pytest.mark.parametrize("integration", ["pagerduty", "stackstorm", "webhook"])
def test_what_cannot_be_changed_after_it_was_sent_is_left_alone(integration: str) -> None:
    _ticket()
    _alert(integration)
    with write_session() as session:
        assert refresh_alerts(session, "inc-1", now=NOW) == []
    assert link_forgotten_alerts() == []


def test_a_link_that_was_forgotten_is_planned_by_the_sweep() -> None:
    _ticket()
    _alert("slack")
    assert len(link_forgotten_alerts()) == 1
    assert link_forgotten_alerts() == []


def test_an_alert_of_which_nobody_knows_where_it_stands_keeps_no_other_from_its_link() -> None:
    _ticket()
    _alert("slack")
    with write_session() as session:
        sent = session.get_one(DeliveryRow, "dlv-slack").model_dump()
        session.add(DeliveryRow(**{**sent, "id": "dlv-lost", "key": "lost", "receipt": {}}))
    assert len(link_forgotten_alerts()) == 1
    with write_session() as session:
        tries = tell_below(session, "inc-1", "Somebody looks at it.", event="evt-1", now=NOW)
        assert len(tries) == 1
    with write_session() as session:
        session.delete(session.get_one(DeliveryRow, "dlv-slack"))
    assert link_forgotten_alerts() == []


def test_a_link_that_is_another_by_now_is_told_again_and_once() -> None:
    _ticket()
    _alert("slack")
    for key in ("SOC-1", "SEC-7", "SEC-7", "SOC-1"):
        with write_session() as session:
            ticket = find_ticket(session, "inc-1")
            assert ticket is not None
            ticket.key = key
            session.add(ticket)
            session.flush()
            refresh_alerts(session, "inc-1", now=NOW)
    with read_session() as session:
        told = [row for row in list_deliveries(session) if row.action == "update_alert"]
    links = {row.key: row.payload["ticket"]["key"] for row in told}
    first = "slack:update_alert:inc-1"
    assert links == {first: "SOC-1", f"{first}:1": "SEC-7", f"{first}:2": "SOC-1"}


def test_who_acknowledged_it_while_its_ticket_was_on_its_way_has_answered_the_ticket() -> None:
    asked = Asked(Actor.said("per-kim"), "ack", at=NOW + timedelta(minutes=5))
    acts.perform(lambda session: acts.acknowledge(session, "inc-1", asked))
    with write_session() as session, time_machine.travel(NOW + timedelta(minutes=30), tick=False):
        message = OpenTicket(incident=to_incident(get_incident(session, "inc-1")), due="2026-01-15")
        row = DeliveryRow(
            id="dlv-1", key="k", integration="jira", action="open_ticket", state="delivered", incident_id="inc-1", batch_id="b",
            payload=message.model_dump(mode="json"), created_at=NOW, updated_at=NOW, made_by=str(AT_A_PAGE),
        )  # fmt: skip
        follow_delivery(session, row, Receipt(key="SOC-1", remote_id="1", url="https://jira.example.com/1"))
        response = session.exec(select(SlaClockRow).where(SlaClockRow.clock == "response")).one()
        assert (response.state, response.ended_at) == ("met", NOW + timedelta(minutes=5))
