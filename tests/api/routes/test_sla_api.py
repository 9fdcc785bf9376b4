"""SLA policies and the clocks of tickets, through the API."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select

from soc.domain.actor import AT_A_PAGE
from soc.domain.audit import Subject, SubjectKind
from soc.sla import ledger
from soc.store.db import read_session, write_session
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.sla.sla_clocks import SlaEventRow
from tests.rows import NIGHT, add_ticket

ROOT = "/api/v1"
TARGETS = {
    name: {"response": 30, "resolution": 60} for name in ("Highest", "High", "Medium", "Low", "Lowest")
}


def ticket(key: str = "SOC-1", **values: Any) -> int:
    with time_machine.travel(NIGHT, tick=False), write_session() as session:
        row = add_ticket(session, key, **values)
        ledger.opened(session, row, at=NIGHT, actor=AT_A_PAGE)
        assert row.id is not None
        return row.id


def put(client: TestClient, name: str = "bank", **values: Any) -> Any:
    body = {"title": "Bank", "targets": TARGETS, **values}
    return client.put(f"{ROOT}/sla/policies/{name}", json=body)


def test_the_guides_thresholds_are_the_default_policys_response(client: TestClient) -> None:
    [policy] = client.get(f"{ROOT}/sla/policies").json()["items"]
    minutes = {name: target["response"] for name, target in policy["targets"].items()}
    assert minutes == {"Highest": 60, "High": 240, "Medium": 1440, "Low": 4320, "Lowest": 10080}
    assert all(one["resolution"] >= one["response"] for one in policy["targets"].values())


def test_a_policy_is_saved_in_versions_and_open_tickets_keep_theirs(client: TestClient) -> None:
    number = ticket()
    assert put(client, match={"sources": ["s"]}).json()["version"] == 1
    assert put(client, match={"sources": ["s"]}).json()["version"] == 1, "the same again is no version"
    assert put(client, start="ticket created").json()["version"] == 2
    assert [one["id"] for one in client.get(f"{ROOT}/sla/policies").json()["items"]] == ["bank", "default"]
    [response, _] = client.get(f"{ROOT}/tickets/{number}/clocks").json()["clocks"]
    assert (response["policy"], response["version"], response["target_seconds"]) == ("default", 1, 3600)
    versions = client.get(f"{ROOT}/sla/policies/bank/versions").json()["items"]
    assert [(one["version"], one["policy"]["start"]) for one in versions] == [
        (2, "ticket created"),
        (1, "detected"),
    ]
    with read_session() as session:
        entries = list_of_subject(session, Subject(SubjectKind.POLICY, "bank"))
    assert [one.action for one in entries] == ["save policy", "save policy"]


def test_a_policy_may_be_applied_to_open_tickets_and_is_previewed_before(client: TestClient) -> None:
    number = ticket(priority="Low")
    body = {
        "id": "bank",
        "title": "Bank",
        "targets": {**TARGETS, "Low": {"response": 1200, "resolution": 2400}},
    }
    with time_machine.travel(NIGHT, tick=False):
        seen = client.post(f"{ROOT}/sla/policies/preview", json=body).json()
        assert (seen["open"], seen["taken"], len(seen["moved"])) == (1, 1, 2)
        assert "2 clocks end earlier and 0 later" in seen["sentence"]
        del body["id"]
        client.put(f"{ROOT}/sla/policies/bank", json={**body, "apply_to_open": True})
        clocks = client.get(f"{ROOT}/tickets/{number}/clocks").json()["clocks"]
    assert [one["policy"] for one in clocks] == ["bank", "bank"]
    assert [one["due_at"] for one in clocks] == [
        next(one["then"] for one in seen["moved"] if one["clock"] == name)
        for name in ("response", "resolution")
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"targets": {"High": {"response": 1, "resolution": 2}}}, "no target for Highest, Medium, Low, Lowest"),
        ({"targets": {**TARGETS, "Low": {"response": 9, "resolution": 8}}}, "lengthen the resolution"),
        ({"time": {"week": {"monday": []}}}, "no working time at all"),
        ({"time": {"zone": "Mars/Base"}}, "write one such as Europe/Berlin"),
        ({"time": {"week": {"monday": ["09:00-12:00", "11:00-13:00"]}}}, "overlap"),
        ({"time": {"week": {"monday": ["9-5"]}}}, "write 09:00-17:00"),
        ({"time": {"week": {"monday": ["09:00-17:00"]}, "country": "XX"}}, "No public holidays are known"),
        ({"time": {"week": {"monday": ["00:00-00:01"]}}, "targets": {n: {"response": 9000, "resolution": 9000} for n in TARGETS}},
         "more than five years"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_kept_is_refused_with_what_to_do(
    client: TestClient, wrong: dict[str, Any], said: str
) -> None:
    answer = put(client, **wrong)
    assert answer.status_code in (400, 409, 422)
    assert said in answer.text
    assert len(client.get(f"{ROOT}/sla/policies").json()["items"]) == 1


def test_the_default_covers_what_no_other_takes(client: TestClient) -> None:
    assert "cannot be taken away" in client.delete(f"{ROOT}/sla/policies/default").text
    assert "leave its conditions empty" in put(client, "default", match={"priorities": ["High"]}).text
    put(client)
    put(client, "shop", match={"priorities": ["High"]}, targets={"High": TARGETS["High"]})
    order = client.post(f"{ROOT}/sla/policies/order", json={"policy_ids": ["shop", "bank", "default"]})
    assert [one["id"] for one in order.json()["items"]] == ["shop", "bank", "default"]
    assert client.post(f"{ROOT}/sla/policies/order", json={"policy_ids": ["shop"]}).status_code >= 400
    assert client.delete(f"{ROOT}/sla/policies/shop").status_code == 204
    assert put(client, expected_version=0).status_code == 409


def test_clocks_are_paused_by_hand_and_go_on(client: TestClient) -> None:
    number = ticket()
    path = f"{ROOT}/tickets/{number}/clocks"
    with time_machine.travel(NIGHT, tick=False):
        until = {"reason": "The bank answers later.", "until": "2026-01-15T00:00:00Z"}
        held = client.post(f"{path}/pause", json=until)
        assert {one["state"] for one in held.json()["clocks"]} == {"paused"}
        assert client.post(f"{path}/pause", json={**until, "reason": " "}).status_code == 422
        assert client.post(f"{path}/resume").status_code == 200
        assert client.post(f"{path}/resume").status_code == 409
        schema = client.get(f"{ROOT}/openapi.json").json()["components"]["schemas"]["PauseRequest"]
        assert client.post(f"{path}/pause", json=schema["examples"][0]).status_code == 200
        assert client.post(f"{path}/pause", json={**until, "hours": 1}).status_code == 422, "one of the two"
        sentences = client.get(path).json()["sentences"]
    assert any("The bank answers later." in one for one in sentences)


def test_what_is_kept_and_was_tampered_with_is_found_and_mended_without_touching_a_row(
    client: TestClient,
) -> None:
    ticket()
    recompute = f"{ROOT}/sla/recompute"
    assert (
        client.post(recompute, json={"dry_run": True}).json()["items"] != []
    )  # its breaches were never noticed
    client.post(recompute, json={"dry_run": False})
    with write_session() as session:
        session.connection().execute(text("UPDATE sla_clocks SET target = 1 WHERE clock = 'response'"))
        rows = [one.model_dump() for one in session.exec(select(SlaEventRow))]
    found = client.post(recompute, json={"dry_run": True}).json()["items"]
    assert [(one["clock"], one["field"], one["kept"]) for one in found] == [("response", "target", "1")]
    client.post(recompute, json={"dry_run": False})
    assert client.post(recompute, json={"dry_run": True}).json()["items"] == []
    with read_session() as session:
        assert [one.model_dump() for one in session.exec(select(SlaEventRow))] == rows
