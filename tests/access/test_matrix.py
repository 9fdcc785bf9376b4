"""Every route and every act of the pages, and every role: who may, and that nothing goes past the question."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import soc
from soc.access.scopes import AccessRole, Scope
from soc.access.sessions import NotAllowed, Seat, allow
from soc.api.application import ROUTES
from soc.api.guard import ApiGuard
from soc.api.scopes import scope_of
from soc.store.migrate import migrate
from soc.ui.kit.places import PLACES
from tests.access.signed_in import add, sign_in, switch_on

UI = Path(soc.__file__).parent / "ui"
#: Written down apart from the product's own table.
MAY = {
    AccessRole.VIEWER: {"read"},
    AccessRole.ANALYST: {"read", "act"},
    AccessRole.LEAD: {"read", "act", "lead"},
    AccessRole.AUDITOR: {"read", "audit"},
    AccessRole.ADMIN: {"read", "act", "lead", "audit", "admin"},
}
#: Who sits at a page is found out there, and nowhere else; a hand-over is accepted by whoever was chosen where nobody signs in.
_SOURCES = {"sitting.py": {"actor_here"}, "acting.py": {"_taker"}}
_ASKING = ("actor_here", "actor")


def _files() -> Iterator[Path]:
    yield from sorted(UI.rglob("*.py"))
    yield from sorted((UI.parents[1] / "pages").glob("*.py"))


def _acts() -> Iterator[tuple[str, str]]:
    """Every place of the pages where an act takes its actor, and the scope that is written there."""
    for path in _files():
        if path.name in ("sitting.py", "seat.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _ASKING:
                yield f"{path.name}:{node.lineno}", ast.unparse(node.args[0]) if node.args else ""


def _seat(role: AccessRole) -> Seat:
    at = datetime(2026, 1, 14, tzinfo=UTC)
    return Seat("ses-1", "acc-1", "per-1", "Anna", "local", "anna", role, at, at)


def _is_allowed(role: AccessRole, scope: Scope) -> bool:
    try:
        allow(_seat(role), scope, "a test")
    except NotAllowed:
        return False
    return True


def test_every_role_may_what_is_written_here_at_every_route_page_and_act() -> None:
    acts = dict(_acts())
    assert len(acts) > 40
    asked = {f"{sorted(route.methods or ())} {route.path}": scope_of(route) for route in ROUTES}
    asked |= {place.name: place.needed for place in PLACES}
    asked |= {where: Scope[text.removeprefix("Scope.")] for where, text in acts.items()}
    wrong = [
        (what, role)
        for what, scope in asked.items()
        for role, may in MAY.items()
        if scope is not None and _is_allowed(role, scope) != (scope.value in may)
    ]
    assert wrong == []
    assert set(MAY) == set(AccessRole)
    assert [what for what, scope in asked.items() if scope is None] == [
        "['GET'] /health", "['GET'] /health/live", "['GET'] /health/ready",
    ]  # fmt: skip


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


def _asked_by(act: ast.AST, functions: dict[str, list[ast.AST]], seen: set[str]) -> set[str]:
    """The scopes that what the act calls comes to ask for; functions of the pages are known by their names."""
    asked = {
        ast.unparse(node.args[0])
        for node in ast.walk(act)
        if isinstance(node, ast.Call) and _called(node) in _ASKING and node.args
    }
    names = {node.id for node in ast.walk(act) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(act) if isinstance(node, ast.Attribute)}
    new = names - seen
    seen |= new
    for body in (one for name in new for one in functions.get(name, ())):
        asked |= _asked_by(body, functions, seen)
    return {one for one in asked if one.startswith("Scope.")}


def test_every_button_that_acts_is_drawn_for_the_scope_that_its_act_comes_to_ask_for() -> None:
    trees = {
        path: ast.parse(path.read_text())
        for path in _files()
        if path.name not in ("buttons.py", "covered.py")
    }
    everywhere: dict[str, list[ast.AST]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                everywhere.setdefault(node.name, []).append(node)
    wrong, found = [], 0
    for path, tree in trees.items():
        here = {node.name: [node] for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or _called(node) not in ("act_button", "perform"):
                continue
            if ast.unparse(node.func) == "acts.perform":
                continue
            found += 1
            named = {one.arg: ast.unparse(one.value) for one in node.keywords}
            asked = _asked_by(node.args[1], {**everywhere, **here}, set())
            if not asked or (_called(node) == "act_button" and asked != {named["needed"]}):
                wrong.append(f"{path.name}:{node.lineno} drawn for {named.get('needed')}, asks for {asked}")
    assert found > 50
    assert wrong == []


def test_no_page_makes_an_actor_of_its_own() -> None:
    for path in _files():
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and function.name not in _SOURCES.get(path.name, ()):
                made = [ast.unparse(node) for node in ast.walk(function)
                        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("Actor.")]  # fmt: skip
                assert made == [], f"{path.name}:{function.name}"


def test_the_guard_lets_each_role_in_where_it_may_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    switch_on(monkeypatch)
    app = Starlette(routes=[Route("/{scope}", lambda _request: PlainTextResponse("in"))])
    guard = ApiGuard(app, needed=lambda _method, path: Scope(path.removeprefix("/")))
    for role, may in MAY.items():
        cookie = {"Cookie": f"soc_session={sign_in(add(role.value, role))}"}
        client = TestClient(guard, base_url="http://127.0.0.1:8501", headers=cookie)
        let_in = {scope.value for scope in Scope if client.get(f"/{scope}").status_code == 200}
        assert let_in == may
    nobody = TestClient(
        guard, base_url="http://127.0.0.1:8501", headers={"Cookie": "soc_session=" + "x" * 43}
    )
    assert {nobody.get(f"/{scope}").status_code for scope in Scope} == {401}
