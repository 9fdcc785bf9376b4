"""Alive, ready, and how the parts are: each in words, none ever waiting for the others."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from anyio import to_thread
from fastapi.testclient import TestClient

from soc import engine
from soc.api import probe
from soc.api.probe import HANGS, Probe, State
from soc.store.db import get_engine


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soc.api.routes.health.probe", Probe())
    monkeypatch.setattr(engine, "is_running", lambda: True)


@pytest.mark.parametrize("path", ["/api/v1/health/ready", "/health/ready"])
def test_a_process_that_can_work_is_ready_wherever_it_is_asked(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert client.head(path).status_code == 200


def _reasons(client: TestClient) -> str:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["reasons"]
    return str(answer.json()["title"])


def test_without_its_engine_it_is_alive_and_not_ready(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "is_running", lambda: False)
    assert "engine is not running" in _reasons(client)
    assert client.get("/health/live").status_code == 200
    assert client.get("/api/v1/health").json()["status"] == "degraded"


def test_without_its_database_it_is_alive_and_not_ready(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "answers", lambda: False)
    assert "database does not answer" in _reasons(client)
    assert client.get("/api/v1/health/live").status_code == 200


@pytest.mark.parametrize(
    "change", ["DROP TABLE alembic_version", "UPDATE alembic_version SET version_num = '0001'"]
)
def test_a_database_that_lacks_migrations_is_not_ready(client: TestClient, change: str) -> None:
    with get_engine().begin() as connection:
        connection.execute(sa.text(change))
    assert "lacks migrations" in _reasons(client)


def test_a_data_folder_that_cannot_be_written_to_is_not_ready(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    assert "data folder" in _reasons(client)


def test_a_database_that_hangs_is_one_question_and_everybody_is_told_in_time() -> None:
    asked, let_go = [], threading.Event()

    def hang() -> State:
        asked.append(1)
        let_go.wait(20)
        return State((), True)

    probing = Probe(hang, patience=0.05)

    async def many() -> list[State]:
        return list(await asyncio.gather(*(probing.ask() for _ in range(30))))

    assert {state.reasons for state in asyncio.run(many())} == {(HANGS,)}
    let_go.set()
    assert len(asked) == 1


def test_a_part_that_breaks_makes_it_not_ready_and_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([RuntimeError("planted"), State((), True)])

    def ask() -> State:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(probe, "_KEPT_SECONDS", -1.0)
    probing = Probe(ask)
    (reason,) = asyncio.run(probing.ask()).reasons
    assert "RuntimeError" in reason
    assert "planted" not in reason
    assert asyncio.run(probing.ask()).ready


def test_health_needs_no_free_thread_of_the_others(client: TestClient) -> None:
    """Whatever fills the threads that all other calls share, the probes are answered."""

    async def fill() -> None:
        limiter = to_thread.current_default_thread_limiter()
        for number in range(int(limiter.total_tokens)):
            await limiter.acquire_on_behalf_of(number)

    assert client.portal is not None
    client.portal.call(fill)
    assert client.get("/health/ready").status_code == 200
    assert client.get("/api/v1/health").json()["store"]["ok"]
    assert client.get("/metrics").status_code == 200


def test_an_upload_onto_a_full_disk_is_said_in_words_and_a_mistake_is_still_one(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for number in (28, 13):

        def add(*_args: Any, number: int = number) -> None:
            raise OSError(number, "words of the system")

        monkeypatch.setattr("soc.batches.intake.Incoming.add", add)
        quiet = TestClient(client.app, base_url="http://127.0.0.1:8501", raise_server_exceptions=False)
        answer = quiet.post("/api/v1/batches", files=[("files", ("a.log", b"a line"))])
        told.append((answer.status_code, answer.json()["title"]))
    assert told == [(503, "The disk is full."), (500, "Something went wrong here.")]
