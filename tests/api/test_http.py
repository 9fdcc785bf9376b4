"""What HTTP itself promises: HEAD, Allow, WWW-Authenticate, and a name for each request."""

from __future__ import annotations

import json

import pytest
import structlog
from fastapi.testclient import TestClient

from soc import clock
from soc.access.keys import make_key
from soc.access.scopes import Scope
from soc.api.application import ROUTES
from soc.domain.actor import AT_A_PAGE
from soc.door.request_ids import current_request_id, named_request
from soc.store.db import write_session

ROOT = "/api/v1"


def test_head_is_answered_like_get_without_the_body(client: TestClient) -> None:
    for path in ("/health", "/incidents", "/deliveries.csv", "/batches/bat-nothere"):
        got, head = client.get(ROOT + path), client.head(ROOT + path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers["content-type"] == got.headers["content-type"]


def test_a_refused_method_is_told_every_method_of_its_address(client: TestClient) -> None:
    allowed = {
        "/batches": "GET, HEAD, POST",
        "/integrations/jira/config": "GET, HEAD, POST",
        "/integrations/jira/create-ticket": "POST",
    }
    for path, methods in allowed.items():
        answer = client.delete(ROOT + path)
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)
        assert methods in answer.json()["hint"]


def test_who_shows_no_key_is_told_how_to(client: TestClient) -> None:
    with write_session() as session:
        make_key(session, "any", Scope.READ, now=clock.now(), actor=AT_A_PAGE)
    for headers in ({}, {"Authorization": "Bearer soc_mistyped"}):
        answer = client.get(f"{ROOT}/incidents", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_request_has_the_name_its_caller_gave_it(client: TestClient) -> None:
    answer = client.get(f"{ROOT}/batches/bat-nothere", headers={"X-Request-ID": "night-7"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "night-7"


@pytest.mark.parametrize("given", ["", "two words", "a" * 101, "ü"])
def test_a_request_without_a_good_name_gets_one(client: TestClient, given: str) -> None:
    answer = client.get(f"{ROOT}/nowhere", headers={"X-Request-ID": given.encode()})
    assert answer.headers["x-request-id"].startswith("req-")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_two_requests_have_two_names(client: TestClient) -> None:
    assert len({client.get(f"{ROOT}/health").headers["x-request-id"] for _ in range(3)}) == 3


def test_the_log_of_a_request_carries_its_name_and_what_comes_after_does_not() -> None:
    with named_request("night-7"):
        assert structlog.contextvars.get_contextvars() == {"request_id": "night-7"}
        assert current_request_id() == "night-7"
    assert structlog.contextvars.get_contextvars() == {}
    assert current_request_id() == ""


def test_every_refusal_names_its_request(client: TestClient) -> None:
    refused = [
        client.get(f"{ROOT}/nowhere"),
        client.delete(f"{ROOT}/batches"),
        client.post(f"{ROOT}/deliveries/replay", json={}),
        client.get(f"{ROOT}/incidents", headers={"Host": "evil.example"}),
        client.post(f"{ROOT}/deliveries/replay", content=b"x" * (1024 * 1024 + 1)),
    ]
    assert [answer.status_code for answer in refused] == [404, 405, 422, 403, 413]
    for answer in refused:
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.content)["request_id"] == answer.headers["x-request-id"]


def test_no_route_is_named_twice() -> None:
    assert len({(route.path, *sorted(route.methods or ())) for route in ROUTES}) == len(ROUTES)
