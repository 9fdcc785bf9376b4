"""The gate before the pages, and the pages at which people sign in, attacked as a stranger would."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from soc import clock
from soc.access.accounts import LOCAL, accept_invitation, disable_person, invite
from soc.access.scopes import AccessRole
from soc.api.limits import Buckets, KeyTries
from soc.domain.actor import AT_THE_SHELL
from soc.errors import ConfigurationError
from soc.serving import front_door, guarded_routes, sign_in_gate
from soc.serving.signin import gate, guesses
from soc.serving.signin.paths import safe_next
from soc.serving.signin.start import check_sign_in, invite_first_admin
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.people.accounts import find_account, get_account
from tests.access.signed_in import PASSWORD, add, hash_quickly, sign_in, switch_on

REAL_PACE = gate.LOOK_EVERY
OWN = "http://127.0.0.1:8501"
SOCKET = "ws://127.0.0.1:8501/_stcore/stream"
HTML = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """Pages that say “a page” to everything, behind the door and the gate, where people sign in."""
    migrate()
    switch_on(monkeypatch)
    hash_quickly(monkeypatch)
    monkeypatch.setattr(gate, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(guesses, "_OF_AN_ADDRESS", KeyTries())
    monkeypatch.setattr(guesses, "_OF_A_NAME", Buckets(burst=5, per_second=0.001))
    page = Route("/{path:path}", lambda _request: PlainTextResponse("a page"), methods=["GET", "POST"])
    return Starlette(
        routes=[
            *guarded_routes(listens_beyond_loopback=False),
            WebSocketRoute("/_stcore/stream", _echo),
            page,
        ],
        middleware=[front_door(listens_beyond_loopback=False), sign_in_gate(listens_beyond_loopback=False)],
    )


def _client(app: Any, token: str = "", **headers: str) -> TestClient:
    cookie = {"Cookie": f"soc_session={token}"} if token else {}
    return TestClient(app, base_url=OWN, follow_redirects=False, headers={**cookie, **headers})


def _with_password(name: str, role: AccessRole = AccessRole.ANALYST) -> str:
    account = add(name, role)
    with write_session() as session:
        link = invite(session, account, actor=AT_THE_SHELL, now=clock.now())
        accept_invitation(session, link, PASSWORD, now=clock.now())
    return account


def _account(name: str) -> str:
    with read_session() as session:
        row = find_account(session, LOCAL, name)
        assert row is not None
        return row.id


def _post(client: TestClient, path: str, **fields: str) -> Any:
    return client.post(path, data=fields, headers={"Origin": OWN})


def test_without_a_session_nothing_of_the_pages_is_answered(app: Starlette) -> None:
    for cookie in ("", "x" * 43, "soc"):
        client = _client(app, cookie)
        for path in (
            "/",
            "/incidents",
            "/_stcore/health",
            "/static/app.js",
            "/media/1",
            "//x",
            "/signin/x",
            "/signinx",
        ):
            assert client.get(path).status_code == 401, path
        assert client.post("/upload").status_code == 401
        assert client.get("/api/v1/incidents").status_code == 401
        assert client.get("/health/live").status_code == 200
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            client.websocket_connect(SOCKET, headers={"Origin": OWN}),
        ):
            pass
        assert refused.value.reason == "You are not signed in."
    asked = _client(app).get("/incidents?incident=inc-1", headers=HTML)
    assert asked.headers["location"] == "/signin?next=%2Fincidents%3Fincident%3Dinc-1"


def test_whoever_signs_in_gets_a_new_session_and_is_out_after_signing_out(app: Starlette) -> None:
    _with_password("anna")
    planted = sign_in(add("mallory"))
    client = _client(app)
    client.cookies.set("soc_session", planted)
    came = _post(client, "/signin", name="anna", password=PASSWORD, next="/rules")
    assert (came.status_code, came.headers["location"]) == (303, "/rules")
    made = came.headers["set-cookie"]
    assert "HttpOnly" in made
    assert "SameSite=Lax" in made
    stolen = re.findall(r"soc_session=([^;]+)", made)[0]
    assert stolen != planted
    assert _client(app, planted).get("/").status_code == 401  # what was there before has ended
    thief = _client(app, stolen)
    assert thief.get("/").text == "a page"
    assert thief.get("/api/v1/incidents").status_code == 200
    assert _client(app, stolen).post("/signout").status_code == 403  # a form that no page of ours sent
    assert _client(app, stolen).post("/signout", headers={"Origin": "http://evil.example"}).status_code == 403
    assert thief.get("/").text == "a page"
    assert _post(_client(app, stolen), "/signout").headers["location"] == "/signin"
    assert [thief.get(path).status_code for path in ("/", "/api/v1/incidents", "/signin/here")] == [401] * 3


def test_a_viewer_hands_no_file_in(app: Starlette) -> None:
    for role, status in ((AccessRole.VIEWER, 403), (AccessRole.AUDITOR, 403), (AccessRole.ANALYST, 411)):
        client = _client(app, sign_in(add(role.value, role)))
        assert client.post("/upload", headers={"Origin": OWN}, content=iter([b"x"])).status_code == status


def test_a_websocket_ends_with_its_session(app: Starlette) -> None:
    account = add("anna")
    client = _client(app, sign_in(account), Origin=OWN)
    assert REAL_PACE <= 2.5  # a page leaves within five seconds
    with client.websocket_connect(SOCKET) as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"
        with write_session() as session:
            person = get_account(session, account).person_id
            disable_person(session, person, actor=AT_THE_SHELL, now=clock.now())
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()
    assert ended.value.code == 1008
    assert client.get("/api/v1/incidents").status_code == 401


def test_wrong_passwords_are_told_nothing_and_end(app: Starlette) -> None:
    _with_password("anna")
    client = _client(app)
    tries = [_post(client, "/signin", name=name, password="wrong wrong wrong") for name in ("anna", "nobody")]
    assert {one.status_code for one in tries} == {401}
    assert tries[0].text == tries[1].text
    codes = [
        _post(client, "/signin", name="anna", password="wrong wrong wrong").status_code for _ in range(5)
    ]
    assert codes == [401] * 4 + [429]
    assert _post(client, "/signin", name="anna", password=PASSWORD).status_code == 429


def test_who_knows_the_password_changes_it_and_every_other_session_ends(app: Starlette) -> None:
    account = _with_password("anna")
    mine, other, new = sign_in(account), sign_in(account), "another good password"
    change = {"act": "password", "password": new, "again": new}
    assert "wrong" in _post(_client(app, mine), "/account", **change, old="wrong wrong wrong").text
    assert _client(app, other).get("/").status_code == 200
    assert "Changed" in _post(_client(app, mine), "/account", **change, old=PASSWORD).text
    assert [_client(app, one).get("/").status_code for one in (mine, other)] == [200, 401]
    assert _post(_client(app), "/signin", name="anna", password=PASSWORD).status_code == 401
    assert _post(_client(app), "/signin", name="anna", password=new).status_code == 303


def test_nobody_is_led_to_another_server() -> None:
    bad = ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/\t/evil.example", "/%2f/x\r\nA: b",
           "javascript:alert(1)", "", "/signout", "/signin?next=/", "\\\\evil.example", "/x y"]  # fmt: skip
    assert {safe_next(one, "") for one in bad} == {"/"}
    assert safe_next("/incidents?incident=inc-1", "") == "/incidents?incident=inc-1"
    assert [safe_next(one, "/soc") for one in ("/incidents", "/soc//evil.example", "/soc/rules")] == [
        "/soc/", "/soc/", "/soc/rules",
    ]  # fmt: skip


def test_only_an_administrator_ends_another_s_session(app: Starlette) -> None:
    mine, other, admin = sign_in(add("anna")), sign_in(add("bo")), sign_in(add("cleo", AccessRole.ADMIN))
    page = _client(app, admin).get("/account").text
    (others,) = set(re.findall(r"Bo \(analyst\).*?value='(ses-\w+)'", page))
    assert "Bo" not in _client(app, mine).get("/account").text
    refused = _post(_client(app, mine), "/account", act="end", session=others)
    assert refused.status_code == 403
    assert _client(app, other).get("/").status_code == 200
    assert _post(_client(app, admin), "/account", act="end", session=others).status_code == 200
    assert _client(app, other).get("/").status_code == 401
    (bo,) = set(re.findall(r"<td>Bo<td>.*?name=person value='(per-\w+)'", page))
    assert _post(_client(app, mine), "/account", act="disable", person=bo).status_code == 403
    again = sign_in(_account("bo"))
    assert _client(app, again).get("/").status_code == 200
    assert "1 sessions ended" in _post(_client(app, admin), "/account", act="disable", person=bo).text
    assert _client(app, again).get("/").status_code == 401


def test_over_plain_http_from_beyond_nobody_signs_in(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    token = sign_in(add("anna"))
    passed_on = {"X-Forwarded-For": "10.0.0.5"}
    assert _client(app, token).get("/", headers=passed_on).status_code == 403
    assert _client(app).get("/signin", headers=passed_on).status_code == 403
    secure = {**passed_on, "X-Forwarded-Proto": "https"}
    assert (
        _client(app, token).get("/", headers=secure).status_code == 401
    )  # the plain cookie is not looked at
    assert _client(app, Cookie=f"__Host-soc_session={token}").get("/", headers=secure).text == "a page"
    check_sign_in(listens_beyond_loopback=False, speaks_tls=False)
    for beyond in (
        {"SOC_HOST_NAMES": "soc.example"},
        {"SOC_HOST_NAMES": "", "SOC_PUBLIC_URL": "http://soc.example"},
    ):
        switch_on(monkeypatch, **beyond)
        with pytest.raises(ConfigurationError, match="plain http"):
            check_sign_in(listens_beyond_loopback="SOC_PUBLIC_URL" in beyond, speaks_tls=False)
        check_sign_in(listens_beyond_loopback=True, speaks_tls=True)


def test_the_first_administrator_is_invited_once_and_nobody_has_a_default_password(app: Starlette) -> None:
    first, link = (invite_first_admin(OWN) for _ in range(2))
    assert _client(app).get(first.removeprefix(OWN)).status_code == 400  # the newest alone is in force
    token = link.partition("token=")[2]
    came = _post(_client(app), "/signin/link", token=token, password=PASSWORD, again=PASSWORD)
    assert came.status_code == 303
    assert invite_first_admin(OWN) == ""
    assert _client(app).get(link.removeprefix(OWN)).status_code == 400


def test_where_nobody_signs_in_all_is_as_it_was(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch, "")
    assert _client(app).get("/").text == "a page"
    assert _client(app).get("/api/v1/incidents").status_code == 200
    assert _client(app).get("/signin").status_code == 404
