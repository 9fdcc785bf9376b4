"""Rules and keys through the API: made, listed, changed, taken away, each with who did it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from soc.store.db import read_session, write_session
from soc.store.nouns.rules.rules import list_rules
from tests.rows import add_incident

ROOT = "/api/v1"
RULE: dict[str, Any] = {"name": "Logins", "min_score": 6, "class_contains": "User", "actions": ["slack"]}


def _ids(client: TestClient) -> list[str]:
    return [rule["id"] for rule in client.get(f"{ROOT}/rules").json()["items"]]


def test_the_guide_s_rules_are_listed_in_order(client: TestClient) -> None:
    assert _ids(client) == ["severity-9", "security-8", "critical-8"]


def test_a_rule_is_added_after_the_others_and_is_where_its_answer_says(client: TestClient) -> None:
    made = client.post(f"{ROOT}/rules", json=RULE)
    assert made.status_code == 201
    assert client.get(made.headers["location"]).json() == made.json()
    assert {name: made.json()[name] for name in RULE} == RULE
    assert (made.json()["position"], made.json()["changed_by"]) == (4, "person:loopback@unsaid")
    assert _ids(client)[-1] == made.json()["id"]


def test_a_replaced_rule_keeps_its_place(client: TestClient) -> None:
    answer = client.put(f"{ROOT}/rules/security-8", json={**RULE, "enabled": False})
    assert (answer.status_code, answer.json()["position"], answer.json()["enabled"]) == (200, 2, False)
    with read_session() as session:
        kept = {rule.id: rule for rule in list_rules(session)}
    assert (kept["security-8"].name, kept["security-8"].enabled) == ("Logins", False)


def test_rules_are_asked_in_the_order_they_are_put_in(client: TestClient) -> None:
    wanted = ["critical-8", "severity-9", "security-8"]
    answer = client.post(f"{ROOT}/rules/reorder", json={"rule_ids": wanted})
    assert [rule["id"] for rule in answer.json()["items"]] == wanted
    assert _ids(client) == wanted


@pytest.mark.parametrize("ids", [["critical-8"], ["critical-8", "severity-9", "severity-9"], []])
def test_an_order_names_every_rule_once(client: TestClient, ids: list[str]) -> None:
    assert client.post(f"{ROOT}/rules/reorder", json={"rule_ids": ids}).status_code == 422
    assert _ids(client) == ["severity-9", "security-8", "critical-8"]


def test_a_rule_that_is_taken_away_is_gone(client: TestClient) -> None:
    answer = client.delete(f"{ROOT}/rules/security-8")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"{ROOT}/rules/security-8").status_code == 404
    assert client.delete(f"{ROOT}/rules/security-8").status_code == 404
    assert _ids(client) == ["severity-9", "critical-8"]


@pytest.mark.parametrize(
    "change", [{"actions": ["pigeon"]}, {"min_score": 0}, {"min_score": 11}, {"name": " "}, {"colour": "red"}]
)
def test_a_rule_that_cannot_be_is_refused(client: TestClient, change: dict[str, Any]) -> None:
    assert client.post(f"{ROOT}/rules", json={**RULE, **change}).status_code == 422
    assert client.put(f"{ROOT}/rules/severity-9", json={**RULE, **change}).status_code == 422
    assert len(_ids(client)) == 3


def test_a_key_is_shown_once_and_opens_the_api(client: TestClient) -> None:
    made = client.post(f"{ROOT}/keys", json={"name": "night shift", "scope": "admin"})
    assert made.status_code == 201
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    assert client.get(f"{ROOT}/keys").status_code == 401
    shown = client.get(made.headers["location"], headers=headers)
    assert "key" not in shown.json()
    assert made.json()["key"] not in client.get(f"{ROOT}/keys", headers=headers).text
    assert (shown.json()["name"], shown.json()["made_by"]) == ("night shift", "person:loopback@unsaid")


def test_a_key_revokes_another_and_says_so(client: TestClient) -> None:
    admin = client.post(f"{ROOT}/keys", json={"name": "admin", "scope": "admin"}).json()
    headers = {"Authorization": f"Bearer {admin['key']}"}
    other = client.post(f"{ROOT}/keys", json={"name": "other"}, headers=headers).json()
    assert other["made_by"] == f"key:{admin['id']}@bearer"
    gone = client.delete(f"{ROOT}/keys/{other['id']}", headers=headers).json()
    assert gone["revoked_at"]
    assert gone["revoked_by"] == f"key:{admin['id']}@bearer"
    used = client.get(f"{ROOT}/incidents", headers={"Authorization": f"Bearer {other['key']}"})
    assert used.status_code == 401
    assert client.get(f"{ROOT}/keys", headers=headers).json()["total"] == 2


@pytest.mark.parametrize("body", [{}, {"name": " "}, {"name": "a" * 81}, {"name": "a", "scope": "root"}])
def test_a_key_needs_a_name_and_a_scope_that_is_one(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post(f"{ROOT}/keys", json=body).status_code == 422
    assert client.get(f"{ROOT}/keys").json()["total"] == 0


def test_who_asked_through_a_key_is_kept_with_what_was_asked_for(client: TestClient) -> None:
    key = client.post(f"{ROOT}/keys", json={"name": "bot", "scope": "admin"}).json()
    headers = {"Authorization": f"Bearer {key['key']}"}
    files = [("files", ("a.log", b"one line\n"))]
    batch = client.post(f"{ROOT}/batches", files=files, headers=headers)
    assert batch.headers["location"] == f"{ROOT}/batches/{batch.json()['batch_id']}"
    [row] = client.get(f"{ROOT}/batches", headers=headers).json()["items"]
    settings = {"url": "https://soc.example.com/hook"}
    client.post(f"{ROOT}/integrations/webhook/config", json=settings, headers=headers)
    [version] = client.get(f"{ROOT}/integrations/webhook/versions", headers=headers).json()["items"]
    assert row["made_by"] == version["made_by"] == f"key:{key['id']}@bearer"
    assert version["author"] == "key:bot"


def test_a_preview_says_what_would_have_been_and_changes_nothing(client: TestClient) -> None:
    with write_session() as session:
        add_incident(session, "inc-1", score=6, classification="User Action")
        add_incident(session, "inc-2", score=5, classification="User Action")
    answer = client.post(f"{ROOT}/rules/preview", json={**RULE, "actions": ["jira"]})
    found = answer.json()
    assert (answer.status_code, found["incidents"], found["matched"], found["tickets"]) == (200, 2, 1, 1)
    assert (
        found["sentence"]
        == "Of the last 2 incidents this rule would have matched 1; 1 more ticket than today."
    )
    assert found["examples"] == ["inc-1"]
    assert len(_ids(client)) == 3
    assert client.post(f"{ROOT}/rules/preview", json={**RULE, "rule_id": "nope"}).status_code == 404
    assert client.post(f"{ROOT}/rules/preview", json={**RULE, "actions": ["pigeon"]}).status_code == 422


def test_a_rule_is_switched_and_every_change_is_kept(client: TestClient) -> None:
    assert client.post(f"{ROOT}/rules/severity-9/disable").json()["enabled"] is False
    assert client.post(f"{ROOT}/rules/severity-9/enable").json()["enabled"] is True
    assert client.post(f"{ROOT}/rules/severity-9/enable").status_code == 200
    client.delete(f"{ROOT}/rules/severity-9")
    changes = client.get(f"{ROOT}/rules/changes", params={"rule_id": "severity-9"}).json()["items"]
    assert [one["act"] for one in changes] == ["taken away", "switched on", "switched off"]
    assert (changes[0]["before"]["name"], changes[0]["after"]) == ("Severity score ≥ 9", {})
    assert changes[0]["made_by"] == "person:loopback@unsaid"


def test_a_rule_that_adds_nothing_is_said_with_it(client: TestClient) -> None:
    made = client.post(f"{ROOT}/rules", json={**RULE, "min_score": 10, "class_contains": ""})
    assert [notice["grave"] for notice in made.json()["notices"]] == [True]
    assert "Severity score ≥ 9" in made.json()["notices"][0]["text"]
