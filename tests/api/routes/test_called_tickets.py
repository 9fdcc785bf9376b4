# ruff: noqa: F811 - the fixtures are another file's
"""`create-ticket`: its incident and its ticket are here like all others, with a clock; asked again, it is brought up to date."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from soc import clock
from soc.sandbox.jira import catalogue
from soc.sandbox.jira.life import acts
from soc.sandbox.jira.memory import JiraMemory
from soc.sandbox.state import SandboxState
from soc.store.nouns.batches.batches import API_BATCHES
from soc.tickets.sync import sync_tickets
from tests.api.test_asked_again import _change
from tests.api.test_guide_examples import (  # noqa: F401 - fixtures
    CREATE_TICKET,
    _send,
    client,
    names,
    sandbox,
)

pytestmark = pytest.mark.usefixtures("sandbox")
ROOT = "/api/v1"


def _ask(client: TestClient, severity: str | None = "high", **more: Any) -> httpx.Response:
    assert CREATE_TICKET.body is not None
    data = {**CREATE_TICKET.body["incident_data"], "severity": severity, **more}
    answer: httpx.Response = _send(
        client, CREATE_TICKET._replace(body={**CREATE_TICKET.body, "incident_data": data})
    )
    return answer


def _only(client: TestClient, path: str) -> dict[str, Any]:
    [item] = client.get(f"{ROOT}{path}").json()["items"]
    found: dict[str, Any] = item
    return found


def test_its_incident_and_its_ticket_are_in_the_lists_with_a_clock(client: TestClient) -> None:
    made = _ask(client)
    assert made.status_code == 201
    incident, ticket = _only(client, "/incidents"), _only(client, "/tickets")
    assert (incident["id"], incident["origin"], incident["severity"]) == ("inc-123", "api", "high")
    assert incident["title"] == "Database connection failed"
    assert (ticket["incident_id"], ticket["key"], ticket["priority"]) == (
        "inc-123",
        made.json()["key"],
        "High",
    )
    opened, due = clock.parse(ticket["created_at"]), clock.parse(ticket["due_at"])
    assert round((due - opened).total_seconds()) == 4 * 3600  # from when it was detected, a moment before
    assert client.get(f"{ROOT}/incidents/inc-123").json()["deliveries"][0]["id"] == made.json()["delivery_id"]


def test_no_batch_is_listed_for_it(client: TestClient) -> None:
    _ask(client)
    assert client.get(f"{ROOT}/batches").json()["total"] == 0
    assert _only(client, "/incidents")["batch_id"] in API_BATCHES.values()


def test_its_ticket_is_kept_in_step(client: TestClient, sandbox: SandboxState) -> None:
    key = _ask(client).json()["key"]
    memory = sandbox.of(JiraMemory)
    issue = next(one for one in memory.issues.values() if one.key == key)
    issue.assignee = catalogue.BOT.account_id
    sync_tickets()
    assert _only(client, "/tickets")["assignee"] == catalogue.BOT.display_name
    assert _only(client, "/tickets")["synced_at"] is not None


@pytest.mark.parametrize(("severity", "priority", "hours"), [("critical", "Highest", 1), ("low", "Low", 72)])
def test_asked_again_with_another_severity_the_ticket_gets_its_priority_and_due_date(
    client: TestClient, sandbox: SandboxState, severity: str, priority: str, hours: int
) -> None:
    first = _ask(client).json()
    again = _ask(client, severity)
    assert (again.status_code, again.json()["key"]) == (200, first["key"])
    assert f"priority High → {priority}" in again.json()["details"]["updated"]
    sync_tickets()  # what Jira says of it by now
    ticket = _only(client, "/tickets")
    assert ticket["priority"] == priority
    length = clock.parse(ticket["due_at"]) - clock.parse(ticket["created_at"])
    assert round(length.total_seconds()) == hours * 3600
    assert _only(client, "/incidents")["severity"] == severity


def test_what_was_asked_last_is_what_holds(client: TestClient) -> None:
    _ask(client, "high")
    _ask(client, "critical")
    back = _ask(client, "high")
    assert (back.status_code, "Highest → High" in back.json()["details"]["updated"]) == (200, True)
    same = _ask(client, "high")
    assert same.json() == back.json()
    assert _only(client, "/tickets")["priority"] == "High"


def test_without_a_severity_a_ticket_keeps_its_own(client: TestClient) -> None:
    _ask(client, "critical")
    again = _ask(client, None, description="more is known")
    assert (again.status_code, "updated" in again.json()["details"]) == (200, False)
    assert _only(client, "/tickets")["priority"] == "Highest"


def test_a_ticket_that_is_opened_elsewhere_takes_the_place_of_the_one_that_was_here(
    client: TestClient,
) -> None:
    _ask(client)
    base = client.get(f"{ROOT}/integrations/jira/config").json()["base_url"]
    _change(
        client, "jira", base_url=f"{base}-dc", instance_type="on-premise", username="",
        api_token="practice-jira-token",
    )  # fmt: skip
    assert _ask(client).status_code in (200, 201)
    assert f"{base}-dc" in _only(client, "/tickets")["url"]


@pytest.mark.parametrize("theirs", ["a/b c", "x" * 150])
def test_an_id_that_no_address_can_hold_is_a_name_only(client: TestClient, theirs: str) -> None:
    assert CREATE_TICKET.body is not None
    body = {**CREATE_TICKET.body, "incident_id": theirs}
    assert _send(client, CREATE_TICKET._replace(body=body)).status_code == 201
    incident = _only(client, "/incidents")
    assert incident["id"].startswith("inc-")
    assert client.get(f"{ROOT}/incidents/{incident['id']}").status_code == 200
    assert _only(client, "/tickets")["incident_id"] == incident["id"]


def test_while_jira_is_away_the_incident_is_here_already(client: TestClient) -> None:
    _change(client, "jira", api_token="not-the-token")
    assert _ask(client).status_code == 202
    assert _only(client, "/incidents")["id"] == "inc-123"
    assert client.get(f"{ROOT}/tickets").json()["total"] == 0


def test_what_differs_between_both_sides_is_reported(client: TestClient, sandbox: SandboxState) -> None:
    key = _ask(client).json()["key"]
    sync_tickets()
    assert client.post(f"{ROOT}/reconcile", json={}).json() == {
        "differences": [],
        "unexplained": 0,
        "tickets": 1,
    }
    memory = sandbox.of(JiraMemory)
    acts.change_by_hand(memory, key, lambda issue: setattr(issue, "labels", ["theirs"]))
    [found] = client.post(f"{ROOT}/reconcile", json={"tickets": 5}).json()["differences"]
    assert (found["key"], found["field"], found["theirs"], found["why"]) == (
        key,
        "labels",
        ["theirs"],
        "not read yet",
    )
    assert client.post(f"{ROOT}/reconcile", json={"dry_run": False}).status_code == 422
