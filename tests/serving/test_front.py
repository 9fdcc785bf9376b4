"""Everything that a process serves stands behind the door: every route, the websocket, the practice vendors."""

from __future__ import annotations

import re
import runpy
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute
from starlette.websockets import WebSocketDisconnect
from streamlit import net_util
from streamlit.config import get_config_options
from streamlit.runtime import Runtime
from streamlit.web.server.server_util import is_url_from_allowed_origins

from soc.api import api
from soc.api.application import ROUTES
from soc.sandbox.server import create_app
from soc.serving import front_door, guarded_routes
from soc.serving.routes import is_for_programs
from soc.settings import get_settings
from soc.store.migrate import migrate
from soc.ui.kit.places import PLACES

APP = Path(__file__).resolve().parents[2] / "app.py"
OWN = "http://127.0.0.1:8501"


@pytest.fixture(scope="module")
def dashboard() -> Iterator[Starlette]:
    """The assembled application, as `streamlit run app.py` serves it; its lifespan is not run."""
    get_config_options(force_reparse=True)  # the project's, whatever an earlier test of this process read
    before, Runtime._instance = Runtime._instance, None
    yield runpy.run_path(str(APP))["app"]._build_starlette_app()
    Runtime._instance = before


def _addresses(app: Starlette) -> Iterator[tuple[str, str]]:
    """Every method and path of an application, with something in the place of each parameter."""
    for route in app.routes:
        if isinstance(route, Mount) and route.app is not None and route.name == "api":
            for one in ROUTES:
                yield from ((method, f"/api/v1{_filled(one.path)}") for method in one.methods or ())
            yield from (("GET", f"/api/v1{path}") for path in ("/docs", "/openapi.json", "/nowhere"))
        elif not isinstance(route, WebSocketRoute) and (path := getattr(route, "path", None)) is not None:
            for method in getattr(route, "methods", None) or ("GET", "POST", "PUT", "DELETE"):
                yield method, _filled(path) or "/"
    yield from (
        ("GET", path) for path in ("/", "/incidents", "/nowhere", "/static/js/x.js", "/api", "/health")
    )


def _filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "1", path)


FOREIGN: list[dict[str, str]] = [
    {"Host": "evil.example"}, {"Host": "127.0.0.1:80.evil.com"}, {"Host": "localhost.:8501"}, {"Host": ""},
    {"Origin": "http://evil.example"}, {"Origin": "http://127.0.0.1:9999"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
]  # fmt: skip


def _let_in(app: Any, headers: dict[str, str]) -> list[str]:
    client = TestClient(app, base_url=OWN, follow_redirects=False)
    return [
        f"{method} {path}"
        for method, path in _addresses(app)
        if client.request(method, path, headers=headers).status_code != 403
    ]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_route_of_the_dashboard_answers_to_a_foreign_name_or_page(
    dashboard: Starlette, headers: dict[str, str]
) -> None:
    assert len(list(_addresses(dashboard))) > 80
    assert _let_in(dashboard, headers) == []


@pytest.mark.parametrize("headers", [*FOREIGN, {"X-Forwarded-For": "10.0.0.5"}], ids=str)
def test_no_route_of_the_practice_vendors_answers_to_a_foreign_name_or_page(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    app = create_app(tmp_path / "state.jsonl")
    try:
        assert any(path == "/admin/state" for _, path in _addresses(app))
        assert _let_in(app, headers) == []
        assert TestClient(app, base_url=OWN).get("/admin/health").status_code == 200
    finally:
        app.state.sandbox.close()


@pytest.mark.parametrize("headers", [*FOREIGN, {}], ids=str)
def test_the_websocket_opens_to_the_servers_own_page_alone(
    dashboard: Starlette, headers: dict[str, str]
) -> None:
    client = TestClient(dashboard, base_url=OWN)
    given = {"Origin": OWN, **headers} if "Origin" not in headers and headers else headers
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream", headers=given):
        pass


def test_no_visitor_makes_this_machine_ask_anybody_for_its_address(
    dashboard: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_args: Any, **_more: Any) -> None:
        raise AssertionError("a socket was opened on account of a visitor")

    monkeypatch.setattr(socket.socket, "connect", forbidden)
    assert not is_url_from_allowed_origins("http://evil.example")
    assert net_util.get_external_ip() is None
    assert net_util._make_blocking_http_get("http://checkip.amazonaws.com") is None


def _served(*, beyond: bool = False, base: str = "") -> TestClient:
    """Our routes and the door, with something that stands for the pages behind them."""

    async def pages(scope: Any, _receive: Any, send: Any) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]}
        )
        await send({"type": "http.response.body", "body": b"<title>the dashboard</title>"})

    routes = guarded_routes(listens_beyond_loopback=beyond, base_url_path=base)
    door = front_door(listens_beyond_loopback=beyond, base_url_path=base)
    return TestClient(Starlette(routes=[*routes, Mount("/", pages)], middleware=[door]), base_url=OWN)


PROGRAMS = [
    "/api", "/api/", "/api/v1x", "/api/v2/incidents", "/api/v1/nowhere", "/API/v1/health", "//api/v1/health", "/health", "/healthz",
    "/health/", "/health/nowhere", "/ready", "/readyz", "/livez", "/metrics/", "/metrics/job", "/metricsz", "/docs", "/openapi.json",
    "/.env", "/.well-known/openid-configuration", "/actuator/health", "/swagger.json",
]  # fmt: skip


@pytest.mark.parametrize("path", PROGRAMS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_program_that_asks_for_what_is_not_there_gets_no_page(path: str, method: str) -> None:
    migrate()
    answer = _served().request(method, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_no_page_has_a_name_that_programs_ask_for() -> None:
    assert [place.name for place in PLACES if is_for_programs(f"/{place.name}")] == []
    assert not is_for_programs("/api_keys")


def test_the_base_path_moves_the_api_the_health_and_the_metrics() -> None:
    migrate()
    client = _served(base="/ops/soc/")
    for path in ("/api/v1/health", "/metrics", "/health/live"):
        assert client.get(f"/ops/soc{path}").status_code == 200, path
        assert client.get(path).status_code == 404, path
        assert client.get(f"/ops/soc{path}/nowhere").status_code == 404, path
    assert client.get("/ops/soc/api/v1/openapi.json").json()["servers"][0]["url"] == "/ops/soc/api/v1"
    assert "the dashboard" in client.get("/ops/soc/incidents").text
    api.state.base = ""


EXPOSED: list[tuple[str, bool, dict[str, str]]] = [
    ("", True, {}), ("soc.example", False, {}), ("", False, {"X-Forwarded-For": "10.0.0.5"}), ("", False, {"Via": "1.1 proxy"}),
]  # fmt: skip


@pytest.mark.parametrize(("names", "beyond", "headers"), EXPOSED)
def test_beyond_this_machine_the_pages_are_closed_until_a_proxy_is_said_to_check_people(
    monkeypatch: pytest.MonkeyPatch, names: str, beyond: bool, headers: dict[str, str]
) -> None:
    migrate()
    monkeypatch.setenv("SOC_HOST_NAMES", names)
    get_settings.cache_clear()
    client = _served(beyond=beyond)
    for path in ("/", "/incidents", "/_stcore/upload_file/a/b", "/media/x", "/_stcore/health"):
        refused = client.get(path, headers={**headers, "Accept": "text/html"})
        assert (refused.status_code, "SOC_OPEN_PAGES" in refused.text) == (403, True), path
    with pytest.raises(WebSocketDisconnect):
        client.websocket_connect("/_stcore/stream", headers={**headers, "Origin": OWN}).__enter__()
    assert client.get("/api/v1/incidents", headers=headers).status_code == 401
    assert client.get("/api/v1/health", headers=headers).status_code == 200
    monkeypatch.setenv("SOC_OPEN_PAGES", "1")
    get_settings.cache_clear()
    assert client.get("/incidents", headers=headers).status_code == 200
    assert client.get("/api/v1/incidents", headers=headers).status_code == 401


def test_on_this_machine_the_pages_are_open() -> None:
    assert _served().get("/incidents").status_code == 200


def test_the_first_page_typed_by_its_name_leads_to_it(dashboard: Starlette) -> None:
    with TestClient(dashboard, base_url=OWN, follow_redirects=False) as client:
        answers = [client.get(path) for path in ("/overview", "/overview?days=7", "/incidents")]
    assert [(one.status_code, one.headers.get("location")) for one in answers] == [
        (307, "/"), (307, "/?days=7"), (200, None),
    ]  # fmt: skip
    assert PLACES[0].name == "overview"
