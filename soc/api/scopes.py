"""The scope that a route needs is declared at the route: `dependencies=[needs(Scope.ACT)]`.

The guard asks for it before a byte of the body is read. A route that declares none needs an admin key, and a test
fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import Depends
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match

from soc.access.scopes import Scope

#: What a request needs: a scope, or None where no key is needed.
Needed = Scope | None


class _Declared:
    """A dependency that does nothing: it is a note at the route, for the guard and the documentation."""

    def __init__(self, needed: Needed) -> None:
        self.needed = needed

    async def __call__(self) -> None:
        return None


def needs(scope: Scope) -> Any:
    """For a route's `dependencies`: whoever calls it needs a key of this scope, once keys are in force."""
    return Depends(_Declared(scope))


def needs_no_key() -> Any:
    """For a route's `dependencies`: anybody may call it."""
    return Depends(_Declared(None))


def declared_scopes(route: APIRoute) -> list[Needed]:
    """What the route declares: one entry, or a test fails."""
    return [
        dependency.dependency.needed
        for dependency in route.dependencies
        if isinstance(dependency.dependency, _Declared)
    ]


def scope_of(route: APIRoute) -> Needed:
    declared = declared_scopes(route)
    return declared[0] if len(declared) == 1 else Scope.ADMIN


def matching(routes: Iterable[BaseRoute], method: str, path: str) -> tuple[APIRoute | None, list[APIRoute]]:
    """The route that answers this request, if any, and all routes of its address (of any method)."""
    asked = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    answering: APIRoute | None = None
    there: list[APIRoute] = []
    for route in routes:
        if not isinstance(route, APIRoute):
            continue
        match, _ = route.matches(asked)
        if match is not Match.NONE:
            there.append(route)
        if match is Match.FULL and answering is None:
            answering = route
    return answering, there


def allowed_methods(routes: Iterable[APIRoute]) -> str:
    """The value of `Allow`: HEAD is answered wherever GET is."""
    methods = {method for route in routes for method in route.methods or ()}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def scope_needed(
    routes: Iterable[BaseRoute], *, is_open: Callable[[str, str], bool] = lambda _method, _path: False
) -> Callable[[str, str], Needed]:
    """Asks the routes what a method and a path need. What no route answers needs READ: it ends as 404 or 405.

    `is_open` names what is no route of ours and needs no key (the documentation).
    """
    known = list(routes)

    def needed(method: str, path: str) -> Needed:
        if is_open(method, path):
            return None
        answering, _ = matching(known, "GET" if method == "HEAD" else method, path)
        return Scope.READ if answering is None else scope_of(answering)

    return needed
