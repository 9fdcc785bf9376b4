"""A vendor that does not answer holds up its own calls alone: everything else is answered meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from soc.api import lanes, probe
from soc.api.routes import health
from soc.domain.message import Message, Receipt
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.vendors.webhook.connector import WebhookConnector

ROOT = "/api/v1"
HOOK = f"{ROOT}/integrations/webhook"
#: More than the threads that all plain routes share (40): who took those would be found out.
SLOTS = 45
EVENT = {"incident_id": "inc-1", "incident_data": {"title": "t"}, "event_type": "incident"}


class _Deaf:
    """A vendor that takes a call and says nothing until `answer` is set; `begun` counts the calls."""

    def __init__(self) -> None:
        self.begun, self.answer = threading.Semaphore(0), threading.Event()

    def wait(self) -> None:
        self.begun.release()
        assert self.answer.wait(100)

    def deliver(self, message: Message, *, delivery_id: str) -> Receipt:
        self.wait()
        return Receipt(remote_id=delivery_id)

    def check(self) -> ConnectionReport:
        self.wait()
        return ConnectionReport(ok=True, kind="webhook", summary="ok")

    def reconcile(self, message: Message, *, delivery_id: str, since: datetime) -> Receipt | None:
        return None


@pytest.fixture
def deaf(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Deaf]:
    vendor = _Deaf()
    for name in ("deliver", "check", "reconcile"):
        call = getattr(vendor, name)
        monkeypatch.setattr(WebhookConnector, name, lambda _self, *a, _call=call, **k: _call(*a, **k))
    monkeypatch.setattr(lanes, "PATIENCE", 0.05)
    monkeypatch.setattr(lanes, "VENDOR_THREADS", SLOTS)
    lanes._lane.cache_clear()
    client.post(f"{HOOK}/config", json={"url": "https://hooks.example.com/soc"}).raise_for_status()
    yield vendor
    vendor.answer.set()
    for lane in (lanes.sending("webhook"), lanes.asking("webhook")):
        lane.pool.shutdown(wait=True)
    lanes._lane.cache_clear()


def _everything_else_is_answered(client: TestClient) -> None:
    for path in ("/health", "/incidents", "/deliveries", "/integrations/webhook/config"):
        assert client.get(f"{ROOT}{path}").status_code == 200
    assert client.post(f"{ROOT}/rules", json={"name": "r", "min_score": 9}).status_code == 201


def _send(client: TestClient, number: int) -> httpx.Response:
    return client.post(f"{HOOK}/send", json={**EVENT, "incident_id": f"inc-{number}"})


def test_a_send_that_nobody_answers_is_accepted_and_goes_on(client: TestClient, deaf: _Deaf) -> None:
    answer = _send(client, 1)
    assert answer.status_code == 202
    deaf.answer.set()
    lanes.sending("webhook").pool.shutdown(wait=True)
    assert client.get(answer.json()["follow"]).json()["state"] == "delivered"


def test_while_every_slot_of_a_vendor_is_taken_all_else_is_answered(
    client: TestClient, deaf: _Deaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 60.0)
    with ThreadPoolExecutor(SLOTS) as callers:
        calls = [callers.submit(_send, client, n) for n in range(SLOTS)]
        for _ in range(SLOTS):
            assert deaf.begun.acquire(timeout=60)
        monkeypatch.setattr(lanes, "PATIENCE", 0.05)
        late = _send(client, SLOTS)
        assert (late.status_code, late.json()["state"]) == (202, "pending")
        _everything_else_is_answered(client)
        deaf.answer.set()
        assert {one.result().status_code for one in calls} == {201}


def test_tests_beyond_a_vendor_s_slots_are_told_to_come_again(client: TestClient, deaf: _Deaf) -> None:
    with ThreadPoolExecutor(SLOTS) as callers:
        waiting = [callers.submit(client.post, f"{HOOK}/test") for _ in range(SLOTS)]
        for _ in range(SLOTS):
            assert deaf.begun.acquire(timeout=60)
        late = client.post(f"{HOOK}/test")
        assert (late.status_code, late.headers["content-type"]) == (503, "application/problem+json")
        assert int(late.headers["retry-after"]) > 0
        assert "Retry-After" in late.json()["hint"]
        _everything_else_is_answered(client)
        assert _send(client, 1).status_code == 202  # tests do not take the slots of sends
        deaf.answer.set()
        assert {one.result().status_code for one in waiting} == {200}


def test_a_send_without_a_slot_is_left_to_the_engine(
    client: TestClient, deaf: _Deaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[Any] = []
    monkeypatch.setattr("soc.api.routes.actions.actions.leave_to_engine", left.append)
    monkeypatch.setattr(lanes, "VENDOR_THREADS", 1)
    first, second = _send(client, 1), _send(client, 2)
    assert (
        [one.delivery_id for one in left] == [second.json()["delivery_id"]] != [first.json()["delivery_id"]]
    )


def test_the_same_call_at_once_waits_for_the_first_one_and_is_answered_alike(
    client: TestClient, deaf: _Deaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 60.0)
    headers = {"Idempotency-Key": "one"}
    with ThreadPoolExecutor(2) as callers:
        calls = [callers.submit(client.post, f"{HOOK}/send", json=EVENT, headers=headers)]
        assert deaf.begun.acquire(timeout=60)
        calls.append(callers.submit(client.post, f"{HOOK}/send", json=EVENT, headers=headers))
        deaf.answer.set()
        first, second = (one.result() for one in calls)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_a_store_that_does_not_answer_does_not_hold_up_health(
    client: TestClient, deaf: _Deaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "answers", deaf.answer.wait)
    monkeypatch.setattr(health, "probe", probe.Probe(patience=0.01))
    shown = [client.get(f"{ROOT}/health") for _ in range(lanes.OWN_THREADS + 2)]
    assert {one.status_code for one in shown} == {200}
    assert {one.json()["store"]["ok"] for one in shown} == {False}
