"""A pytest plugin: which lines of which files each test runs, and how long it takes. Written as JSON."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

_root = Path.cwd()
_seconds: dict[str, float] = {}
_cover = coverage.Coverage(data_file=None, source=[str(_root / "soc")], concurrency="thread", messages=False)
_cover.start()
_cover.switch_context("import")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    name = item.nodeid.split("[")[0]
    _cover.switch_context(name)
    began = time.perf_counter()
    yield
    _seconds[name] = _seconds.get(name, 0.0) + time.perf_counter() - began
    _cover.switch_context("between")


def pytest_sessionfinish() -> None:
    _cover.stop()
    data = _cover.get_data()
    lines: dict[str, dict[str, list[int]]] = {}
    for path in data.measured_files():
        inside = str(Path(path).relative_to(_root))
        for line, contexts in data.contexts_by_lineno(path).items():
            for context in contexts:
                lines.setdefault(inside, {}).setdefault(context, []).append(line)
    Path(os.environ["MUTATIONS_RECORD"]).write_text(json.dumps({"seconds": _seconds, "lines": lines}))
