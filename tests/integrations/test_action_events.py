"""What the log says of a delivery: enough to know what was done, for whom; nothing that was said."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session
from structlog.testing import capture_logs

from soc import clock
from soc.domain.message import Receipt
from soc.integrations.action_events import note_delivered, note_failed
from soc.store.nouns.deliveries.deliveries import DeliveryRow

SENT = clock.parse("2026-01-14T22:00:00Z")
ENGINE = sa.create_engine("sqlite://")
NOW = clock.parse("2026-01-14T22:00:01.5Z")


def _row(integration: str, **values: Any) -> DeliveryRow:
    payload = {"action": "call_action", "name": "do-it", "request": {"text": "a-secret-word"}}
    return DeliveryRow(
        **{"id": "dlv-1", "integration": integration, "action": "call_action", "subject": "inc-1", "sends": 1,
           "sent_at": SENT, "state": "delivered", "payload": payload, "made_by": "key:key-1@bearer", **values}
    )  # fmt: skip


def _told(row: DeliveryRow, **extra: str) -> dict[str, Any]:
    receipt = Receipt(remote_id="10042", key="SOC-1", extra=extra)
    with Session(ENGINE) as session, capture_logs() as told:
        note_delivered(session, row, receipt, found_there=False, now=NOW)
        session.commit()
    return dict(told[0])


def test_an_executed_action_names_action_ticket_duration_and_caller() -> None:
    told = _told(_row("jira"), updated="priority High → Highest", output="a-secret-word")
    assert told == {
        "event": "jira_action_executed", "log_level": "info", "action": "do-it", "ticket": "SOC-1", "id": "10042",
        "subject": "inc-1", "delivery": "dlv-1", "seconds": 1.5, "caller": "key:key-1@bearer", "practice": False,
        "found_there": False, "sends": 1, "updated": "priority High → Highest",
    }  # fmt: skip


def test_a_sent_webhook_names_its_event_type_and_status() -> None:
    told = _told(_row("webhook"), event_type="incident", status="204")
    assert (told["event"], told["event_type"], told["status"]) == ("webhook_sent", "incident", "204")
    assert "ticket" not in told


def test_what_a_rule_sends_goes_by_its_message_s_name() -> None:
    row = _row("jira", action="open_ticket", payload={"action": "open_ticket"})
    assert _told(row)["action"] == "open_ticket"


@pytest.mark.parametrize("integration", ["stackstorm", "gone"])
def test_a_failed_try_says_why_and_what_becomes_of_it(integration: str) -> None:
    with Session(ENGINE) as session, capture_logs() as told:
        note_failed(session, _row(integration, state="retry", reason="timeout", http_status=None), now=NOW)
        session.commit()
    assert (told[0]["event"], told[0]["state"], told[0]["reason"]) == (
        f"{integration}_action_failed",
        "retry",
        "timeout",
    )
    assert "a-secret-word" not in str(told) + str(_told(_row(integration), output="a-secret-word"))
