"""SQL is written in the store, and nowhere above it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import soc

SOC = Path(soc.__file__).parent
#: Names that the rest may take: a session to pass on, an engine to hand over, errors to catch, a column's type.
ALLOWED = {"Session", "Engine", "IntegrityError", "OperationalError", "SQLAlchemyError"}
#: No queries: the one clock's column type, and the list of the columns that keep an actor.
TYPES = {"clock.py", "audit/authorship.py"}


def _names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (
                one.name for one in node.names if one.name.split(".")[0] in ("sqlalchemy", "sqlmodel")
            )
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in (
            "sqlalchemy",
            "sqlmodel",
        ):
            yield from (one.name for one in node.names if one.name not in ALLOWED)


def _above_the_store() -> Iterator[tuple[str, Path]]:
    for file in [*SOC.rglob("*.py"), *(SOC.parent / "pages").glob("*.py"), SOC.parent / "app.py"]:
        name = str(file.relative_to(SOC)) if file.is_relative_to(SOC) else file.name
        if not name.startswith("store/"):
            yield name, file


def test_nothing_above_the_store_builds_a_query() -> None:
    found = {name: sorted(_names(file)) for name, file in _above_the_store()}
    assert {name for name, names in found.items() if names} <= TYPES, found


def test_pages_and_views_know_no_session_but_to_pass_it_on() -> None:
    for name, file in _above_the_store():
        if name.startswith("ui/") or not file.is_relative_to(SOC):
            words = ast.unparse(ast.parse(file.read_text()))
            assert not [
                word for word in (".exec(", ".execute(", ".scalar(", ".get_bind(") if word in words
            ], name
