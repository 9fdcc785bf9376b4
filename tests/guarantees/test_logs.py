"""An exception's text may hold what was sent to a vendor, a path, a line of a log: no log line of ours prints it."""

from __future__ import annotations

import ast
import io
import json
from pathlib import Path

import pytest
import structlog

from soc.json_log import set_up_logging

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*sorted((ROOT / "soc").rglob("*.py")), *sorted((ROOT / "pages").glob("*.py")), ROOT / "app.py"]
LOGS = {"log", "logger", "_log", "logging"}


def _prints_an_exception(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    whose = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
    asks = any(word.arg in ("exc_info", "stack_info") for word in node.keywords)
    return whose in LOGS and (node.func.attr == "exception" or asks)


def test_nobody_asks_a_log_for_an_exception_s_text() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if _prints_an_exception(node)
    ]
    assert found == []


@pytest.mark.parametrize("cause", [False, True])
def test_an_exception_that_is_logged_all_the_same_loses_its_text(cause: bool) -> None:
    written = io.StringIO()
    set_up_logging(written)
    try:
        try:
            raise ValueError("hunter2 of the inner one")
        except ValueError as inner:
            raise RuntimeError("hunter2 of the outer one") from (inner if cause else None)
    except RuntimeError:
        structlog.get_logger("soc.test").exception("it_broke")
    line = json.loads(written.getvalue())
    assert line["event"] == "it_broke"
    assert line["exception"][0]["exc_type"] == "RuntimeError"
    assert "hunter2" not in written.getvalue()
