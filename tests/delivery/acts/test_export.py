"""Deliveries as a file for a spreadsheet: every column, no formula, no payload."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from soc import clock
from soc.delivery.export import ABOUT, COLUMNS, about, done_by, export_deliveries
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import MESSAGES
from soc.domain.spreadsheet import BOM, ROWS_A_PIECE, harmless
from soc.store.db import write_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow


def _add(number: int, **values: Any) -> None:
    known = {
        "integration": "slack", "action": "send_alert", "state": "delivered", "created_at": clock.now(),
        "updated_at": clock.now(), "made_by": str(AT_A_PAGE), "payload": {"incident": {"title": f"Title {number}"}},
    }  # fmt: skip
    with write_session() as session:
        session.add(DeliveryRow(id=f"dlv-{number:05}", key=f"k-{number}", **{**known, **values}))


def _rows(**chosen: Any) -> list[dict[str, str]]:
    text = b"".join(export_deliveries(**chosen)).decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))


def test_a_row_says_what_was_told_how_it_stands_and_what_to_do(outbox: Any) -> None:
    outbox.plan()
    _add(
        1, state="dead", subject="inc-9", incident_id="inc-1", batch_id="bat-1", reason="client", http_status=400,
        error="no field", hint="Add it.", sends=2, failures=1, sent_at=clock.now(), receipt={"url": "https://x/1"},
        practice=True,
    )  # fmt: skip
    [row] = _rows(integration="slack")
    assert tuple(row) == COLUMNS
    assert row == {
        "id": "dlv-00001", "state": "dead", "integration": "slack", "action": "send_alert", "subject": "inc-9",
        "incident_id": "inc-1", "batch_id": "bat-1", "about": "Title 1", "reason": "client", "http_status": "400",
        "error": "no field", "what_to_do": "Add it.", "sends": "2", "failures": "1",
        "created_at": "2026-01-14T22:00:00Z", "sent_at": "2026-01-14T22:00:00Z", "next_try_at": "", "delivered_at": "",
        "url": "https://x/1", "practice": "yes", "incident_url": "",
    }  # fmt: skip


def test_without_deliveries_there_is_a_head_line(outbox: Any) -> None:
    outbox.plan()
    assert b"".join(export_deliveries(integration="slack")).decode().strip(BOM + "\r\n") == ",".join(COLUMNS)


def test_what_is_asked_for_is_there_and_nothing_else(outbox: Any) -> None:
    outbox.plan()
    _add(1, state="dead")
    _add(2, state="delivered")
    _add(3, integration="webhook", state="dead")
    assert [row["id"] for row in _rows(states=("dead",), integration="slack")] == ["dlv-00001"]
    assert len(_rows(incident_id="inc-1")) == 1
    assert len(_rows(batch_id="bat-1")) == 1
    assert len(_rows()) == 4


def test_many_come_in_pieces_and_none_is_lost_or_twice(outbox: Any) -> None:
    outbox.plan()
    for number in range(ROWS_A_PIECE + 1):
        _add(number)
    pieces = list(export_deliveries(integration="slack"))
    assert len(pieces) == 2
    ids = [row["id"] for row in _rows(integration="slack")]
    assert ids == sorted(set(ids))
    assert len(ids) == ROWS_A_PIECE + 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "＝", "  =", "＠"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("value", ["a=b", "", 7, None, " text"])
def test_what_is_no_formula_stays_as_it_is(value: Any) -> None:
    assert harmless(value) == value


def test_an_action_is_about_its_name() -> None:
    assert about(DeliveryRow(payload={"name": "create-ticket"}, made_by=str(AT_A_PAGE))) == "create-ticket"
    assert (
        about(DeliveryRow(payload={"incident": {"title": "Failed logins"}}, made_by=str(AT_A_PAGE)))
        == "Failed logins"
    )
    assert about(DeliveryRow(payload={}, made_by=str(AT_A_PAGE))) == ""


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"tickets": [{"key": "SOC-7", "title": "Breach"}], "keys": ["SOC-9"]}, "SOC-7 Breach"),
        ({"tickets": [{"key": "SOC-7", "title": "Breach"}, {"key": "SOC-8"}, {}]}, "SOC-7 Breach and 2 more"),
        ({"ticket": {"key": "SOC-7", "remote_id": "10007"}, "text": "a note"}, "SOC-7"),
        ({"incident": {"title": "Breach"}, "ticket": {"key": "SOC-7"}}, "Breach"),
        ({"keys": ["SOC-7", "SOC-8"]}, "SOC-7 and 1 more"),
        ({"title": "Jira is paused", "tickets": []}, "Jira is paused"),
        ({"title": "x" * 300}, "x" * 200),
    ],
)
def test_a_message_says_which_tickets_it_is_about(payload: dict[str, Any], said: str) -> None:
    assert about(DeliveryRow(payload=payload, made_by=str(AT_A_PAGE))) == said


@pytest.mark.parametrize("name", list(MESSAGES))
def test_every_message_has_something_that_it_is_about(name: str) -> None:
    assert {*ABOUT} & {*MESSAGES[name].model_fields}


@pytest.mark.parametrize(
    ("integration", "action", "name", "said"),
    [
        ("jira", "call_action", "create-ticket", "create ticket"), ("webhook", "call_action", "send-alert", "send alert data"),
        ("jira", "call_action", "of-another-version", "call action"), ("gone", "call_action", "x", "call action"), ("jira", "open_ticket", "", "open ticket"),
    ],
)  # fmt: skip
def test_what_somebody_called_is_named_as_people_call_it(
    integration: str, action: str, name: str, said: str
) -> None:
    row = DeliveryRow(integration=integration, action=action, payload={"name": name}, made_by=str(AT_A_PAGE))
    assert done_by(row) == said
