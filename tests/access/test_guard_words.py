"""What the guard reads of a request, and what it says when it turns one away."""

from __future__ import annotations

import json
from typing import Any

from soc.api import guard
from soc.api.guard import LARGEST_BODY
from soc.settings import get_settings


def _said(answer: Any) -> tuple[int, str, str]:
    body = json.loads(answer.body)
    return answer.status_code, body["title"], body["hint"]


def _scope(path: str, root: str = "") -> dict[str, Any]:
    return {"type": "http", "path": path, "root_path": root}


def test_a_body_that_says_that_it_is_too_large_is_refused_before_it_is_read() -> None:
    most = get_settings().max_upload_bytes
    for path, length, refused in (
        ("/x", LARGEST_BODY, False), ("/x", LARGEST_BODY + 1, True), ("/batches", LARGEST_BODY + 1, False),
        ("/batches/7/files", most, False), ("/batches", most + 1, True), ("/x/batches", LARGEST_BODY + 1, True),
    ):  # fmt: skip
        answer = guard._too_large(_scope(path), {"content-length": str(length)})
        assert (answer is not None) == refused, (path, length)
    answer = guard._too_large(_scope("/api/v1/x", "/api/v1"), {"content-length": str(LARGEST_BODY + 1)})
    assert _said(answer) == (413, f"The body is larger than {LARGEST_BODY:,} bytes.", "Send less at once.")
    for headers in ({}, {"content-length": "many"}, {"content-length": f"-{LARGEST_BODY * 9}"}):
        assert guard._too_large(_scope("/x"), headers) is None


def test_a_path_is_read_below_the_place_at_which_the_api_is_mounted() -> None:
    for path, root, below in (
        ("/api/v1/keys", "/api/v1", "/keys"), ("/keys", "", "/keys"), ("/keys", "/api/v1", "/keys"),
        ("/x/api/v1/keys", "/api/v1", "/x/api/v1/keys"),
    ):  # fmt: skip
        assert guard._path(_scope(path, root)) == below


def test_a_key_stands_behind_bearer_or_in_its_own_header() -> None:
    for headers, key in (
        ({"authorization": "Bearer  soc_a "}, "soc_a"), ({"authorization": "bEARER soc_a", "x-api-key": "soc_b"}, "soc_a"),
        ({"authorization": "Basic soc_a", "x-api-key": "soc_b"}, "soc_b"), ({"authorization": "Bearer"}, ""), ({}, ""),
    ):  # fmt: skip
        assert guard._key_of(headers) == key


def test_who_is_turned_away_is_told_why_and_what_to_do() -> None:
    assert guard._hurried(0.0) is None
    waits: list[Any] = [guard._hurried(wait) for wait in (0.001, 1.0, 1.2, 59.5)]
    assert [answer.headers["Retry-After"] for answer in waits] == ["1", "1", "2", "60"]
    status, title, hint = _said(waits[2])
    assert (status, title) == (429, "Too many requests.")
    assert hint.startswith("Wait 2 s, and send fewer than ")
    for answer, said in (
        (guard._no_key(), "An API key is needed."),
        (guard._wrong_key(), "This API key is not in force."),
    ):
        status, title, hint = _said(answer)
        assert (status, title) == (401, said)
        assert "soc keys" in hint
