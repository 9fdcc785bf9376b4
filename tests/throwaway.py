"""A PostgreSQL of the test run's own, on loopback, thrown away afterwards; and a fresh database for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest

from soc.settings import get_settings
from soc.store.db import dispose_engines, get_engine
from soc.store.migrate import migrate

_TEMPLATE = "soc_template"
#: The key that the template is sealed with.
_KEY = "the key of the template"


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
        fast = [word for name in names for word in ("-c", f"{name}=off")]
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


def _database(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"


def make_template(server: str, folder: Path) -> None:
    """A database with the newest schema, from which a test's own is copied in some 50 ms."""
    _run(server, f'CREATE DATABASE "{_TEMPLATE}"')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOC_DATABASE_URL", _database(server, _TEMPLATE))
        patch.setenv("SOC_DATA_DIR", str(folder))
        patch.setenv("SOC_SECRET_KEY", _KEY)
        get_settings.cache_clear()
        migrate()
        _forget()
    get_settings.cache_clear()


@contextmanager
def fresh_database(server: str, patch: pytest.MonkeyPatch, *, empty: bool = False) -> Iterator[str]:
    """A test's own database, with the schema or `empty`; the settings point to it."""
    name = (not empty and _unused.pop(server, "")) or _create(server, empty=empty)
    url = _database(server, name)
    patch.setenv("SOC_DATABASE_URL", url)
    if not empty:
        patch.setenv("SOC_SECRET_KEY", _KEY)
    get_settings.cache_clear()
    yield url
    _forget()
    if not empty and _is_untouched(server, name):
        _unused[server] = name
    else:
        _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


#: By server, a copy of the template in which nobody has done anything: the next test's.
_unused: dict[str, str] = {}


def _create(server: str, *, empty: bool) -> str:
    name = f"soc_{uuid.uuid4().hex[:8]}"
    copied = "" if empty else f' TEMPLATE "{_TEMPLATE}" {_copied_by(server)}'
    _run(server, f'CREATE DATABASE "{name}"{copied}')
    return name


def _is_untouched(server: str, name: str) -> bool:
    """No transaction was ever ended in it, by whatever process, and nobody is connected.

    Sessions are asked for first: each writes down what it did before it goes from their list (from 15 on).
    """
    if not _copied_by(server):
        return False
    with psycopg.connect(server, autocommit=True) as connection:
        here = connection.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", (name,)).fetchone()
        done = connection.execute(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s", (name,)
        ).fetchone()
    return here is None and done == (0,)


@cache
def _copied_by(server: str) -> str:
    """Files as they are: half the work of writing each page to the log as well, which is what servers do from 15 on."""
    with psycopg.connect(server) as connection:
        return "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""


def _run(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def _forget() -> None:
    get_engine().dispose()
    dispose_engines()
