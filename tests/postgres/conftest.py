"""A PostgreSQL of the test run's own, on a Unix socket's neighbour port of loopback, thrown away afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from soc.settings import get_settings


def _binary(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of an empty server. PostgreSQL refuses to run as root, so root lends it to `nobody`."""
    initdb, server = _binary("initdb"), _binary("postgres")
    if not initdb or not server:
        pytest.skip("PostgreSQL's server binaries (initdb, postgres) are not on this machine")
    folder = Path(tempfile.mkdtemp(prefix="soc-pg-"))
    user = "nobody" if os.getuid() == 0 else None
    if user:
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    subprocess.run(
        [initdb, "-D", str(data), "-U", "soc", "-A", "trust", "--no-sync"],
        check=True, capture_output=True, user=user, env=environment, cwd=folder,
    )  # fmt: skip
    process = subprocess.Popen(
        [server, "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-c", "fsync=off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, env=environment, cwd=folder,
    )  # fmt: skip
    try:
        _wait(port)
        yield f"postgresql://soc@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int) -> None:
    import time

    import psycopg

    for _ in range(100):
        try:
            psycopg.connect(f"postgresql://soc@127.0.0.1:{port}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("PostgreSQL did not start")


@pytest.fixture
def database(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh database; the settings of this test point to it."""
    import uuid

    import psycopg

    name = f"soc_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    url = postgres.rpartition("/")[0] + f"/{name}"
    monkeypatch.setenv("SOC_DATABASE_URL", url)
    get_settings.cache_clear()
    yield url
    from soc.store.db import dispose_engines, get_engine

    get_engine().dispose()
    dispose_engines()
