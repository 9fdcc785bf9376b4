"""Every command that a page prints exists, with its options and its arguments; after `make run` it can be typed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from soc.cli.commands import app
from tests.documents.blocks import PAGES, ROOT, all_blocks

pytestmark = pytest.mark.long

SHELL = ("", "bash", "sh", "shell", "console")
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
VARIABLES = {
    "PORT",
    "PYTHON",
    "VENV",
    "UPGRADE",
    *re.findall(r"^([A-Z]+) \?=", (ROOT / "Makefile").read_text(), re.MULTILINE),
}


def _printed() -> Iterator[tuple[str, str]]:
    """(where, command) of every `soc …` and `make …`, in blocks for a shell and between backticks."""
    for block in all_blocks():
        if block.language in SHELL:
            for line in block.text.splitlines():
                for part in re.split(r"&&|;", line.partition("  #")[0]):
                    yield str(block), part.strip()
    for page in PAGES:
        for found in re.findall(r"`([^`\n]+)`", (ROOT / page).read_text()):
            yield page, found.strip()


def _commands(begins: str) -> list[tuple[str, str]]:
    return [(where, command) for where, command in _printed() if re.match(begins, command)]


@cache
def _every_command() -> Any:
    """Made once: that takes a tenth of a second."""
    return typer.main.get_command(app)


def _problem(words: list[str]) -> str:
    """What is wrong with `soc` and these words; "" when nothing is."""
    command = _every_command()
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        name, *words = words
        if name not in command.commands:
            return f"{name} is no command"
        command = command.commands[name]
    known = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    } | {"--help"}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    return f"{' '.join(unknown)} is no option of {command.name}" if unknown else ""


def test_the_pages_print_some_commands() -> None:
    assert len(_commands(r"soc ")) > 15
    assert len(_commands(r"make ")) > 5


def test_every_soc_command_that_a_page_prints_exists_with_its_options() -> None:
    wrong = [
        f"{where}: {command}: {problem}"
        for where, command in _commands(r"(?:\S*python3? -m |\S*/)?soc [a-z-]")
        if (problem := _problem(shlex.split(re.sub(r"^\S*python3? -m soc|^\S*soc", "", command))))
    ]
    assert wrong == []


def test_every_make_target_that_a_page_prints_exists() -> None:
    wrong = []
    for where, command in _commands(r"make [a-z]"):
        for word in command.split()[1:]:
            name, is_variable, _ = word.partition("=")
            if name not in (VARIABLES if is_variable else TARGETS):
                wrong.append(f"{where}: {command}")
    assert wrong == []


#: What a guide has its reader make.
MADE_UP = {"soc/detection/detectors/password_spray.py", "soc/logs/formats/bar_text.py"}


def test_every_file_of_ours_that_a_page_names_exists() -> None:
    named = {
        (page, path)
        for page in PAGES
        if "/adr/" not in page
        for path in re.findall(
            r"(?<![\w/])((?:soc|tests|benchmarks)/[\w./-]*\.py)\b", (ROOT / page).read_text()
        )
    }
    assert len(named) > 50
    assert {one for one in named if one[1] not in MADE_UP and not (ROOT / one[1]).exists()} == set()


def test_a_page_s_commands_are_typed_one_way() -> None:
    """`make run` brings the command `soc`; a second way to type it would have to be explained."""
    assert _commands(r"\S*python3? -m soc") == []


@pytest.mark.parametrize(
    "words", ["proces FILE", "process FILE --jiras", "keys make x", "config export F --sealed"]
)
def test_a_command_that_does_not_exist_is_found(words: str) -> None:
    assert _problem(words.split())


def test_make_run_puts_the_command_where_the_readme_says(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tmp_path / "bin" / "python").chmod(0o755)
    subprocess.run(["make", f"VENV={tmp_path}", f"{tmp_path}/bin/soc"], cwd=ROOT, check=True)
    assert "$(MAKE) --no-print-directory $(BIN)/soc" in (ROOT / "Makefile").read_text()
    done = subprocess.run(
        [tmp_path / "bin" / "soc", "--version"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.strip(), done.stderr
