# ruff: noqa: F811 - the fixtures are another file's
"""The same action asked for again: after it was mended, at another place, under a used key, while it is held."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from soc.sandbox.stackstorm.memory import StackStormMemory
from soc.sandbox.state import SandboxState
from tests.api.test_guide_examples import (  # noqa: F401 - fixtures
    CREATE_TICKET,
    EXECUTE_ACTION,
    ROOT,
    _send,
    client,
    names,
    sandbox,
)

pytestmark = pytest.mark.usefixtures("sandbox")


def _change(client: TestClient, kind: str, **changes: Any) -> None:
    shown = client.get(f"{ROOT}/{kind}/config").json()
    answer = client.post(f"{ROOT}/{kind}/config", json={**shown, **changes})
    assert answer.status_code == 200, answer.text


def test_what_waits_for_a_place_that_is_gone_goes_on_after_mending_and_is_not_done_twice(
    client: TestClient,
) -> None:
    _change(client, "jira", project_key="NOPE")
    held = _send(client, CREATE_TICKET)
    assert (held.status_code, "project" in held.json()["message"]) == (202, True)
    assert client.get(held.json()["follow"]).json()["next_try_at"] is None
    _change(client, "jira", project_key="SOC")
    again = _send(client, CREATE_TICKET)
    assert (again.status_code, again.json()["delivery_id"]) == (202, held.json()["delivery_id"])
    assert client.get(held.json()["follow"]).json()["next_try_at"] is not None


def test_a_ticket_of_another_jira_is_not_this_one_s(client: TestClient, sandbox: SandboxState) -> None:
    first = _send(client, CREATE_TICKET).json()
    base = client.get(f"{ROOT}/jira/config").json()["base_url"]
    _change(
        client, "jira", base_url=f"{base}-dc", instance_type="on-premise", username="",
        api_token="practice-jira-token",
    )  # fmt: skip
    second = _send(client, CREATE_TICKET)
    assert second.status_code == 200  # in the sandbox both Jiras show the same issues: it was found there
    assert second.json()["delivery_id"] != first["delivery_id"]


def test_a_used_idempotency_key_takes_no_other_request(client: TestClient) -> None:
    headers = {"Idempotency-Key": "one"}
    assert _send(client, EXECUTE_ACTION, headers=headers).status_code == 201
    assert EXECUTE_ACTION.body is not None
    other = {**EXECUTE_ACTION.body, "incident_id": "inc-999"}
    answer = _send(client, EXECUTE_ACTION._replace(body=other), headers=headers)
    assert answer.status_code == 422
    assert "new key" in answer.json()["hint"]


def test_a_used_idempotency_key_takes_no_other_secret(client: TestClient) -> None:
    assert EXECUTE_ACTION.body is not None
    headers = {"Idempotency-Key": "one"}
    answers = [
        _send(
            client,
            EXECUTE_ACTION._replace(body={**EXECUTE_ACTION.body, "action_parameters": {"password": word}}),
            headers=headers,
        )
        for word in ("first-secret", "second-secret")
    ]
    assert answers[0].status_code in (201, 202, 422)
    assert (answers[1].status_code, "new key" in answers[1].json()["hint"]) == (422, True)


def test_an_action_that_waits_for_the_right_credentials_says_not_to_send_it_twice(
    client: TestClient,
    sandbox: SandboxState,
) -> None:
    _change(client, "stackstorm", api_key="not-the-key")
    held = _send(client, EXECUTE_ACTION)
    assert (held.status_code, held.json()["status"]) == (202, "held")
    assert "401" in held.json()["message"]
    assert "do not send it twice" in held.json()["hint"]
    assert not sandbox.of(StackStormMemory).executions


def test_the_caller_s_own_incident_is_named_in_the_list(client: TestClient) -> None:
    _send(client, CREATE_TICKET)
    [row] = client.get("/api/v1/deliveries").json()["items"]
    assert row["subject"] == "inc-123"
