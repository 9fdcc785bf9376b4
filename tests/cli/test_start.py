"""What a command says when it cannot start."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from soc.cli.commands import app
from soc.cli.endings import Ending
from soc.settings import get_settings


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
