"""The guard before a small application: whose key, how often, and how much of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from soc import clock
from soc.access import keys
from soc.access.keys import check_key, make_key
from soc.access.scopes import Scope
from soc.api.guard import LARGEST_BODY, ApiGuard, actor_of, caller_of
from soc.api.limits import TRIES, Buckets, KeyTries
from soc.domain.actor import AT_A_PAGE, ON_LOOPBACK, Actor, ActorKind
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate

NOW = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


async def _who(request: Request) -> PlainTextResponse:
    return PlainTextResponse(
        f"{request.method} {actor_of(request)} {caller_of(request)} {len(await request.body())}"
    )


def client_of(
    host: str = "127.0.0.1:8501", needed: Scope | None = Scope.ACT, *, beyond: bool = False
) -> TestClient:
    app = Starlette(routes=[Route("/{path:path}", _who, methods=["GET", "POST", "DELETE"])])
    guard = ApiGuard(app, listens_beyond_loopback=beyond, needed=lambda _method, _path: needed)
    return TestClient(guard, base_url=f"http://{host}")


@pytest.fixture(autouse=True)
def _store() -> Iterator[None]:
    migrate()
    with time_machine.travel(NOW, tick=False):
        yield


def key_of(scope: Scope) -> str:
    with write_session() as session:
        return make_key(session, "grafana", scope, actor=AT_A_PAGE, now=clock.now())[1]


@pytest.mark.parametrize(
    "header",
    ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Whatever", "X-Real-IP", "X_Forwarded_For",
     "CF-Connecting-IP", "True-Client-IP", "X-Envoy-External-Address"],
)  # fmt: skip
def test_what_came_through_a_proxy_needs_a_key_before_there_is_one(header: str) -> None:
    assert client_of().get("/x").status_code == 200
    assert client_of().get("/x", headers={header: "10.0.0.5"}).status_code == 401
    assert client_of(needed=None).get("/x", headers={header: "10.0.0.5"}).status_code == 200


def test_as_soon_as_the_server_has_a_name_of_its_own_a_key_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    named = get_settings().model_copy(update={"host_names": ("soc.example",)})
    monkeypatch.setattr("soc.access.exposure.get_settings", lambda: named)
    assert client_of().get("/x").status_code == 401
    assert client_of().get("/x", headers={"X-API-Key": key_of(Scope.ACT)}).status_code == 200


def test_the_head_of_an_answer_has_no_body() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "HEAD", "path": "/x", "root_path": "", "query_string": b"", "scheme": "http",
             "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "http_version": "1.1"}  # fmt: skip
    asyncio.run(client_of().app(scope, receive, send))
    assert [message.get("status", message.get("body")) for message in sent] == [200, b""]
    assert client_of().get("/x").text.startswith("GET ")


def test_a_key_opens_what_its_scope_covers_and_nothing_above() -> None:
    opens = {"read": {"read"}, "act": {"read", "act"}, "lead": {"read", "act", "lead"}, "audit": {"read", "audit"},
             "admin": {"read", "act", "lead", "audit", "admin"}}  # fmt: skip
    for had in Scope:
        key = {"Authorization": f"Bearer {key_of(had)}"}
        answers = {needed: client_of(needed=needed).get("/x", headers=key).status_code for needed in Scope}
        assert answers == {needed: 200 if needed in opens[had] else 403 for needed in Scope}


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER  {} "])
def test_a_key_may_be_written_as_a_bearer_in_any_case(form: str) -> None:
    answer = client_of().get("/x", headers={"Authorization": form.format(key_of(Scope.ACT))})
    actor, caller = answer.text.split()[1:3]
    assert (Actor.parse(actor).kind, caller) == (ActorKind.KEY, "key:grafana")


def test_a_key_may_stand_in_a_header_of_its_own_and_no_other_scheme_is_a_key() -> None:
    key = key_of(Scope.ACT)
    assert client_of().get("/x", headers={"X-API-Key": key}).status_code == 200
    assert client_of().get("/x", headers={"Authorization": f"Basic {key}"}).status_code == 401


def test_a_key_that_is_mistyped_is_refused_even_where_none_is_needed_yet() -> None:
    assert client_of().get("/x").status_code == 200
    assert client_of().get("/x", headers={"X-API-Key": "soc_x"}).status_code == 401


def test_what_needs_no_scope_needs_no_key() -> None:
    key_of(Scope.ADMIN)
    assert client_of(needed=None).get("/x").text == f"GET {ON_LOOPBACK} local 0"
    assert client_of(needed=Scope.READ).get("/x").status_code == 401


@pytest.mark.parametrize(("path", "size", "status"), [("/x", 0, 200), ("/x", 1, 413), ("/batches", 1, 200)])
def test_a_body_over_the_limit_is_refused_except_where_files_come_in(
    path: str, size: int, status: int
) -> None:
    assert client_of().post(path, content=b"x" * (LARGEST_BODY + size)).status_code == status


@pytest.mark.parametrize(("after", "stale"), [(60, False), (61, True)])
def test_the_last_use_of_a_key_is_worth_a_write_once_a_minute(after: int, stale: bool) -> None:
    key = key_of(Scope.ACT)
    client_of().get("/x", headers={"X-API-Key": key})
    with read_session() as session:
        holder = check_key(session, key, now=NOW + timedelta(seconds=after))
    assert holder is not None
    assert holder.stale is stale


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_no_request_is_left_to_the_application(kind: str) -> None:
    seen: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope)

    asyncio.run(ApiGuard(app)({"type": kind}, None, None))  # type: ignore[arg-type]
    assert seen == [{"type": kind}]


def _guesses(client: TestClient, number: int) -> list[int]:
    return [
        client.get("/x", headers={"X-API-Key": f"soc_{guess:027}"}).status_code for guess in range(number)
    ]


def test_whoever_guesses_keys_is_stopped_before_the_store_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    right, client = key_of(Scope.ACT), client_of()
    assert client.get("/x", headers={"X-API-Key": right}).status_code == 200
    monkeypatch.setattr(keys, "check_key", lambda _session, key, now: asked.append(key))
    assert set(_guesses(client, TRIES + 30)) == {401, 429}
    assert len(asked) < TRIES + 5
    monkeypatch.undo()
    assert client.get("/x", headers={"X-API-Key": right}).status_code == 200


def test_guesses_from_ever_new_addresses_are_stopped_too() -> None:
    tries = KeyTries(of_all=Buckets(burst=5, per_second=0.001))
    waits = [tries.wait(f"10.0.0.{number}") for number in range(8)]
    assert [wait > 0 for wait in waits] == [False] * 5 + [True] * 3


def test_a_key_that_was_revoked_is_limited_again() -> None:
    tries = KeyTries()
    tries.prove("soc_a")
    assert tries.is_proved("soc_a")
    tries.forget("soc_a")
    assert not tries.is_proved("soc_a")


def test_what_is_not_written_as_a_key_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "check_key", None)
    assert client_of().get("/x", headers={"X-API-Key": "soc_' OR 1=1"}).status_code == 401


def test_where_the_store_does_not_answer_the_guard_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any, **_more: Any) -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr("soc.api.guard.any_active", away)
    answer = client_of().get("/x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["title"] == "The database does not answer."


def test_each_key_and_each_address_has_a_bucket_of_its_own() -> None:
    app = Starlette(routes=[Route("/{path:path}", _who)])
    guard = ApiGuard(app, needed=lambda _method, _path: Scope.READ, buckets=Buckets(burst=1, per_second=0.01))
    first, second = (
        {"X-API-Key": key_of(Scope.READ)},
        {"X-API-Key": key_of(Scope.ACT)},
    )
    here = TestClient(guard, base_url="http://127.0.0.1:8501", client=("198.51.100.1", 1))
    there = TestClient(guard, base_url="http://127.0.0.1:8501", client=("198.51.100.2", 1))
    assert here.get("/x", headers=first).status_code == 200  # proves the key, at the address's expense
    assert there.get("/x", headers=second).status_code == 200
    assert [here.get("/x", headers=first).status_code for _ in range(2)] == [200, 429]
    assert [here.get("/x", headers=second).status_code for _ in range(2)] == [200, 429]


def test_who_must_wait_is_never_told_to_wait_no_time() -> None:
    app = Starlette(routes=[Route("/{path:path}", _who)])
    hasty = Buckets(burst=1, per_second=1_000_000)
    guard = ApiGuard(app, needed=lambda _method, _path: None, buckets=hasty)
    hasty.take = lambda _caller, **_at: 1e-9  # type: ignore[method-assign]
    answer = TestClient(guard, base_url="http://127.0.0.1:8501").get("/x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
