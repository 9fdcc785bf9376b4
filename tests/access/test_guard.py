"""The guard before a small application: whose host, whose page, whose key, and how much of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from soc import clock
from soc.access.keys import check_key, make_key
from soc.access.scopes import Scope
from soc.api.guard import LARGEST_BODY, ApiGuard, actor_of, caller_of
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
    ("host", "status"),
    [("127.0.0.1:8501", 200), ("localhost", 200), ("LOCALHOST:1", 200), ("[::1]:8501", 200), ("[::1]", 200),
     ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("[::2]:8501", 403)],
)  # fmt: skip
def test_only_the_servers_own_names_are_answered(host: str, status: int) -> None:
    assert client_of().get("/x", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("method", "origin", "status"),
    [("POST", "http://127.0.0.1:8501", 200), ("POST", "", 200), ("POST", "http://evil.example", 403), ("POST", "null", 403),
     ("POST", "http://127.0.0.1:9999", 403), ("DELETE", "http://evil.example", 403), ("GET", "http://evil.example", 200)],
)  # fmt: skip
def test_another_sites_page_may_read_and_not_write(method: str, origin: str, status: int) -> None:
    answer = client_of().request(method, "/x", headers={"Origin": origin} if origin else {})
    assert answer.status_code == status


def test_another_sites_page_may_not_write_beyond_loopback_either() -> None:
    key = {"Authorization": f"Bearer {key_of(Scope.ADMIN)}", "Origin": "http://evil.example"}
    assert client_of("soc.example", beyond=True).post("/x", headers=key).status_code == 403


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


@pytest.mark.parametrize("had", list(Scope))
@pytest.mark.parametrize("needed", list(Scope))
def test_a_key_opens_what_its_scope_covers_and_nothing_above(had: Scope, needed: Scope) -> None:
    order = [Scope.READ, Scope.ACT, Scope.ADMIN]
    answer = client_of(needed=needed).get("/x", headers={"Authorization": f"Bearer {key_of(had)}"})
    assert answer.status_code == (200 if order.index(had) >= order.index(needed) else 403)


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


def test_a_host_name_that_the_settings_add_is_the_servers_own_too(monkeypatch: pytest.MonkeyPatch) -> None:
    added = get_settings().model_copy(update={"host_names": ("soc.example",)})
    monkeypatch.setattr("soc.api.guard.get_settings", lambda: added)
    for host, status in (("soc.example:8501", 200), ("127.0.0.1:8501", 200), ("other.example", 403)):
        assert client_of().get("/x", headers={"Host": host}).status_code == status
