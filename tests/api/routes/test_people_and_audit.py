"""People and the audit through the API: added, changed, listed, verified."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi.testclient import TestClient

from soc import clock
from soc.store.db import get_engine

ROOT = "/api/v1"


def test_people_are_changed_and_the_audit_says_who_from_where_before_and_after(client: TestClient) -> None:
    team = client.post(f"{ROOT}/people/teams", json={"name": "Night"}).json()
    made = client.post(f"{ROOT}/people", json={"name": "Anna", "email": "A@example.com", "team_id": "night"})
    anna = made.json()
    assert client.get(made.headers["location"]).json() == anna
    assert (anna["email"], anna["team_id"], anna["role"]) == ("a@example.com", team["id"], "analyst")
    assert client.post(f"{ROOT}/people", json={"name": "Bo", "email": "a@EXAMPLE.com"}).status_code == 422
    left = client.patch(f"{ROOT}/people/{anna['id']}", json={"active": False, "team_id": ""}).json()
    assert (left["active"], left["team_id"]) == (False, None)
    assert client.patch(f"{ROOT}/people/teams/{team['id']}", json={"active": False}).json()["active"] is False
    found = client.get(f"{ROOT}/audit", params={"about": f"person:{anna['id']}"}).json()
    assert found["total"] == 2
    newest = found["items"][0]
    assert (newest["action"], newest["by"], newest["where"]) == (
        "change",
        "person:loopback@unsaid",
        "api testclient",
    )
    assert (newest["before"], newest["after"]) == (
        {"active": True, "team_id": team["id"]},
        {"active": False, "team_id": None},
    )


def test_the_audit_is_verified_and_a_changed_entry_is_named(client: TestClient) -> None:
    client.post(f"{ROOT}/people", json={"name": "Anna"})
    assert client.get(f"{ROOT}/audit/verification").json()["sound"] is True
    with get_engine().begin() as connection:
        connection.execute(sa.text("UPDATE audit SET action = 'nothing' WHERE seq = 1"))
    found = client.get(f"{ROOT}/audit/verification").json()
    assert (found["sound"], found["findings"]) == (
        False,
        [{"seq": 1, "what": "its column action is not what was recorded"}],
    )
    assert client.get(f"{ROOT}/audit", params={"about": "ghost:1"}).status_code == 422


def test_values_and_the_beginning_of_the_audit_are_taken_out_by_api_and_once_a_key(
    client: TestClient,
) -> None:
    client.post(f"{ROOT}/people", json={"name": "Anna", "email": "anna@example.com"})
    asked, key = {"text": "anna@example.com", "why": "she asked"}, {"Idempotency-Key": "k-1"}
    first = client.post(f"{ROOT}/audit/redactions", json=asked, headers=key)
    again = client.post(f"{ROOT}/audit/redactions", json=asked, headers=key)
    assert (first.status_code, first.json(), again.json()) == (
        200,
        {"redacted": {"1": ["/after/email"]}},
        first.json(),
    )
    for wrong in (
        {"why": "why not"},
        {"entry": 1, "why": "why not"},
        {"entry": 1, "paths": ["/ghost"], "why": "why"},
    ):
        assert client.post(f"{ROOT}/audit/redactions", json=wrong).status_code == 422
    assert (
        client.post(f"{ROOT}/audit/expirations", json={"before": "2999-01-01T00:00:00Z"}).status_code == 422
    )
    gone = client.post(f"{ROOT}/audit/expirations", json={"before": clock.now().isoformat()})
    assert gone.json()["expired"] >= 2
    assert client.get(f"{ROOT}/audit/verification").json()["sound"] is True
