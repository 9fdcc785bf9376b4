"""`/upload`: a page's own pass lets files in, once each, whole or not at all; nothing else does, and it does nothing else."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette

from soc import clock
from soc.access.keys import make_key
from soc.access.scopes import Scope
from soc.batches import passes
from soc.batches.intake import keep_paste
from soc.batches.passes import LIFE, MOST_FILES, close_pass, issue_pass, list_kept, renew_pass
from soc.domain.actor import AT_A_PAGE
from soc.serving import front_door, guarded_routes
from soc.serving.uploads import UploadRoute
from soc.settings import Settings, get_settings
from soc.store.db import write_session
from soc.store.files import get_files
from soc.store.migrate import migrate

OWN = "http://127.0.0.1:8501"


def _served(base: str = "") -> TestClient:
    routes = guarded_routes(listens_beyond_loopback=False, base_url_path=base)
    door = front_door(listens_beyond_loopback=False, base_url_path=base)
    return TestClient(Starlette(routes=routes, middleware=[door]), base_url=OWN)


@pytest.fixture
def client(settings: Settings) -> TestClient:
    migrate()
    return _served()


def _headers(token: str, number: int | str = 0, name: str = "night.log") -> dict[str, str]:
    return {"X-Upload-Pass": token, "X-Upload-Number": str(number), "X-Upload-Name": name}


def _some_key() -> str:
    with write_session() as session:
        return make_key(session, "grafana", Scope.ADMIN, actor=AT_A_PAGE, now=clock.now())[1]


def _lying(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.data_dir / "uploads").glob("*"))


def test_a_file_comes_in_as_it_is_and_the_page_finds_it(client: TestClient) -> None:
    token, content = issue_pass(), bytes(range(256)) * 20_000
    answer = client.post("/upload", content=content, headers=_headers(token, 7, "n%C3%A4chte%2Fa%0Ab.log"))
    assert answer.status_code == 201
    [(number, upload)] = list_kept(token)
    assert (number, upload.name, upload.size) == (7, "a b.log", len(content))
    assert upload.sha256 == hashlib.sha256(content).hexdigest()
    assert get_files().local(upload.path).read_bytes() == content


@pytest.mark.parametrize("token", ["", "soc_something", "ä", "x" * 5000])
def test_without_a_pass_of_this_server_nothing_comes_in(
    client: TestClient, settings: Settings, token: str
) -> None:
    headers = {name: value.encode() for name, value in _headers(token).items()}
    answer = client.post("/upload", content=b"a line\n", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert _lying(settings) == []


def test_a_pass_ends_and_a_page_that_is_drawn_again_makes_it_new(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, later = issue_pass(), clock.now() + LIFE
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.post("/upload", content=b"x", headers=_headers(token)).status_code == 401
    assert renew_pass(token) == token
    assert client.post("/upload", content=b"x", headers=_headers(token)).status_code == 201


def test_a_number_lets_one_file_in_even_where_it_was_refused(client: TestClient, settings: Settings) -> None:
    token = issue_pass()
    statuses = [
        client.post("/upload", content=b"x", headers=_headers(token, number)).status_code
        for number in (0, 0, 1, 1, MOST_FILES, "-1", "1e3", "")
    ]
    assert statuses == [201, 409, 201, 409, 409, 400, 400, 400]
    assert len(_lying(settings)) == 2


def test_passes_do_not_see_each_others_files_and_a_closed_one_lets_nothing_in(client: TestClient) -> None:
    mine, yours = issue_pass(), issue_pass()
    client.post("/upload", content=b"x", headers=_headers(mine))
    assert list_kept(yours) == []
    close_pass(mine)
    assert client.post("/upload", content=b"x", headers=_headers(mine, 1)).status_code == 401


def test_a_pass_is_no_key_and_a_key_is_no_pass(client: TestClient) -> None:
    key = _some_key()
    token = issue_pass()
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/batches", headers={**bearer, **_headers(token)}).status_code == 401
    assert client.post("/upload", content=b"x", headers=_headers(key)).status_code == 401
    assert client.post("/upload", content=b"x", headers=_headers(token)).status_code == 201


@pytest.mark.parametrize("chunked", [False, True])
def test_a_file_that_is_too_large_is_413_and_nothing_of_it_stays(
    client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch, chunked: bool
) -> None:
    monkeypatch.setenv("SOC_MAX_UPLOAD_BYTES", "10")
    get_settings.cache_clear()
    token = issue_pass()
    content: Any = iter([b"x" * 11]) if chunked else b"x" * 11
    answer = client.post("/upload", content=content, headers=_headers(token))
    assert answer.status_code == (411 if chunked else 413)
    assert client.post("/upload", content=b"x" * 10, headers=_headers(token, 1)).status_code == 201
    assert client.post("/upload", content=b"x" * 10, headers=_headers(token, 2)).status_code == 201
    together = client.post("/upload", content=b"x", headers=_headers(token, 3))
    assert (together.status_code, len(_lying(settings))) == (413, 2)
    assert "together" in together.json()["title"]


def _cut_off(token: str, *, after: int) -> None:
    """A browser that goes away after so many bytes of a file of 5 MB."""
    given = iter([{"type": "http.request", "body": b"x" * after, "more_body": True}])

    async def receive() -> Any:
        return next(given, {"type": "http.disconnect"})

    async def send(_message: Any) -> None:
        pass

    headers = [(name.lower().encode(), value.encode()) for name, value in _headers(token).items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/upload",
        "headers": [*headers, (b"content-length", b"5000000")],
    }
    asyncio.run(UploadRoute()(scope, receive, send))


@pytest.mark.parametrize("after", [0, 100, 3_000_000])
def test_of_an_upload_that_was_cut_off_nothing_stays(
    settings: Settings, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "MOST_TIMES", 1)
    token = issue_pass()
    _cut_off(token, after=after)
    assert (_lying(settings), list_kept(token)) == ([], [])
    with passes.admitted(token, 1, settings.max_upload_bytes):
        pass  # its bytes are not held against the page


def test_a_full_disk_is_said_in_words_and_nothing_stays(
    client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("soc.batches.intake.Incoming.add", full)
    token = issue_pass()
    answer = client.post("/upload", content=b"x", headers=_headers(token))
    assert (answer.status_code, _lying(settings), list_kept(token)) == (507, [], [])
    assert "No space left" in answer.json()["title"]


def test_what_comes_after_the_page_went_on_is_removed(settings: Settings) -> None:
    token = issue_pass()
    with passes.admitted(token, 0, 6) as came:
        close_pass(token)
        came.append(keep_paste("a line"))
    assert _lying(settings) == []


def test_old_passes_are_forgotten_before_memory_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "MOST_PASSES", 3)
    first, *others = [issue_pass() for _ in range(4)]
    assert renew_pass(first) != first
    assert renew_pass(others[-1]) == others[-1]
    assert len(passes._passes) == 3
    assert not any(others[-1].encode() in mark for mark in passes._passes)


def test_the_base_path_moves_the_upload_and_other_methods_are_refused(client: TestClient) -> None:
    token = issue_pass()
    assert client.get("/upload", headers=_headers(token)).status_code == 405
    below = _served("/ops/soc/")
    assert below.post("/upload", content=b"x", headers=_headers(token)).status_code == 404
    assert below.post("/ops/soc/upload", content=b"x", headers=_headers(token)).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"X-Forwarded-For": "10.0.0.5"}],
    ids=str,
)  # fmt: skip
def test_a_pass_does_not_open_the_door(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/upload", content=b"x", headers={**_headers(issue_pass()), **headers})
    assert answer.status_code == 403


def test_with_names_and_keys_in_force_an_open_page_still_sends(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOC_HOST_NAMES", "soc.example")
    get_settings.cache_clear()
    _some_key()
    named = {"Host": "soc.example", "Origin": "http://soc.example", **_headers(issue_pass())}
    assert client.post("/upload", content=b"x", headers=named).status_code == 403
    monkeypatch.setenv("SOC_OPEN_PAGES", "1")
    get_settings.cache_clear()
    assert client.post("/upload", content=b"x", headers=named).status_code == 201
