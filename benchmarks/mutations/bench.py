"""A copy of the tree in which mutants are tried. What costs time to import is imported once; each try is a fork."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PYTEST = (
    "-x", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", "--timeout=60",
    "-m", "not browser and not crash and not postgres and not contract",
)  # fmt: skip
#: What tests import beside the product.
_HEAVY = (
    "pytest",
    "hypothesis",
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "httpx",
    "fastapi",
    "cryptography",
    "numpy",
    "polars",
    "pyarrow",
    "structlog",
    "prometheus_client",
    "typer",
)


def copy_tree(root: Path, target: Path) -> None:
    """The files that git knows or would take, not the checkout itself."""
    names = (
        subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, check=True, capture_output=True
        )
        .stdout.decode()
        .split("\0")
    )
    for name in names:
        source = root / name
        if name and source.is_file() and not source.is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(source.read_bytes())
    subprocess.run(["git", "init", "-q"], cwd=target, check=True)


class Bench:
    """A process in a copy, asked over its standard input. `try_out` says how a mutant ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.mutations.bench"], cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def try_out(self, path: str, text: str, tests: Sequence[str], seconds: float) -> str:
        """ "killed", "survived" or "hung" (too slow by far: killed as well)."""
        file = self.folder / path
        before = file.read_bytes()
        for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
            compiled.unlink()  # it would be taken for the mutant's where size and second are the same
        file.write_text(text)
        try:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps([list(tests), seconds]) + "\n")
            self._process.stdin.flush()
            return self._process.stdout.readline().strip()
        finally:
            file.write_bytes(before)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _run(tests: list[str]) -> None:
    """In the fork: the tests, nothing said, an exit code."""
    os.setsid()
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)
    import pytest  # here, so that the coordinating process does without

    os._exit(int(pytest.main([*PYTEST, *tests])))


def _wait(child: int, seconds: float) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            _end_group(child)
            return "survived" if os.waitstatus_to_exitcode(status) == 0 else "killed"
        time.sleep(0.05)
    _end_group(child)
    os.waitpid(child, 0)
    return "hung"


def _end_group(child: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)


def main() -> None:
    for name in _HEAVY:
        with contextlib.suppress(ImportError):
            __import__(name)
    for order in sys.stdin:
        tests, seconds = json.loads(order)
        child = os.fork()
        if child == 0:
            _run(tests)
        print(_wait(child, seconds), flush=True)


if __name__ == "__main__":
    main()
