"""Each route declares who may call it, and the guard holds every one of them to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from soc import clock
from soc.access.keys import make_key
from soc.access.scopes import Scope
from soc.api import api
from soc.api.application import ROUTES
from soc.api.guard import ApiGuard, Buckets
from soc.api.scopes import declared_scopes, scope_needed, scope_of
from soc.domain.actor import AT_A_PAGE
from soc.store.db import write_session
from soc.store.migrate import migrate

ROOT = "/api/v1"


@pytest.fixture
def client() -> Iterator[TestClient]:
    """Every answer of the application itself is 204, so that only the guard's own refusals are 401 and 403."""

    async def let_through(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    migrate()
    guard = ApiGuard(
        let_through,  # type: ignore[arg-type]
        buckets=Buckets(burst=10_000),
        needed=api.state.scope_needed,
    )
    with TestClient(Starlette(routes=[Mount(ROOT, app=guard)]), base_url="http://127.0.0.1:8501") as running:
        yield running


@pytest.fixture
def keys() -> dict[Scope, dict[str, str]]:
    migrate()
    made = {}
    with write_session() as session:
        for scope in Scope:
            _, key = make_key(session, f"{scope} key", scope, now=clock.now(), actor=AT_A_PAGE)
            made[scope] = {"Authorization": f"Bearer {key}"}
    return made


def _calls() -> Iterator[tuple[APIRoute, str, str]]:
    for route in ROUTES:
        for method in route.methods or ():
            yield (
                route,
                method,
                ROOT + re.sub(r"{version}", "3", re.sub(r"{(?!version)\w+}", "some-id", route.path)),
            )


def test_every_documented_address_is_one_of_the_routes_the_guard_knows() -> None:
    documented = {
        (path, method.upper()) for path, calls in api.openapi()["paths"].items() for method in calls
    }
    assert documented == {(route.path, method) for route in ROUTES for method in route.methods or ()}


def test_every_route_declares_one_scope() -> None:
    assert [route.path for route in ROUTES if len(declared_scopes(route)) != 1] == []


def test_each_scope_reaches_exactly_the_routes_it_covers(
    client: TestClient, keys: dict[Scope, dict[str, str]]
) -> None:
    for route, method, path in _calls():
        needed = scope_of(route)
        for scope, headers in keys.items():
            allowed = needed is None or scope.covers(needed)
            answer = client.request(method, path, headers=headers)
            assert answer.status_code == (204 if allowed else 403), (method, path, scope)
        unknown = client.request(method, path)
        assert unknown.status_code == (204 if needed is None else 401), (method, path)


def test_what_changes_the_installation_needs_an_admin_key() -> None:
    needed = scope_needed(ROUTES)
    for path in ("jira/config", "jira/versions/3/restore", "export", "import"):
        assert needed("POST", f"/integrations/{path}") is Scope.ADMIN, path
    assert needed("GET", "/integrations/jira/config") is Scope.READ


def test_what_acts_needs_more_than_a_reading_key() -> None:
    for route, method, _ in _calls():
        if method != "GET":
            assert scope_of(route) not in (None, Scope.READ), route.path


def test_only_health_and_the_documentation_need_no_key() -> None:
    probes = ["/health", "/health/live", "/health/ready"]
    assert [route.path for route in ROUTES if scope_of(route) is None] == probes
    needed = api.state.scope_needed
    opened = ("/docs", "/docs.js", "/openapi.json", "/static-offline-docs/swagger-ui.css")
    assert [needed("GET", path) for path in opened] == [None] * 4
    closed = (
        ("POST", "/docs"),
        ("GET", "/docs/x"),
        ("GET", "/static-offline-docs"),
        ("GET", "/openapi.jsonx"),
    )
    assert [needed(method, path) for method, path in closed] == [Scope.READ] * 4


def test_a_route_that_forgot_its_scope_needs_an_admin_key() -> None:
    forgotten = APIRoute("/forgotten", lambda: None)
    assert scope_needed([forgotten])("GET", "/forgotten") is Scope.ADMIN


def test_a_path_that_only_contains_an_admin_s_word_needs_no_admin_key() -> None:
    assert scope_needed(ROUTES)("GET", "/incidents/export") is Scope.READ
    assert scope_needed(ROUTES)("GET", "/batches/keys") is Scope.READ


def test_an_acting_key_cannot_roll_a_configuration_back(keys: dict[Scope, dict[str, str]]) -> None:
    app = Starlette(routes=[Mount(ROOT, app=ApiGuard(api))])
    with TestClient(app, base_url="http://127.0.0.1:8501") as client:
        path = f"{ROOT}/integrations/webhook/versions/1/restore"
        answers = {scope: client.post(path, headers=headers).status_code for scope, headers in keys.items()}
    assert answers == {**dict.fromkeys(keys, 403), Scope.ADMIN: 404}
