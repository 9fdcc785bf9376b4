"""The audit leaves in order and at least once, each entry with its head."""

from __future__ import annotations

import json
import socket
import threading

import httpx
import pytest

from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.audit import newest_head
from soc.stream.sending import stream_audit


@pytest.fixture(autouse=True)
def _store(settings: object) -> None:
    migrate()


def _add(number: int) -> None:
    for _ in range(number):
        with write_session() as session:
            record(
                session,
                Actor.said("per-1"),
                "set status",
                Subject(SubjectKind.TICKET, "tic-1"),
                after={"n": 1},
            )


def _to(monkeypatch: pytest.MonkeyPatch, url: str, allowed: str = "") -> None:
    monkeypatch.setenv("SOC_AUDIT_STREAM_URL", url)
    monkeypatch.setenv("SOC_ALLOWED_HOSTS", allowed)
    get_settings.cache_clear()


def test_what_was_not_taken_is_sent_again_and_what_was_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    _to(monkeypatch, "https://siem.example.com/in")
    monkeypatch.setattr("soc.stream.sending.PORTION", 2)
    seen: list[dict[str, object]] = []
    answers = [200, 503]

    def take(request: httpx.Request) -> httpx.Response:
        lines = [json.loads(line) for line in request.content.decode().splitlines()]
        seen.extend(lines)
        return httpx.Response(answers.pop(0) if answers else 202)

    _add(5)
    client = httpx.Client(transport=httpx.MockTransport(take))
    assert stream_audit(client=client) == 2
    assert stream_audit(client=client) == 3
    assert stream_audit(client=client) == 0
    numbers = [one["event"]["sequence"] for one in seen]  # type: ignore[index]
    assert numbers == [1, 2, 3, 4, 3, 4, 5]
    with read_session() as session:
        head = newest_head(session)
    assert head is not None
    last = seen[-1]
    assert (last["event"]["hash"], last["soc"]["audit"]["signature"]) == (head.hash, head.signature)  # type: ignore[index]
    assert last["user"] == {"id": "per-1"}


def test_syslog_gets_counted_frames_and_only_where_the_guard_lets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    port, got = server.getsockname()[1], bytearray()

    def listen() -> None:
        connection, _ = server.accept()
        while data := connection.recv(65536):
            got.extend(data)

    _add(2)
    _to(monkeypatch, f"syslog+tcp://127.0.0.1:{port}")
    assert stream_audit() == 0  # an internal address that nobody allowed
    thread = threading.Thread(target=listen)
    thread.start()
    _to(monkeypatch, f"syslog+tcp://127.0.0.1:{port}", f"127.0.0.1:{port}")
    assert stream_audit() == 2
    thread.join(30)
    length, _, rest = bytes(got).partition(b" ")
    frame = rest[: int(length)]
    assert frame.startswith(b"<110>1 20")
    assert json.loads(frame[frame.index(b"{") :])["event"]["sequence"] == 1


def test_nothing_is_sent_where_nothing_is_configured() -> None:
    _add(1)
    assert stream_audit() == 0
