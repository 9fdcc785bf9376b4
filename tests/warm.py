"""Processes of the product that are forked from one that has imported it already: a start takes seconds of a core else.

For tests whose matter begins once the process runs (kills, shared stores, vendors' limits). Such a process has a number,
an environment and a session of its own and ends as any other. Cold starts are the matter of tests/cli, tests/deploy,
tests/packaging and tests/browser.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class Warm:
    """What a test needs of `subprocess.Popen`; `arguments` are Python's: `-m` and a module, or `-c` and a program."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.returncode: int | None = None
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(_server()[0])
        asked = {"arguments": arguments, "environment": environment, "cwd": str(ROOT)}
        self._line.sendall(json.dumps(asked).encode() + b"\n")
        self._told = self._line.makefile()
        self.pid = int(self._told.readline())

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float) -> int:
        """Raises subprocess.TimeoutExpired."""
        if (code := self._ended(timeout)) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return code

    def _ended(self, seconds: float) -> int | None:
        if self.returncode is None and self._told_within(seconds):
            self.returncode = int(self._told.readline())
            self._told.close()
            self._line.close()
        return self.returncode

    def _told_within(self, seconds: float) -> bool:
        """By `poll`: `select` knows no descriptor above 1,023, and a long run of tests has more."""
        waiting = select.poll()
        waiting.register(self._line, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Started = Warm | subprocess.Popen[bytes]


def started(arguments: list[str], environment: dict[str, str]) -> Started:
    """A process of Python's in a session of its own, whose words go nowhere; forked where that is safe."""
    if sys.platform == "linux":
        return Warm(arguments, environment)
    command, nowhere = [sys.executable, *arguments], subprocess.DEVNULL
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=nowhere, stderr=nowhere, start_new_session=True
    )


@cache
def _server() -> tuple[str, subprocess.Popen[bytes]]:
    """Where this process's own listens, and that one; it ends with this."""
    path = f"{tempfile.mkdtemp(prefix='soc-warm-')}/warm"
    command = [sys.executable, str(Path(__file__).with_name("warm_process.py")), path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return path, process
