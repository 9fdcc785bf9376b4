"""The shape of the house: names that guides promise, folders that can be overlooked, rooms that every folder has."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: A folder of more modules and rooms than this is a drawer.
MOST = 16
#: Of tests; beyond that they stand by family, as what they are about does.
MOST_TESTS = 20
#: Lists of declared things may grow: each file in them is one entry. Above 20 they are grouped by family.
DECLARED = {
    "soc/logs/formats", "soc/detection/detectors", "soc/detection/signatures", "soc/integrations/vendors",
    "soc/store/migrations/versions",
}  # fmt: skip
#: The floors themselves stand side by side under `soc`; import-linter names each.
FLOORS = {"soc"}


def _folders() -> Iterator[Path]:
    for top in (ROOT / "soc", ROOT / "pages"):
        yield from (
            folder
            for folder in [top, *sorted(path for path in top.rglob("*") if path.is_dir())]
            if folder.name != "__pycache__" and any(folder.glob("*.py"))
        )


def _entries(folder: Path) -> list[str]:
    modules = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
    rooms = [path.name for path in folder.iterdir() if path.is_dir() and any(path.glob("*.py"))]
    return modules + rooms


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_folder_is_a_drawer() -> None:
    full = {
        _name(folder): len(_entries(folder))
        for folder in _folders()
        if _name(folder) not in DECLARED | FLOORS and len(_entries(folder)) > MOST
    }
    assert full == {}


def test_no_folder_of_tests_is_one_either() -> None:
    folders = [path for path in (ROOT / "tests").rglob("*") if path.is_dir() and any(path.glob("*.py"))]
    assert len(folders) > 30
    assert {_name(one): n for one in folders if (n := len(_entries(one))) > MOST_TESTS} == {}


def test_files_are_short_enough_to_be_read() -> None:
    long = {
        _name(path): len(path.read_text().splitlines())
        for folder in _folders()
        if _name(folder) not in DECLARED
        for path in folder.glob("*.py")
        if len(path.read_text().splitlines()) > 320
    }
    assert long == {}


def test_every_room_says_what_it_is() -> None:
    silent = [
        _name(path)
        for folder in _folders()
        for path in folder.glob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text())) and "migrations/versions" not in _name(path)
    ]
    assert silent == []


@pytest.mark.parametrize(
    "statement",
    [
        "from soc.integrations.jira import get_jira_manager",
        "from soc.processing import HighPerformanceLogProcessor",
        "from soc.logs import SourceFile, analyse_files, export_events, close_pool",
        "from soc.api import api",
        "import soc.api; soc.api.api",
    ],
)
def test_a_name_that_a_guide_prints_can_be_imported_in_a_new_process(statement: str) -> None:
    assert subprocess.run([sys.executable, "-c", statement], cwd=ROOT, timeout=120).returncode == 0


#: A circle hidden in a function is a circle; what is imported late for the sake of a quick start says so.
LATE = {
    "soc/cli", "soc/ui/main.py", "soc/__main__.py",
    # vendors' own libraries, which most processes never use
    "soc/integrations/vendors/jira/looking/searching.py", "soc/integrations/vendors/webhook/config.py",
    "soc/integrations/vendors/webhook/connector.py",
}  # fmt: skip


def test_imports_stand_at_the_top_of_their_file() -> None:
    hidden = [
        f"{_name(path)}:{node.lineno}"
        for folder in _folders()
        for path in folder.glob("*.py")
        if not any(_name(path).startswith(late) for late in LATE)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.col_offset and (node.module or "").startswith("soc")
    ]
    assert hidden == []
