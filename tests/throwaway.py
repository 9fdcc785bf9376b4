"""A PostgreSQL of the test run's own, on loopback, thrown away afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest


def _binary(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


class Postgres:
    """A server on an empty folder. `url` stays the same when it is stopped and started again."""

    def __init__(self, folder: Path, user: str | None) -> None:
        initdb, server = _binary("initdb"), _binary("postgres")
        if not initdb or not server:
            pytest.skip("PostgreSQL's server binaries (initdb, postgres) are not on this machine")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self.url = f"postgresql://soc@127.0.0.1:{self._port}/postgres"
        self._folder, self._user, self._server = folder, user, server
        self._environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
        subprocess.run(
            [initdb, "-D", str(folder / "data"), "-U", "soc", "-A", "trust", "--no-sync"],
            check=True, capture_output=True, user=user, env=self._environment, cwd=folder,
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        # nothing of it outlives the run: it need not survive a power cut
        names = ("fsync", "synchronous_commit", "full_page_writes")
        # and nobody tidies up behind a test: `fresh` does
        fast = [word for name in (*names, "autovacuum") for word in ("-c", f"{name}=off")]
        place = [
            "-D",
            str(self._folder / "data"),
            "-p",
            str(self._port),
            "-h",
            "127.0.0.1",
            "-k",
            str(self._folder),
        ]
        self._process = subprocess.Popen(
            [self._server, *place, *fast],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            user=self._user, env=self._environment, cwd=self._folder,
        )  # fmt: skip
        _wait(self._port)

    def stop(self) -> None:
        """At once: whoever is connected is cut off."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=20)


@contextmanager
def postgres_that_stops() -> Iterator[Postgres]:
    """A server to stop and start again. PostgreSQL refuses to run as root, so root lends it to `nobody`."""
    folder = Path(tempfile.mkdtemp(prefix="soc-pg-"))
    user = "nobody" if os.getuid() == 0 else None
    if user:
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    try:
        server = Postgres(folder, user)
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of an empty server."""
    with postgres_that_stops() as server:
        yield server.url


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            psycopg.connect(f"postgresql://soc@127.0.0.1:{port}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("PostgreSQL did not start")
