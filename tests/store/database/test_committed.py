"""What is said of a transaction is said once it is committed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress

import pytest
import sqlalchemy as sa
import structlog
from sqlmodel import Session
from structlog.testing import capture_logs

from soc.store.trail.committed import LogOnceCommitted, once_committed
from tests.documents.blocks import ROOT

log = structlog.get_logger(__name__)


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(sa.create_engine("sqlite://")) as one:
        yield one


def _tell(session: Session, event: str) -> None:
    LogOnceCommitted(session, log).info(event)


def _events(told: list[dict[str, object]]) -> list[object]:
    return [one["event"] for one in told]


def test_it_is_said_at_the_commit_in_order_and_once(session: Session) -> None:
    with capture_logs() as told:
        _tell(session, "first")
        with session.begin_nested():
            _tell(session, "second")
        assert told == []
        session.commit()
        session.commit()
    assert _events(told) == ["first", "second"]


def test_of_what_is_rolled_back_nothing_is_said(session: Session) -> None:
    with capture_logs() as told:
        _tell(session, "before")
        with suppress(ZeroDivisionError), session.begin_nested():
            with session.begin_nested():
                _tell(session, "inside")
            raise ZeroDivisionError
        session.commit()
        _tell(session, "undone")
        session.rollback()
        session.commit()
    assert _events(told) == ["before"]


def test_what_fails_after_the_commit_hides_neither_the_commit_nor_what_follows(session: Session) -> None:
    with capture_logs() as told:
        once_committed(session, lambda: 1 // 0)
        _tell(session, "second")
        session.commit()
    assert _events(told) == ["not_done_after_commit", "second"]


def _logs_before_the_commit(node: ast.AST, *, inside: bool = False) -> Iterator[int]:
    """The lines of calls of `log` in a function that takes a session of the store, or in a block that writes."""
    for child in ast.iter_child_nodes(node):
        within = inside
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            taken = [*child.args.args, *child.args.kwonlyargs]
            within = any(
                one.annotation is not None and ast.unparse(one.annotation) == "Session" for one in taken
            )
        elif isinstance(child, ast.With):
            within = inside or any("write_session(" in ast.unparse(item) for item in child.items)
        elif inside and isinstance(child, ast.Call) and ast.unparse(child.func).startswith("log."):
            yield child.lineno
        yield from _logs_before_the_commit(child, inside=within)


def test_nobody_logs_within_a_transaction() -> None:
    """`LogOnceCommitted(session, log)` does: a log that runs ahead of its commit tells of what may never have happened."""
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "soc").rglob("*.py"))
        if path.name != "committed.py"
        for line in _logs_before_the_commit(ast.parse(path.read_text()))
    }
    assert found == set()
