"""What a command says when it cannot start."""

from __future__ import annotations

import gc
import subprocess
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from unittest.mock import Mock

import pytest
import typer
from typer.testing import CliRunner

from soc.cli.commands import app
from soc.cli.endings import Ending
from soc.cli.process.asked import only_asked
from soc.cli.serve import servers
from soc.settings import get_settings
from soc.store.migrate import migrate


@pytest.mark.parametrize("command", ["dashboard", "worker", "api"])
def test_a_place_for_files_that_cannot_be_used_is_said_before_anything_starts(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOC_FILES_URL", "s3://AKIA:canary@bucket/x")
    get_settings.cache_clear()
    done = CliRunner().invoke(app, [command])
    assert done.exit_code == Ending.USAGE
    assert "AWS_ACCESS_KEY_ID" in done.output
    assert "canary" not in done.output


def test_the_dashboard_is_streamlit_run_with_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda _, command: became.append(command))
    CliRunner().invoke(app, ["dashboard", "--port", "9000"])
    assert became[0][1:4] == ["-m", "streamlit", "run"]
    assert became[0][4].endswith("/app.py")
    assert became[0][5:] == ["--server.port", "9000"]


def test_a_wrong_path_is_said_without_loading_what_only_work_needs() -> None:
    code = (
        "import sys\nfrom soc.cli import main\nsys.argv = ['soc', 'process', '/nope', '--name', 'x', '-q']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print(end.code, *({'pydantic', 'sqlalchemy', 'polars'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60).stdout
    assert said.split() == [str(Ending.USAGE.value)]


def test_a_process_that_reads_logs_for_a_command_loads_no_command() -> None:
    """Each of the pool imports what the command was started by."""
    code = "import runpy, sys; runpy.run_module('soc', run_name='__mp_main__'); print('typer' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n", done.stderr


#: What a small file that nobody is told of has no use for: the engine and its database's drivers, servers, the practice
#: vendors, pages, vendors' own libraries, traces, migrations of a store that is up to date, PyArrow's functions.
NOT_NEEDED = {
    "alembic", "dbos", "fastapi", "jinja2", "jira", "opentelemetry", "pandas", "plotly", "psycopg", "pyarrow.compute",
    "requests", "sklearn", "soc.api", "soc.configuration", "soc.engine", "soc.sandbox.server", "soc.ui", "starlette",
    "streamlit", "uvicorn",
}  # fmt: skip


@pytest.mark.long
@pytest.mark.sqlite("PostgreSQL's driver would be needed")
def test_a_small_file_that_nobody_is_told_of_loads_and_starts_no_more_than_it_needs(tmp_path: Path) -> None:
    migrate()
    log = tmp_path / "night.log"
    log.write_text(
        "Jan 15 10:30:00 web-1 sshd[7]: Failed password for root from 203.0.113.9 port 4242 ssh2\n"
    )
    code = (
        "import subprocess, sys, traceback\nfrom soc.cli import main\n"
        "def refuse(*_, **__): traceback.print_stack(); raise AssertionError('a process was started')\n"
        "subprocess.Popen.__init__ = refuse\n"
        f"sys.argv = ['soc', 'process', {str(log)!r}, '-q']\n"
        f"try:\n    main()\nexcept SystemExit as end:\n    print(end.code, *sorted({NOT_NEEDED!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["0"], done.stderr


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        (["process", "x"], False),
        (["keys", "list"], False),
        (["--help"], True),
        (["proces"], True),
        ([], True),
    ],
)
def test_only_the_command_that_is_asked_for_is_built(words: list[str], whole: bool) -> None:
    built = only_asked(app, words)
    assert (built is app) is whole
    if not whole:
        assert list(typer.main.get_group(built).commands) == words[:1]


def test_each_command_can_be_asked_for_by_itself() -> None:
    for name in typer.main.get_group(app).commands:
        small = only_asked(app, [name])
        assert len(small.registered_groups) + len(small.registered_commands) == 1, name


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (["a", "b", "--port", "7", "--day", "2026-01-05", "--no-on"], ["a", "b", 7, 5, False, None, ""]),
        (["a", "--path", "x/y", "--kind", "two"], ["a", 80, 1, True, "x/y", "two"]),
    ],
)
def test_values_are_taken_as_they_always_were(words: list[str], taken: list[object]) -> None:
    got: list[object] = []
    small = typer.Typer()

    @small.command()
    def take(
        names: list[str],
        port: Annotated[int, typer.Option(min=1, max=99)] = 80,
        day: datetime = datetime(2026, 1, 1),
        on: bool | None = True,
        path: Path | None = None,
        kind: _Kind | None = None,
    ) -> None:
        got.extend([*names, port, day.day, on, str(path) if path else None, kind.value if kind else ""])

    assert CliRunner().invoke(small, words).exit_code == 0
    assert [one for one in got if one is not None or None in taken] == taken
    for wrong in (["--port", "100"], ["--port", "x"], ["--kind", "three"], ["--day", "never"]):
        assert CliRunner().invoke(small, ["a", *wrong]).exit_code == 2, wrong


class _Kind(StrEnum):
    ONE = "one"
    TWO = "two"


def test_a_worker_looks_for_what_refers_to_itself_as_often_as_before_its_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = gc.get_threshold()
    for name in ("check_store", "set_up_logging", "stop_sandbox"):
        monkeypatch.setattr(servers, name, lambda: None)
    monkeypatch.setattr(servers, "engine", Mock())
    monkeypatch.setattr(servers.signal, "signal", lambda _name, end: end())  # it is told to end at once
    gc.set_threshold(400_000)
    try:
        servers.run_worker()
        assert gc.get_threshold()[0] == 50_000
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
