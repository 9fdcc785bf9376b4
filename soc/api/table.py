"""The table of every address in docs/api.md, written from the routes."""

from __future__ import annotations

from soc.api.application import ROUTES
from soc.api.scopes import scope_of
from soc.integrations.registry import KINDS

_ROOT = "/integrations/"


def route_table() -> str:
    """Method and address, what it is for, the scope it needs. What every kind has stands once, with `{kind}`."""
    rows: dict[tuple[str, str], tuple[str, str]] = {}
    everywhere = _of_every_kind()
    for route in ROUTES:
        kind, _, rest = route.path.removeprefix(_ROOT).partition("/")
        method = ", ".join(sorted(route.methods or ()))
        path, summary = route.path, route.summary or ""
        if (method, rest) in everywhere and kind in KINDS:
            path, summary = f"{_ROOT}{{kind}}/{rest}", summary.removeprefix(f"{KINDS[kind].title}: ")
        needed = scope_of(route)
        rows.setdefault((method, path), (summary, "none" if needed is None else needed.value))
    lines = [f"| `{method} {path}` | {what} | {scope} |" for (method, path), (what, scope) in rows.items()]
    return "\n".join(["| call | what | scope |", "|---|---|---|", *lines])


def _of_every_kind() -> set[tuple[str, str]]:
    """Method and end of the addresses that each integration has."""
    by_kind: dict[str, set[tuple[str, str]]] = {kind: set() for kind in KINDS}
    for route in ROUTES:
        kind, _, rest = route.path.removeprefix(_ROOT).partition("/")
        if route.path.startswith(_ROOT) and kind in by_kind:
            by_kind[kind].add((", ".join(sorted(route.methods or ())), rest))
    return set.intersection(*by_kind.values())
