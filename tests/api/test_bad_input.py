"""What no caller should send: every bad input is a 4xx with a hint, and nothing of it is stored or repeated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from soc.api import api
from soc.api.guard import ApiGuard, Buckets
from soc.store.migrate import migrate

ROOT = "/api/v1"
HUGE = 99999999999999999999999
JSON = {"content-type": "application/json"}


def _client(**options: Any) -> TestClient:
    app = Starlette(routes=[Mount(ROOT, app=ApiGuard(api, **options))])
    return TestClient(app, base_url="http://127.0.0.1:8501", raise_server_exceptions=False)


@pytest.fixture
def client() -> Iterator[TestClient]:
    migrate()
    with _client() as running:
        yield running


def _refused(answer: Any, status: int = 422) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["hint"]
    return body


def _nested(levels: int) -> Any:
    value: Any = "core"
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/integrations/webhook/config", {"url": "https://x.example.com/\ud800"}),
        ("/integrations/webhook/config", {"url": "https://x.example.com/", "headers": {"X-\ud800": "a"}}),
        ("/integrations/webhook/test", {"url": "https://x.example.com/\udfff"}),
        ("/integrations/webhook/send", {"incident_id": "a", "custom_payload": {"deep": ["\ud800"]}}),
        ("/integrations/export", {"passphrase": "\ud800aaaaaaaaaaaaaaaaaaaa"}),
        ("/integrations/import", {"document": {"\ud800": 1}}),
        ("/deliveries/replay", {"delivery_ids": ["\ud800"]}),
    ],
)
def test_half_a_character_is_refused_wherever_it_is(client: TestClient, path: str, body: Any) -> None:
    told = _refused(client.post(ROOT + path, content=json.dumps(body), headers=JSON))
    assert "character" in told["title"]


def test_half_a_character_written_as_raw_bytes_is_refused_too(client: TestClient) -> None:
    content = b'{"url": "https://x.example.com/\xed\xa0\x80"}'
    _refused(client.post(f"{ROOT}/integrations/webhook/config", content=content, headers=JSON))


def test_a_whole_character_outside_of_the_basic_plane_is_taken(client: TestClient) -> None:
    content = '{"delivery_ids": ["\\ud83d\\ude00"]}'
    answer = client.post(f"{ROOT}/deliveries/replay", content=content, headers=JSON)
    assert answer.status_code == 404


@pytest.mark.parametrize("end", ["\ud800", "\x00", "\x7f", "a b", "\\a", "<a>", "\u200bb"])
def test_an_address_that_was_refused_is_not_saved_and_nothing_breaks_later(
    client: TestClient, end: str
) -> None:
    content = json.dumps({"url": f"https://x.example.com/{end}"})
    _refused(client.post(f"{ROOT}/integrations/webhook/config", content=content, headers=JSON))
    assert client.get(f"{ROOT}/integrations/webhook/config").json()["configured"] is False
    assert client.get(f"{ROOT}/integrations/webhook/versions").json()["items"] == []
    assert client.post(f"{ROOT}/integrations/export", json={}).json()["integrations"] == {}


@pytest.mark.parametrize("path", ["/deliveries", "/incidents", "/tickets", "/batches"])
@pytest.mark.parametrize("query", [f"offset={HUGE}", "offset=-1", f"limit={HUGE}", "limit=0", "limit=501"])
def test_a_page_beyond_what_the_store_can_count_is_refused(client: TestClient, path: str, query: str) -> None:
    _refused(client.get(f"{ROOT}{path}?{query}"))


@pytest.mark.parametrize("version", [str(HUGE), "0", "-1"])
def test_a_version_that_cannot_be_is_refused(client: TestClient, version: str) -> None:
    _refused(client.post(f"{ROOT}/integrations/webhook/versions/{version}/restore"))


@pytest.mark.parametrize("levels", [51, 400, 500, 900])
def test_data_that_nests_too_deeply_is_refused_by_name(client: TestClient, levels: int) -> None:
    deep = _nested(levels)
    for path, body in (
        ("webhook/send", {"incident_id": "a", "custom_payload": deep}),
        ("webhook/send", {"incident_id": "a", "incident_data": {"more": deep}}),
        ("stackstorm/execute-action", {"action_ref": "core.local", "action_parameters": deep}),
    ):
        told = _refused(client.post(f"{ROOT}/integrations/{path}", json=body))
        assert "nested too deeply" in json.dumps(told)


@pytest.mark.parametrize("path", ["webhook/config", "stackstorm/test", "import", "export", "webhook/send"])
def test_a_body_deeper_than_can_be_read_is_a_problem_with_a_hint(client: TestClient, path: str) -> None:
    for levels in (500, 900, 100_000):
        content = '{"document":' + "[" * levels + "]" * levels + "}"
        answer = client.post(f"{ROOT}/integrations/{path}", content=content, headers=JSON)
        assert 400 <= answer.status_code < 500
        assert answer.json()["hint"]


@pytest.mark.parametrize("path", ["/deliveries/{}", "/incidents/{}", "/batches/{}", "/batches/{}/report"])
@pytest.mark.parametrize("name", ["a" * 7000, "a" * 61, "a%00b", "a%09b"])
def test_an_id_that_no_row_has_is_not_repeated(client: TestClient, path: str, name: str) -> None:
    answer = client.get(ROOT + path.format(name))
    _refused(answer)
    assert "a" * 61 not in answer.text


def test_an_id_to_replay_that_no_row_has_is_not_repeated(client: TestClient) -> None:
    answer = client.post(f"{ROOT}/deliveries/replay", json={"delivery_ids": ["a" * 7000]})
    _refused(answer)
    assert "aaaa" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nope", 404, "/api/v1/docs"),
        ("DELETE", "/batches/bat-1", 405, "GET"),
        ("POST", "/deliveries/replay", 422, "errors"),
    ],
)
def test_every_refusal_of_the_framework_says_what_to_do(
    client: TestClient, method: str, path: str, status: int, words: str
) -> None:
    assert words in _refused(client.request(method, ROOT + path), status)["hint"]


def test_a_refused_method_names_the_allowed_ones_in_its_header(client: TestClient) -> None:
    assert client.delete(f"{ROOT}/batches/bat-1").headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [(b"{", 422, "JSON"), (b"\xff\xfe{", 400, "JSON"), (b"x" * (1024 * 1024 + 1), 413, "less")],
)
def test_a_body_that_cannot_be_read_is_refused_with_the_way_to_write_it(
    client: TestClient, content: bytes, status: int, words: str
) -> None:
    answer = client.post(f"{ROOT}/deliveries/replay", content=content, headers=JSON)
    assert words in _refused(answer, status)["hint"]


def test_a_streamed_body_that_is_too_large_has_a_hint_too(client: TestClient) -> None:
    pieces = (b" " * 1024 for _ in range(1100))
    answer = client.post(f"{ROOT}/deliveries/replay", content=pieces, headers=JSON)
    assert "less" in _refused(answer, 413)["hint"]


@pytest.mark.parametrize("path", ["/deliveries", "/deliveries.csv"])
@pytest.mark.parametrize(
    ("query", "known"), [("state=bogus", "suppressed"), ("integration=nope", "pagerduty")]
)
def test_a_filter_that_matches_nothing_ever_is_refused_with_the_list(
    client: TestClient, path: str, query: str, known: str
) -> None:
    told = _refused(client.get(f"{ROOT}{path}?{query}"))
    assert known in told["errors"][0]["message"]
    assert "Value error" not in told["errors"][0]["message"]
    assert query.partition("=")[2] not in json.dumps(told)


def test_a_severity_that_is_none_is_refused_with_the_list(client: TestClient) -> None:
    assert "critical" in _refused(client.get(f"{ROOT}/incidents?severity=bogus"))["errors"][0]["message"]


@pytest.mark.parametrize("path", ["/deliveries", "/deliveries.csv"])
@pytest.mark.parametrize("query", ["", "state=&integration=&batch_id=", "state=dead&integration=webhook"])
def test_an_empty_filter_means_all(client: TestClient, path: str, query: str) -> None:
    assert client.get(f"{ROOT}{path}?{query}").status_code == 200


@pytest.mark.parametrize("query", ["batch_id=%00", "text=%00", "batch_id=" + "a" * 61, "text=" + "a" * 201])
def test_a_filter_that_no_store_could_take_is_refused(client: TestClient, query: str) -> None:
    _refused(client.get(f"{ROOT}/incidents?{query}"))


def test_a_name_of_a_file_with_half_a_character_is_mended(client: TestClient) -> None:
    body = (
        b'--b\r\ncontent-disposition: form-data; name="files"; filename="a+2AA-.log"\r\n'
        b"content-type: text/plain\r\n\r\none line\n\r\n--b--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=b; charset=utf-7"}
    answer = client.post(f"{ROOT}/batches", content=body, headers=headers)
    assert answer.status_code == 202
    assert client.get(f"{ROOT}/batches").status_code == 200


def test_an_address_with_a_hidden_end_is_called_malformed(client: TestClient) -> None:
    url = f"{ROOT}/integrations/webhook/validate-url?url=https://example.com%00.evil/"
    verdict = client.post(url).json()
    assert (verdict["valid"], verdict["host"]) == (False, "")
    assert verdict["hint"]


class _Empty(Buckets):
    """Always this long until the next request."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self._wait = wait

    def take(self, caller: str, *, at: float | None = None) -> float:
        return self._wait


@pytest.mark.parametrize(("wait", "told"), [(0.02, 1), (1.0, 1), (1.2, 2), (2.5, 3)])
def test_whoever_is_too_quick_is_told_whole_seconds_in_hint_and_header_alike(wait: float, told: int) -> None:
    migrate()
    with _client(buckets=_Empty(wait)) as client:
        answer = client.get(f"{ROOT}/tickets")
    assert f"Wait {told} s," in _refused(answer, 429)["hint"]
    assert answer.headers["retry-after"] == str(told)
