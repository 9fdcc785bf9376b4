from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from soc import clock
from soc.access.keys import make_key, revoke_key
from soc.access.scopes import Scope
from soc.api import api
from soc.api.guard import LARGEST_BODY, ApiGuard, Buckets
from soc.domain.actor import AT_A_PAGE
from soc.store.db import get_engine, read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.people.keys import list_keys

NOW = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


def _client(**options: object) -> TestClient:
    app = Starlette(routes=[Mount("/api/v1", app=ApiGuard(api, **options))])  # type: ignore[arg-type]
    return TestClient(app, base_url="http://127.0.0.1:8501")


@pytest.fixture
def client() -> Iterator[TestClient]:
    migrate()
    with _client() as running:
        yield running


def _key(scope: Scope) -> dict[str, str]:
    with write_session() as session:
        _, key = make_key(session, f"{scope} key", scope, now=clock.now(), actor=AT_A_PAGE)
    return {"Authorization": f"Bearer {key}"}


def test_a_fresh_install_on_loopback_needs_no_key(client: TestClient) -> None:
    assert client.get("/api/v1/incidents").status_code == 200


def test_from_the_first_key_on_a_key_is_needed_for_everything_but_health(client: TestClient) -> None:
    _key(Scope.READ)
    assert client.get("/api/v1/incidents").status_code == 401
    assert client.get("/api/v1/health").status_code == 200


def test_beyond_loopback_a_key_is_needed_even_before_there_is_one() -> None:
    migrate()
    with _client(listens_beyond_loopback=True) as client:
        assert client.get("/api/v1/incidents", headers={"Host": "soc.example"}).status_code == 401


@pytest.mark.parametrize(
    ("scope", "read", "act"), [(Scope.READ, 200, 403), (Scope.ACT, 200, 200), (Scope.ADMIN, 200, 200)]
)
def test_a_key_does_what_its_scope_covers(client: TestClient, scope: Scope, read: int, act: int) -> None:
    headers = _key(scope)
    assert client.get("/api/v1/incidents", headers=headers).status_code == read
    body = {"delivery_ids": []} if act == 403 else {"delivery_ids": ["dlv-none"]}
    answer = client.post("/api/v1/deliveries/replay", json=body, headers=headers)
    assert answer.status_code == (act if act == 403 else 404)


def test_a_revoked_key_is_refused_at_once(client: TestClient) -> None:
    headers = _key(Scope.ADMIN)
    _key(Scope.READ)
    with write_session() as session:
        row = next(row for row in list_keys(session) if row.scope == "admin")
        revoke_key(session, row.id, now=clock.now(), actor=AT_A_PAGE)
    assert client.get("/api/v1/incidents", headers=headers).status_code == 401


def test_the_key_itself_is_nowhere_in_the_database(client: TestClient) -> None:
    key = _key(Scope.READ)["Authorization"].removeprefix("Bearer ")
    get_engine().dispose()
    from soc.settings import get_settings

    for path in get_settings().data_dir.glob("soc.db*"):
        assert key.encode() not in path.read_bytes()


def test_the_last_use_of_a_key_is_noted(client: TestClient) -> None:
    client.get("/api/v1/incidents", headers=_key(Scope.READ))
    with read_session() as session:
        assert list_keys(session)[0].last_used_at is not None


def test_a_caller_that_hurries_is_told_how_long_to_wait() -> None:
    migrate()
    with _client(buckets=Buckets(burst=2, per_second=1)) as client:
        answers = [client.get("/api/v1/incidents") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "1"


def test_buckets_fill_again() -> None:
    buckets = Buckets(burst=1, per_second=2)
    assert buckets.take("a", at=0.0) == 0
    assert buckets.take("a", at=0.1) == pytest.approx(0.4)
    assert buckets.take("a", at=0.6) == 0


def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(client: TestClient) -> None:
    said = client.post("/api/v1/deliveries/replay", content=b"x" * (LARGEST_BODY + 1))
    chunks = (b"x" * 65_536 for _ in range(LARGEST_BODY // 65_536 + 2))
    unsaid = client.post("/api/v1/deliveries/replay", content=chunks)
    assert [said.status_code, unsaid.status_code] == [413, 413]


def test_a_key_s_successor_is_made_once_however_often_it_is_asked_for(client: TestClient) -> None:
    headers = _key(Scope.ADMIN)
    made = client.post("/api/v1/keys", json={"name": "bot", "expires_in_days": 90}, headers=headers).json()
    assert made["expires_at"] is not None
    assert (made["owner"], made["key"][:8]) == ("", made["hint"])
    asking = {**headers, "Idempotency-Key": "rotate-the-bot"}
    twice = [
        client.post(f"/api/v1/keys/{made['id']}/rotate", json={"overlap_hours": 2}, headers=asking)
        for _ in range(2)
    ]
    assert [one.status_code for one in twice] == [201, 201]
    assert twice[0].json()["key"] == twice[1].json()["key"]
    assert (twice[0].json()["follows"], twice[0].json()["hint"]) == (made["id"], twice[0].json()["key"][:8])
    old, new = ({"Authorization": f"Bearer {one}"} for one in (made["key"], twice[0].json()["key"]))
    assert [client.get("/api/v1/incidents", headers=one).status_code for one in (old, new)] == [200, 200]
