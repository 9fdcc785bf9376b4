"""The door before a small application: which name was called, from which page, and what the answers say."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from soc.door import Door, Refusal
from soc.hosts import parse_host

OWN = "127.0.0.1:8501"
Headers = list[tuple[str, str]]


async def _app(scope: Scope, _receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    if scope["path"] == "/broken":
        raise RuntimeError("planted")
    headers = [(b"server", b"uvicorn"), (b"X-Frame-Options", b"ALLOWALL"), (b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"in"})


def door(**options: Any) -> Door:
    return Door(
        _app,
        names=lambda: [parse_host("soc.example") or ..., parse_host("tls.example:8443") or ...],
        **options,
    )  # type: ignore[misc,list-item]


def knock(
    headers: Headers,
    *,
    at: Door | None = None,
    method: str = "GET",
    path: str = "/",
    kind: str = "http",
    **more: Any,
) -> list[Any]:
    """Everything that is sent to a request with exactly these headers."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    scope = {"type": kind, "method": method, "path": path, "headers": raw, "scheme": "ws" if kind == "websocket" else "http",
             "server": ("127.0.0.1", 8501), "client": ("127.0.0.1", 5), "query_string": b"", "root_path": "", **more}  # fmt: skip
    asyncio.run((at or door())(scope, receive, send))  # type: ignore[arg-type]
    return sent


def status(headers: Headers, **more: Any) -> int:
    """HTTP's status; for a websocket 101 or 403."""
    first = knock(headers, **more)[0]
    return int(first.get("status") or (101 if first["type"] == "websocket.accept" else 403))


def host(value: str) -> Headers:
    return [("Host", value)]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        (host(OWN), True), (host("localhost:9000"), True), (host("[::1]"), True), (host("soc.example"), True),
        (host("SOC.example:1"), True), (host("tls.example:8443"), True), (host("tls.example:8444"), False),
        (host("evil.example"), False), (host("127.0.0.1:80.evil.com"), False), (host("127.0.0.1.nip.io"), False),
        (host("localhost."), False), (host("sub.soc.example"), False), (host("soc.example.evil.com"), False), (host("10.0.0.5"), False),
        (host(""), False), ([], False), (host(OWN) * 2, False), (host(OWN) + host("evil.example"), False),
        ([*host("evil.example"), ("X-Forwarded-Host", OWN)], False),
    ],
)  # fmt: skip
def test_only_the_servers_own_names_are_answered(kind: str, headers: Headers, let_in: bool) -> None:
    name = headers[0][1] if headers else ""
    origin = [("Origin", f"http://{name}")] if kind == "websocket" else []
    assert (status([*headers, *origin], kind=kind) in (200, 101)) is let_in


@pytest.mark.parametrize("path", ["http://evil.example/", "*", "evil.example:443", ""])
def test_a_request_line_that_names_another_server_is_refused(path: str) -> None:
    assert status(host(OWN), path=path, method="OPTIONS") == 400


def test_beyond_loopback_the_very_address_that_was_called_is_an_own_name() -> None:
    beyond = door(beyond=True)
    assert status(host("10.0.0.5:8501"), at=beyond, server=("10.0.0.5", 8501)) == 200
    assert status(host("10.0.0.5:8501"), at=beyond, server=("::ffff:10.0.0.5", 8501)) == 200
    assert status(host("10.0.0.6:8501"), at=beyond, server=("10.0.0.5", 8501)) == 403
    assert status(host("10.0.0.5:8501"), server=("10.0.0.5", 8501)) == 403


FOREIGN = [
    "http://evil.example", "null", "", "http://127.0.0.1:9999", "http://127.0.0.1", "http://localhost:8501", "https://127.0.0.1:8501",
    "http://127.0.0.1:8501/", "http://127.0.0.1:8501.evil.com", "http://u@127.0.0.1:8501", "HTTP//127.0.0.1:8501", "file://",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "method"), [("http", "POST"), ("http", "GET"), ("http", "DELETE"), ("websocket", "GET")]
)
@pytest.mark.parametrize("origin", FOREIGN)
def test_only_the_servers_own_pages_are_answered(kind: str, method: str, origin: str) -> None:
    assert status([*host(OWN), ("Origin", origin)], kind=kind, method=method) == 403
    assert status([*host(OWN), ("Origin", f"http://{OWN}")], kind=kind, method=method) in (200, 101)


def test_a_program_says_no_origin_and_a_websocket_must() -> None:
    assert status(host(OWN), method="POST") == 200
    assert status(host(OWN), kind="websocket") == 403


def test_two_origins_are_none() -> None:
    assert (
        status([*host(OWN), ("Origin", f"http://{OWN}"), ("Origin", "http://evil.example")], method="POST")
        == 403
    )


@pytest.mark.parametrize(
    ("headers", "scheme", "origin", "expected"),
    [
        ([], "wss", "https://soc.example", 101), ([], "ws", "https://soc.example", 403),
        ([("X-Forwarded-Proto", "https")], "ws", "https://soc.example", 101), ([("X-Forwarded-Proto", "https")], "ws", "http://soc.example", 403),
        ([("X-Forwarded-Proto", "https, http")], "ws", "https://soc.example:443", 101), ([("X-Forwarded-Proto", "gopher")], "ws", "http://soc.example", 101),
    ],
)  # fmt: skip
def test_the_scheme_counts_as_people_come_by_it(
    headers: Headers, scheme: str, origin: str, expected: int
) -> None:
    asked = [*host("soc.example"), *headers, ("Origin", origin)]
    assert status(asked, kind="websocket", scheme=scheme) == expected


def fetch(site: str, mode: str = "cors", dest: str = "empty") -> Headers:
    return [*host(OWN), ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest)]


@pytest.mark.parametrize(
    ("headers", "method", "expected"),
    [
        (fetch("same-origin"), "POST", 200), (fetch("none", "navigate", "document"), "GET", 200),
        (fetch("cross-site", "navigate", "document"), "GET", 200), (fetch("same-site", "navigate", "document"), "GET", 200),
        (fetch("cross-site", "navigate", "document"), "POST", 403), (fetch("cross-site", "navigate", "iframe"), "GET", 403),
        (fetch("same-site", "navigate", "frame"), "GET", 403), (fetch("cross-site", "navigate", "object"), "GET", 403),
        (fetch("cross-site", "no-cors", "image"), "GET", 403), (fetch("same-site", "no-cors", "script"), "GET", 403),
        (fetch("cross-site"), "POST", 403), (fetch("SAME-ORIGIN"), "POST", 403), (fetch("same-origin") + fetch("cross-site")[1:], "POST", 403),
    ],
)  # fmt: skip
def test_of_another_sites_requests_only_a_link_that_a_person_follows_comes_in(
    headers: Headers, method: str, expected: int
) -> None:
    assert status(headers, method=method) == expected


def test_a_websocket_from_a_neighbouring_port_is_another_sites() -> None:
    asked = [*host(OWN), ("Origin", f"http://{OWN}"), ("Sec-Fetch-Site", "same-site")]
    assert (
        status([*asked, ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")], kind="websocket")
        == 403
    )


@pytest.mark.parametrize("asked", [host(OWN), host("evil.example")], ids=["let in", "refused"])
def test_every_answer_says_what_a_browser_may_do_with_it_and_not_who_answers(asked: Headers) -> None:
    headers = knock(asked)[0]["headers"]
    said = {name.decode().lower(): value.decode() for name, value in headers}
    assert len(said) == len(headers)
    assert "frame-ancestors 'none'" in said["content-security-policy"]
    assert (said["x-frame-options"], said["x-content-type-options"]) == ("DENY", "nosniff")
    assert said["referrer-policy"] == "same-origin"
    assert "server" not in said


def test_a_mistake_of_the_application_is_answered_guarded_and_told_on() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/broken",
        "headers": [(b"host", OWN.encode())],
        "scheme": "http",
    }
    with pytest.raises(RuntimeError, match="planted"):
        asyncio.run(door()(scope, None, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 500
    assert b"x-frame-options" in dict(sent[0]["headers"])
    assert b"planted" not in sent[1]["body"]


def test_a_refusal_is_a_problem_for_a_program_and_a_page_for_a_person_and_repeats_nothing() -> None:
    asked = [*host("<b>evil"), ("X-Request-ID", "req-mine")]
    start, body = knock(asked)
    assert dict(start["headers"])[b"x-request-id"] == b"req-mine"
    assert json.loads(body["body"])["status"] == 403
    start, body = knock([*asked, ("Accept", "text/html,*/*")])
    assert b"<h1>" in body["body"]
    assert b"evil" not in body["body"]


def test_parts_may_be_closed_to_whoever_came_in_by_name() -> None:
    closed = door(closed=lambda scope: Refusal(403, "Closed.", "Go.") if scope["path"] == "/pages" else None)
    assert status(host(OWN), at=closed, path="/pages") == 403
    assert status(host(OWN), at=closed, path="/api") == 200


def test_what_is_no_request_is_left_to_the_application() -> None:
    seen: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope)

    asyncio.run(Door(app)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == [{"type": "lifespan"}]
