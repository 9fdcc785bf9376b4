"""What must stand before anything that waits is tried, wherever a process begins."""

from __future__ import annotations

import ast
from pathlib import Path

import soc
from soc import engine
from soc.configuration.practice import sandbox_url


def test_the_store_is_there_and_nothing_runs_when_the_first_thing_is_done() -> None:
    seen: list[tuple[str | None, bool]] = []
    engine.launch(listen=(), first=lambda: seen.append((sandbox_url(), engine.is_running())))
    try:
        assert (seen, engine.is_running()) == ([(None, False)], True)
    finally:
        engine.shut_down()


def test_wherever_practice_vendors_are_brought_back_it_is_before_the_engine_tries_anything() -> None:
    """Else what waits is refused at their address, and pauses each of them."""
    late = []
    for path in Path(soc.__file__).parent.rglob("*.py"):
        text = path.read_text()
        if "engine.launch" not in text or "resume_practice" not in text:
            continue
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("engine.launch", "resume_practice"):
                given = {one.arg for one in call.keywords}
                if "first" not in given:
                    late.append(f"{path.name}:{call.lineno}")
    assert late == []
