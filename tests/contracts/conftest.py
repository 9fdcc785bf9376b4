"""One running bench for all contract tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from soc.integrations.kit.connection import http_client
from tests.contracts.bench import (
    BENCH,
    INSTALLED,
    Bench,
)


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    if not BENCH.is_dir():
        pytest.skip("needs the vendor contract bench ../shared/bench, which is not part of the project")
    if not (INSTALLED / "venv").is_dir():
        pytest.skip("the bench is not installed: bash ../shared/bench/install.sh .bench")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    base, run = 24000 + 1000 * worker, tmp_path_factory.mktemp("bench")
    env = {**os.environ, "BENCH_BASE": str(base), "BENCH_RUN": str(run), "BENCH_NODE_DIR": str(INSTALLED)}
    command = [INSTALLED / "venv/bin/python", BENCH / "up.py"]
    subprocess.run(
        [*command, "start"], env={**env, "BENCH_TTL": "1800"}, check=True, timeout=90, capture_output=True
    )
    client = http_client(extra_allowed=[f"127.0.0.1:{base + n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 10)])
    try:
        yield Bench(base, run, client)
    finally:
        client.close()
        subprocess.run([*command, "stop"], env=env, check=False, timeout=30, capture_output=True)
