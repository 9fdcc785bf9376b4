"""Jira's webhooks: a signed one has its ticket read, any other is 401, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from soc.integrations.vendors.jira.sync.hook import sign
from soc.sandbox.jira.life import acts as people
from soc.serving import front_door, guarded_routes
from soc.store.db import read_session
from soc.store.nouns.vendors.hook_events import HookEventRow
from soc.tickets.sync import calls, poll
from tests.tickets.both_sides import START, BothSides

AT, SECRET = "/hooks/jira/issues", "a-secret-of-the-webhook"


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Iterator[BothSides]:
    monkeypatch.setenv("JIRA_SERVER_URL", "https://soc.atlassian.net")
    monkeypatch.setenv("JIRA_USERNAME", "bot@example.com")
    monkeypatch.setenv("JIRA_API_TOKEN", "t")
    monkeypatch.setenv("JIRA_WEBHOOK_SECRET", SECRET)
    with time_machine.travel(START, tick=False) as travel:
        world = BothSides(travel)
        monkeypatch.setattr(poll, "borrow", world.borrow)
        monkeypatch.setattr(calls, "borrow", world.borrow)
        yield world


@pytest.fixture
def client(both: BothSides) -> TestClient:
    door = front_door(listens_beyond_loopback=False)
    app = Starlette(routes=guarded_routes(listens_beyond_loopback=False), middleware=[door])
    return TestClient(app, base_url="http://127.0.0.1:8501")


def call(event: str, number: str, **more: Any) -> bytes:
    return json.dumps({"webhookEvent": event, "issue": {"id": number, "key": "SOC-1"}, **more}).encode()


def kept() -> list[HookEventRow]:
    with read_session() as session:
        return list(session.exec(select(HookEventRow)).all())


BODY = call("jira:issue_updated", "10001")
GOOD = sign(SECRET, BODY)
#: Each with the body that it comes with.
FORGERIES: list[tuple[dict[str, str], bytes]] = [
    ({}, BODY),
    ({"x-hub-signature": ""}, BODY),
    ({"x-hub-signature": GOOD[:-1]}, BODY),
    ({"x-hub-signature": GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1")}, BODY),
    ({"x-hub-signature": GOOD.upper()}, BODY),
    ({"x-hub-signature": GOOD.removeprefix("sha256=")}, BODY),
    ({"x-hub-signature": GOOD.replace("sha256", "sha1")}, BODY),
    ({"x-hub-signature": GOOD + " "}, BODY + b" "),
    ({"x-hub-signature": "sha256=" + "0" * 64}, BODY),
    ({"x-hub-signature": "sha256="}, BODY),
    ({"x-hub-signature": sign("", BODY)}, BODY),
    ({"x-hub-signature": sign("another secret", BODY)}, BODY),
    ({"x-hub-signature": sign(SECRET + "\n", BODY)}, BODY),
    ({"x-hub-signature": GOOD}, BODY + b"\n"),
    ({"x-hub-signature": GOOD}, call("jira:issue_deleted", "10001")),
    ({"x-hub-signature": GOOD}, b""),
    ({"x-hub-signature": f"{GOOD},{GOOD}"}, BODY),
    ({"x-hub-signature-256": GOOD}, BODY),
    ({"authorization": f"Bearer {SECRET}"}, BODY),
    ({"x-hub-signature": "sha256=" + "é".encode().decode("latin-1") * 32}, BODY),
]


def test_twenty_forged_calls_are_401_and_nothing_is_written_or_asked(
    client: TestClient, both: BothSides
) -> None:
    asked = len(both.counted.seen)
    for number, (headers, body) in enumerate(FORGERIES):
        raw = {name: value.encode("utf-8") for name, value in headers.items()}
        assert client.post(AT, content=body, headers=raw).status_code == 401, number
    assert len(FORGERIES) == 20
    assert kept() == []
    assert len(both.counted.seen) == asked


def test_a_signed_call_has_its_ticket_read_at_once_and_each_is_kept_once(
    client: TestClient, both: BothSides
) -> None:
    both.sync()
    both.ask("PUT", "issue/SOC-1", "analyst", {"fields": {"priority": {"name": "Low"}}})
    for _ in range(2):
        headers = {"x-hub-signature": GOOD, "x-atlassian-webhook-identifier": "one-call"}
        assert client.post(AT, content=BODY, headers=headers).status_code == 200
    assert both.ticket().priority == "Low"
    assert [bool(one.done_at) for one in kept()] == [True]


def test_a_call_that_tells_of_a_deletion_settles_what_a_404_alone_does_not(
    client: TestClient, both: BothSides
) -> None:
    both.sync()
    people.delete(both.jira, "SOC-1")
    both.jira.no_permission = True  # so that Jira alone would say: out of sight
    body = call("jira:issue_deleted", "10001")
    assert client.post(AT, content=body, headers={"x-hub-signature": sign(SECRET, body)}).status_code == 200
    assert both.ticket().absence == "deleted"


def test_what_is_signed_and_about_no_ticket_of_ours_changes_nothing(
    client: TestClient, both: BothSides
) -> None:
    for body in (
        call("jira:issue_updated", "99999"),
        b'{"webhookEvent": "jira:version_released"}',
        call("x", "1' OR 1"),
    ):
        headers = {"x-hub-signature": sign(SECRET, body)}
        assert client.post(AT, content=body, headers=headers).status_code == 200
    bad = b"[]"
    assert client.post(AT, content=bad, headers={"x-hub-signature": sign(SECRET, bad)}).status_code == 400


def test_without_a_secret_nothing_can_be_proved(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_WEBHOOK_SECRET", "")
    assert client.post(AT, content=BODY, headers={"x-hub-signature": sign("", BODY)}).status_code == 401
