"""`.env` files as people's tools write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from soc.env_text import read_env
from soc.settings import Settings

LINE = "JIRA_SERVER_URL=https://acme.atlassian.net\r\nJIRA_PROJECT_KEY=SOC\r\n"
WANTED = {"JIRA_SERVER_URL": "https://acme.atlassian.net", "JIRA_PROJECT_KEY": "SOC"}


def written(tmp_path: Path, raw: bytes) -> Path:
    path = tmp_path / ".env"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    "raw",
    [
        LINE.encode(),
        LINE.encode("utf-8-sig"),
        LINE.encode("utf-16"),
        b"\xfe\xff" + LINE.encode("utf-16-be"),
        LINE.encode("utf-16-le"),
        LINE.encode("utf-16-be"),
        LINE.encode("utf-32"),
        LINE.replace("\r\n", "\r").encode(),
        b"JIRA_SERVER_URL=https://acme.atlassian.net\r\n" + "JIRA_PROJECT_KEY=SOC\r\n".encode("utf-16-le"),
        "JIRA_SERVER_URL=https://acme.atlassian.net\r\n".encode("utf-16") + b"JIRA_PROJECT_KEY=SOC\n",
        ("# Schlüssel für büro\n" + LINE).encode("cp1252"),
        ("# Schlüssel für büro\n" + LINE).encode("utf-16"),
    ],
)
def test_every_encoding_is_read(tmp_path: Path, raw: bytes) -> None:
    assert read_env(written(tmp_path, raw)).values == WANTED


@pytest.mark.parametrize(
    "text",
    [
        "export JIRA_PROJECT_KEY=SOC",
        "set JIRA_PROJECT_KEY=SOC",
        '$env:JIRA_PROJECT_KEY = "SOC"',
        '"JIRA_PROJECT_KEY=SOC"',
        "JIRA_PROJECT_KEY: SOC",
        "JIRA_PROJECT_KEY = 'SOC'  # ours",
        "JIRA_PROJECT_KEY=“SOC”",
        "JIRA_PROJECT_KEY=\u00a0SOC\u200b",
        "\ufeffJIRA_PROJECT_KEY=SOC",
        "JIRA_PROJECT_KEY=OLD\nJIRA_PROJECT_KEY=SOC",
    ],
)
def test_what_a_shell_or_an_editor_put_around_a_line_is_left_out(tmp_path: Path, text: str) -> None:
    assert read_env(written(tmp_path, text.encode())).values == {"JIRA_PROJECT_KEY": "SOC"}


def test_what_is_odd_about_the_file_is_told_without_its_values(tmp_path: Path) -> None:
    text = 'JIRA_API_TOKEN=hunter2\nJIRA_API_TOKEN="hunter3\nJIRA_PROJECT_KEY=A\nJIRA_PROJECT_KEY=B\n[Environment]::Set(hunter4)\nhunter5\n'
    notes = read_env(written(tmp_path, text.encode("utf-16"))).notes
    assert [note.partition(" ")[2] for note in notes] == [
        "is written in UTF-16, not in UTF-8; it was read all the same.",
        "line 2, 5, 6 is not understood; write NAME=value.",
        "names JIRA_PROJECT_KEY more than once; the last one counts.",
    ]


def test_a_file_that_notepad_named_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / ".env.txt").write_text(LINE)
    assert "rename it to .env" in read_env(tmp_path / ".env").notes[0]


def test_a_folder_in_the_file_s_place_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert "cannot be read" in read_env(tmp_path / ".env").notes[0]


def test_the_application_s_own_settings_are_read_from_it_as_well(tmp_path: Path) -> None:
    assert (
        Settings(_env_file=written(tmp_path, "SOC_LOG_LEVEL=ERROR\r\n".encode("utf-16"))).log_level == "ERROR"
    )
