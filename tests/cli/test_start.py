"""What a command says when it cannot start."""

from __future__ import annotations

import pytest
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
