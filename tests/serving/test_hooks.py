"""`/hooks/…`: a call that proves itself is kept before it is answered; any other is 401, and nothing is written."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select
from starlette.applications import Starlette

from soc import clock
from soc.integrations.vendors.slack.interactive.signature import sign
from soc.serving import front_door, guarded_routes
from soc.store.db import read_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.interactions import InteractionRow
from tests.integrations.vendors.slack.test_interactive import CALL, FORGERIES, FORM, SECRET

AT = "/hooks/slack/interactions"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-some-token")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SECRET)
    migrate()
    door = front_door(listens_beyond_loopback=False)
    app = Starlette(routes=guarded_routes(listens_beyond_loopback=False), middleware=[door])
    return TestClient(app, base_url="http://127.0.0.1:8501")


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    at = str(int(clock.now().timestamp()))
    return {
        "x-slack-request-timestamp": at,
        "x-slack-signature": sign(secret, at, body),
        "content-type": FORM,
    }


def rows() -> list[Any]:
    with read_session() as session:
        return list(session.exec(select(InteractionRow)).all())


def test_twenty_forged_calls_are_401_with_nothing_written_and_a_real_one_is_kept_before_its_answer(
    client: TestClient,
) -> None:
    for name, forged in FORGERIES.items():
        values = {key: value.encode("utf-8") for key, value in {"content-type": FORM, **forged}.items()}
        assert client.post(AT, content=CALL, headers=values).status_code == 401, name
    assert client.post(AT, content=CALL, headers=signed(CALL, "0" * 32)).status_code == 401
    assert rows() == []
    for _ in range(2):  # sent again: taken again, kept once
        answer = client.post(AT, content=CALL, headers=signed(CALL))
        assert (answer.status_code, answer.content) == (200, b"")
    (row,) = rows()
    assert (row.wish, row.who, row.made_by) == ("assign", "U1", "vendor:slack@report")
    assert "13.37.abc" not in json.dumps(row.model_dump(mode="json"))


def test_other_addresses_methods_sizes_and_texts_are_refused_in_words(client: TestClient) -> None:
    assert client.post("/hooks/jura/x", content=b"").status_code == 404
    assert client.post("/hooks/slack/other", content=b"").status_code == 404
    assert client.get(AT).status_code == 405
    assert client.post(AT, content=b"x" * 2_000_000, headers=signed(b"")).status_code == 413
    assert client.post(AT, content=b"payload=1", headers=signed(b"payload=1")).status_code == 400
    hello = urlencode({"payload": json.dumps({"type": "url_verification", "challenge": "abc"})}).encode()
    assert client.post(AT, content=hello, headers=signed(hello)).json() == {"challenge": "abc"}


def test_without_a_signing_secret_nothing_can_be_proved(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "")
    assert client.post(AT, content=CALL, headers=signed(CALL, "")).status_code == 401
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    assert client.post(AT, content=CALL, headers=signed(CALL)).status_code == 401
