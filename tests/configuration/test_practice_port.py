"""The practice vendors' port is ours only where whoever listens there proves it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from soc.configuration import practice
from soc.configuration.test import test_configuration as try_configuration
from soc.domain.actor import AT_A_PAGE
from soc.integrations.in_force import load_config
from soc.sandbox.identity import Whose, ask
from soc.sandbox.server import SandboxServer
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.tickets.tickets import find_by_key
from tests.rows import add_delivery, add_ticket


@pytest.fixture
def port() -> Iterator[int]:
    """Everything was connected to practice vendors on this port, and the process that had them ended."""
    migrate()
    practice.connect_sandbox(actor=AT_A_PAGE)
    url = practice.sandbox_url() or ""
    practice.stop_sandbox()
    yield int(url.rpartition(":")[2])
    practice.stop_sandbox()


def test_where_another_installation_took_the_port_ours_move_and_what_is_connected_moves_along(
    port: int, tmp_path: Path
) -> None:
    old = f"http://127.0.0.1:{port}/jira/browse"
    with write_session() as session:
        add_ticket(session, "SOC-1", practice=True, url=f"{old}/SOC-1")
        add_ticket(session, "SOC-2", practice=False, url=f"{old}/SOC-2")
        add_delivery(
            session, practice=True, receipt={"remote_id": "1", "key": "SOC-1", "url": f"{old}/SOC-1"},
            payload={"ticket": {"url": f"{old}/SOC-1"}, "text": f"seen at {old}/SOC-1"},
        )  # fmt: skip
    with SandboxServer(port=port, state_path=tmp_path / "theirs.jsonl", token="theirs") as theirs:
        moved = int(practice.ensure_sandbox().rpartition(":")[2])
        assert moved != port
        assert ask("127.0.0.1", moved, practice.sandbox_token()) is Whose.OURS
        assert practice.practice_is_connected()
        jira = load_config("jira")
        assert jira is not None
        assert (jira.practice, getattr(jira, "base_url", "")) == (True, f"http://127.0.0.1:{moved}/jira")
        assert {kind: try_configuration(kind, actor=AT_A_PAGE).ok for kind in ("jira", "slack", "webhook")} == {
            "jira": True, "slack": True, "webhook": True,
        }  # fmt: skip
        assert set(theirs.state.counts().values()) == {0}
    new = f"http://127.0.0.1:{moved}/jira/browse"
    with read_session() as session:
        links = [one.url for key in ("SOC-1", "SOC-2") for one in find_by_key(session, key)]
        told = get_delivery(session, "dlv-1")
    assert links == [f"{new}/SOC-1", f"{old}/SOC-2"]
    assert told.receipt["url"] == told.payload["ticket"]["url"] == f"{new}/SOC-1"
    assert told.payload["text"] == f"seen at {old}/SOC-1"


def test_ours_in_another_process_are_known_for_ours(port: int, tmp_path: Path) -> None:
    with SandboxServer(
        port=port, state_path=tmp_path / "ours.jsonl", token=practice.sandbox_token()
    ) as theirs:
        assert practice.ensure_sandbox() == theirs.url
        practice.stop_sandbox()  # none was begun here
        assert ask("127.0.0.1", port, practice.sandbox_token()) is Whose.OURS
        assert ask("127.0.0.1", port, "another") is Whose.ANOTHER


def test_who_accepts_and_says_nothing_is_not_ours() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        free = mute.getsockname()[1]
        assert ask("127.0.0.1", free, "ours", patience=0.1) is Whose.ANOTHER
    assert ask("127.0.0.1", free, "ours", patience=0.1) is Whose.NOBODY
