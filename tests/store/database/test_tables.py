"""One file a noun: its table stands there, and importing it is enough to use it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import soc.store.nouns
from soc.store import tables

STORE = Path(soc.store.nouns.__file__).parent


def test_every_table_of_the_store_is_in_the_list_that_alembic_compares() -> None:
    declared = {
        node.name
        for file in STORE.rglob("*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ClassDef) and any(word.arg == "table" for word in node.keywords)
    }
    assert declared == set(tables.__all__)


@pytest.mark.parametrize(
    "noun", ["deliveries.attempts", "rules.decisions", "batches.templates", "tickets.tickets"]
)
def test_a_noun_s_file_brings_the_tables_that_its_own_points_to(noun: str) -> None:
    code = f"import soc.store.nouns.{noun}; from sqlmodel import SQLModel; SQLModel.metadata.sorted_tables"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, timeout=60)


def test_a_new_row_begins_with_nothing_but_what_is_listed_here() -> None:
    models = [mapper.class_ for mapper in SQLModel._sa_registry.mappers]
    begun = {
        (model.__tablename__, name): field.get_default(call_default_factory=True)
        for model in models
        for name, field in model.model_fields.items()
        if not field.is_required()
    }
    assert {place: value for place, value in begun.items() if value} == {
        ("audit_chain", "id"): 1,
        ("batches", "try_number"): 1,
        ("deliveries", "score"): 1,
        ("deliveries", "try_number"): 1,
        ("executors", "run"): 1,
        ("incidents", "origin"): "log",
        ("incidents", "status"): "open",
        ("integration_health", "breaker"): "closed",
        ("integrations", "version"): 1,
        ("interactions", "number"): 1,
        ("interactions", "state"): "received",
        ("key_checks", "id"): 1,
        ("people", "active"): True,
        ("people", "zone"): "UTC",
        ("roster_rules", "automatic"): True,
        ("roster_rules", "id"): 1,
        ("roster_rules", "security_team"): "Security",
        ("troubles", "episode"): 1,
        ("rules", "enabled"): True,
        ("teams", "active"): True,
        ("tickets", "status_category"): "new",
    }
