"""Names in `.env` that are nearly a setting: told, with what is meant, and without any value."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from soc.integrations.mistyped import env_notes, known_names, mistyped
from soc.settings import ROOT


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("JIRA_SERVR_URL", "JIRA_SERVER_URL"),
        ("JIRA_URL", "JIRA_SERVER_URL"),
        ("JRA_SERVER_URL", "JIRA_SERVER_URL"),
        ("jira_api_tokn", "JIRA_API_TOKEN"),
        ("SLACK_TOKEN", "SLACK_BOT_TOKEN"),
        ("SOC_ALLOWED_HOST", "SOC_ALLOWED_HOSTS"),
        ("SOC_PUBLICURL", "SOC_PUBLIC_URL"),
    ],
)
def test_a_name_that_is_nearly_a_setting_is_told_with_what_is_meant(written: str, meant: str) -> None:
    (told,) = mistyped([written])
    assert f"no setting {written}" in told
    assert f"{meant} is meant" in told


def test_a_name_of_ours_that_is_near_nothing_is_told_alone() -> None:
    assert mistyped(["SOC_XYZZY"]) == (".env: there is no setting SOC_XYZZY.",)


@pytest.mark.parametrize(
    "other", ["POSTGRES_PASSWORD", "PATH", "AWS_REGION", "COMPOSE_PROJECT_NAME", "X" * 200]
)
def test_names_of_other_programs_are_left_alone(other: str) -> None:
    assert mistyped([other]) == ()


def test_no_setting_that_the_example_names_is_called_mistyped() -> None:
    names = re.findall(r"(?m)^(?:# )?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text())
    assert set(known_names()) >= set(names) > {"JIRA_SERVER_URL", "SOC_DATA_DIR"}
    assert mistyped(names) == ()


def test_the_file_that_is_read_is_what_the_notes_are_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("JIRA_SERVR_URL=https://canary.example\n")
    (told,) = env_notes()
    assert "JIRA_SERVER_URL is meant" in told
    assert "canary" not in told
