"""One file a noun: its table stands there, and importing it is enough to use it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import soc.store.nouns
from soc.store import tables

STORE = Path(soc.store.nouns.__file__).parent


def test_every_table_of_the_store_is_in_the_list_that_alembic_compares() -> None:
    declared = {
        node.name
        for file in STORE.glob("*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ClassDef) and any(word.arg == "table" for word in node.keywords)
    }
    assert declared == set(tables.__all__)


@pytest.mark.parametrize("noun", ["attempts", "decisions", "templates", "tickets"])
def test_a_noun_s_file_brings_the_tables_that_its_own_points_to(noun: str) -> None:
    code = f"import soc.store.nouns.{noun}; from sqlmodel import SQLModel; SQLModel.metadata.sorted_tables"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, timeout=60)
