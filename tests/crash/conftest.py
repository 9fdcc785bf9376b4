"""Processes to kill: a sandbox that outlives the product, and the product itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.warm import Started, started


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], Any], *, seconds: float, what: str) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s")


class Sandbox:
    """The practice vendors in a process of their own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {**os.environ, "SOC_DATA_DIR": str(folder)}
        self.process = started(["-m", "soc", "sandbox", "--port", str(self.port)], environment)
        wait_for(self._answers, seconds=30, what="the sandbox's start")

    def _answers(self) -> bool:
        try:
            return bool(self.state())
        except OSError:
            return False

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/admin/state", timeout=5) as answer:
            state: dict[str, Any] = json.load(answer)
            return state

    def fault(self, **values: Any) -> None:
        body = json.dumps(values).encode()
        request = urllib.request.Request(
            f"{self.url}/admin/faults", data=body, headers={"content-type": "application/json"}, method="POST"
        )
        urllib.request.urlopen(request, timeout=5).close()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path / "sandbox")
    yield running
    running.stop()


#: `soc` on a machine whose clock is wrong.
_AHEAD = """
import datetime, sys, time_machine
ahead = datetime.timedelta(minutes=int(sys.argv.pop()))
time_machine.travel(datetime.datetime.now(datetime.UTC) + ahead).start()
from soc.cli import main
main()
"""


class Product:
    """`soc worker` on a data folder (or a PostgreSQL database), started and killed at will."""

    def __init__(self, data: Path, sandbox: Sandbox, **environment: str) -> None:
        self.environment = {
            **os.environ,
            "SOC_DATA_DIR": str(data),
            "SOC_ALLOWED_HOSTS": f"127.0.0.1:{sandbox.port}",
            "JIRA_SERVER_URL": f"{sandbox.url}/jira",
            "JIRA_USERNAME": "bot@example.com",
            "JIRA_API_TOKEN": "practice-jira-token",
            "JIRA_SETTLE_SECONDS": "1",
            "SLACK_BOT_TOKEN": "xoxb-practice-token",
            "SLACK_API_URL": f"{sandbox.url}/slack/api/",
            "SLACK_SETTLE_SECONDS": "1",
            **environment,
        }
        self.process: Started | None = None

    def soc(self, *arguments: str) -> Started:
        return self._run("-m", "soc", *arguments)

    def _run(self, *arguments: str) -> Started:
        return started([*arguments], self.environment)

    def start(self, *, minutes_ahead: int = 0) -> None:
        """`minutes_ahead`: of this machine's clock, as the worker sees it."""
        self.process = (
            self._run("-c", _AHEAD, "worker", str(minutes_ahead)) if minutes_ahead else self.soc("worker")
        )

    def kill(self) -> None:
        """`kill -9`, without a chance to tidy up."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)
        self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
            self.process = None


def automation(sandbox: Sandbox) -> dict[str, str]:
    """What sets the practice StackStorm up, beside the others: it runs an action for each incident that a rule sends out."""
    return {
        "STACKSTORM_URL": f"{sandbox.url}/stackstorm",
        "STACKSTORM_API_KEY": "practice-stackstorm-key",
        "STACKSTORM_PACK": "incident_response",
        "STACKSTORM_ACTION": "create_incident",
        "STACKSTORM_SETTLE_SECONDS": "1",
    }


@pytest.fixture
def crash() -> Any:
    """This module, for tests that start and kill processes."""
    return sys.modules[__name__]
