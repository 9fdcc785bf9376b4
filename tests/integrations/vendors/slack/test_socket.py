"""Socket Mode: a press comes through our own websocket, is kept before it is acknowledged, and one that is not is sent again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from soc.errors import TransientDeliveryError
from soc.integrations.kit.addresses import allow, disallow
from soc.integrations.kit.inbound.hooks import Incoming
from soc.integrations.kit.inbound.websocket import open_websocket
from soc.integrations.registry import KINDS, connect, validate
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.interactive.socket import listen, wants_line
from soc.sandbox.server import SandboxServer
from soc.sandbox.slack import acting
from soc.sandbox.slack.memory import SlackMemory
from tests.integrations.examples import ALERT
from tests.waiting import wait_for


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    monkeypatch.setattr(acting, "PATIENCE", 2.0)
    with SandboxServer() as running:
        allow(entry := f"127.0.0.1:{running.port}")
        yield running
        disallow(entry)


def config(sandbox: SandboxServer, **changes: Any) -> SlackConfig:
    practice = KINDS["slack"].practice
    assert practice is not None
    found = validate("slack", {**practice(sandbox.url), **changes})
    assert isinstance(found, SlackConfig)
    return found


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def line(sandbox: SandboxServer, heard: list[str]) -> Iterator[Callable[[bool], None]]:
    """A listener; the function says whether what comes can be kept."""
    over, broken = threading.Event(), threading.Event()

    def keep(incoming: Incoming) -> tuple[None, Callable[[], None]]:
        if broken.is_set():
            broken.clear()
            raise RuntimeError("the store is away")
        heard.extend(one.key for one in incoming.heard)
        return None, lambda: None

    thread = threading.Thread(target=listen, args=(config(sandbox), keep, over), daemon=True)
    thread.start()
    wait_for(lambda: memory(sandbox).sockets.links, seconds=60, what="the connection")
    yield lambda works: broken.clear() if works else broken.set()
    over.set()
    thread.join(timeout=10)
    assert not thread.is_alive()


def memory(sandbox: SandboxServer) -> SlackMemory:
    return sandbox.state.of(SlackMemory)


def press(sandbox: SandboxServer) -> str:
    """Acknowledge, as somebody does; how it went."""
    (message,) = memory(sandbox).messages.values()
    who = {"channel": message.channel, "ts": message.ts, "who": "U0PRACANA1", "action": "soc.acknowledge"}
    httpx.post(f"{sandbox.url}/slack/press", data=who, timeout=20)
    return memory(sandbox).sent[-1].said


def test_what_is_pressed_comes_once_also_where_it_could_not_be_kept_or_slack_asks_for_a_fresh_connection(
    sandbox: SandboxServer, heard: list[str], line: Callable[[bool], None]
) -> None:
    connect("slack", config(sandbox)).deliver(ALERT, delivery_id="dlv-1")
    assert press(sandbox) == "acknowledged"
    line(False)
    assert press(sandbox) == "acknowledged"  # when it was sent again
    assert len(set(heard)) == 2
    httpx.post(f"{sandbox.url}/slack/refresh")
    wait_for(
        lambda: memory(sandbox).sockets.most == 2, seconds=60, what="the fresh connection beside the old one"
    )
    for _ in range(2):  # over one of the two each
        assert press(sandbox) == "acknowledged"
    assert len(set(heard)) == 4
    assert memory(sandbox).sockets.most == 2


def test_only_an_app_level_token_asks_for_a_connection_and_a_wrong_one_is_told_by_the_test(
    sandbox: SandboxServer,
) -> None:
    assert wants_line(config(sandbox))
    assert not wants_line(config(sandbox, app_token=""))
    report = connect("slack", config(sandbox, app_token="xapp-wrong")).check()
    assert report.ok
    assert "Socket Mode does not open" in " ".join(report.warnings)
    began = time.monotonic()
    over = threading.Event()
    over.set()
    listen(config(sandbox), lambda _: (None, lambda: None), over)
    assert time.monotonic() - began < 30


def test_an_address_that_is_none_is_a_trouble_of_the_vendor_s() -> None:
    for url in ("wss://[::1", "wss://a:999999/x", "https://wss.example", "wss:///x", ""):
        with (
            pytest.raises(TransientDeliveryError, match="no address of a websocket"),
            open_websocket(url, title="Slack"),
        ):
            pass
