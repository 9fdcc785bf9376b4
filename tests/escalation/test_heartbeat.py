"""The dead man's switch: called after a tick that found nothing late, through the address guard, and silent about its URL."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
import time_machine

from soc.escalation.heartbeat import beat, oldest_due
from soc.settings import get_settings
from soc.store.db import read_session
from soc.store.nouns.escalation.escalation_clock import read_tick
from tests.escalation.world import make_world, open_tickets
from tests.rows import NIGHT


def _trouble() -> str:
    with read_session() as session:
        tick = read_tick(session)
    assert tick is not None
    return tick.trouble


def _client(status: int, asked: list[str]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(status)

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_it_is_called_only_while_no_step_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_HEARTBEAT_URL", "https://hc.example/ping/secret-uuid")
    get_settings.cache_clear()
    asked: list[str] = []
    with time_machine.travel(NIGHT, tick=False) as travel:
        make_world()
        open_tickets(1)
        assert beat(client=_client(200, asked))
        travel.move_to(
            NIGHT + timedelta(minutes=33)
        )  # its step was due three minutes ago, and nothing ticked
        assert oldest_due() == timedelta(minutes=3)
        assert not beat(client=_client(200, asked))
        assert _trouble() == "a step is late: it was not called"
    assert asked == ["https://hc.example/ping/secret-uuid"]


def test_what_went_wrong_is_said_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    make_world(connected=False)
    monkeypatch.setenv("SOC_HEARTBEAT_URL", "http://127.0.0.1:9/secret-uuid")
    get_settings.cache_clear()
    assert not beat()  # the guard refuses an address of this machine
    assert "secret" not in _trouble()
    assert _trouble()
    assert not beat(client=_client(500, []))
    assert _trouble() == "it answered 500"
