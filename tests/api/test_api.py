from __future__ import annotations

from datetime import UTC, datetime

from fastapi.testclient import TestClient

from soc.domain.actor import AT_A_PAGE
from soc.store.db import get_engine, write_session
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow

NOW = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


def test_health_answers_without_a_key_and_names_store_and_engine(client: TestClient) -> None:
    answer = client.get("/api/v1/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body["store"] == {"kind": get_engine().dialect.name, "ok": True}
    assert body["engine"]["running"] is False
    assert body["status"] == "degraded"


def test_files_are_taken_in_as_one_batch(client: TestClient) -> None:
    files = [("files", ("a.log", b"one line\n")), ("files", ("b.log", b"another line\n"))]
    answer = client.post("/api/v1/batches", files=files, data={"enable_jira": "true"})
    assert answer.status_code == 202
    batch = client.get(f"/api/v1/batches/{answer.json()['batch_id']}").json()
    assert (batch["state"], batch["settled"]) == ("queued", False)


def test_the_same_idempotency_key_gives_the_same_batch(client: TestClient) -> None:
    def upload() -> str:
        files = [("files", ("a.log", b"one line\n"))]
        headers = {"Idempotency-Key": "click-1"}
        return str(client.post("/api/v1/batches", files=files, headers=headers).json()["batch_id"])

    assert upload() == upload()


def test_what_does_not_exist_is_a_problem_with_a_hint(client: TestClient) -> None:
    answer = client.get("/api/v1/batches/bat-nothere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["hint"]


def test_a_bad_request_names_the_field_and_does_not_echo_the_value(client: TestClient) -> None:
    answer = client.post("/api/v1/deliveries/replay", json={"delivery_ids": "xoxb-secret-in-the-wrong-place"})
    assert answer.status_code == 422
    assert "delivery_ids" in answer.text
    assert "xoxb" not in answer.text


def test_a_page_on_another_site_cannot_make_it_act(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/deliveries/replay", json={"delivery_ids": ["x"]}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


def test_a_name_that_somebody_pointed_at_this_machine_is_refused(client: TestClient) -> None:
    assert client.get("/api/v1/health", headers={"Host": "evil.example:8501"}).status_code == 403


def test_a_dead_delivery_is_listed_and_replayed(client: TestClient) -> None:
    with write_session() as session:
        session.add(
            BatchRow(
                id="bat-1",
                name="b",
                state="finished",
                created_at=NOW,
                idempotency_key="k",
                made_by=str(AT_A_PAGE),
            )
        )
        session.flush()
        session.add(
            DeliveryRow(
                id="dlv-1", key="k", integration="jira", action="open_ticket", batch_id="bat-1", state="dead",
                created_at=NOW, updated_at=NOW, error="bad field", hint="Add it.", made_by=str(AT_A_PAGE),
            )
        )  # fmt: skip
    assert [one["id"] for one in client.get("/api/v1/deliveries?state=dead").json()["items"]] == ["dlv-1"]
    would = client.post("/api/v1/deliveries/replay-all/preview", json={"integration": "jira"}).json()
    assert (would["dead"], would["said"], [one["id"] for one in would["items"]]) == (
        1,
        ["Jira: 1 × open ticket."],
        ["dlv-1"],
    )
    assert client.post("/api/v1/deliveries/replay", json={"delivery_ids": ["dlv-1"]}).json() == {
        "released": 1
    }
    assert client.get("/api/v1/deliveries/dlv-1").json()["state"] == "pending"


def test_the_openapi_document_is_served(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert {"/health", "/batches", "/incidents", "/tickets", "/deliveries"} <= set(paths)
