"""Nobody changes anything for somebody without telling the audit: found in the code, so that a new writer cannot forget."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import soc

ROOT = Path(soc.__file__).parent
Function = tuple[str, str]
#: What telling is.
TELLING: set[Function] = {("soc.audit.write", "record"), ("soc.store.trail.chain", "note_entry")}
#: Rooms whose functions take an actor to pass it on, or to read by it: pages, pure rules, the store's rows.
NO_WRITERS = (
    "soc.ui",
    "soc.sandbox",
    "soc.domain",
    "soc.store",
    "soc.audit",
    "soc.logs",
    "soc.analysis",
    "soc.detection",
    "soc.integrations",
)
#: Those that write and do not tell, and why not.
EXCUSED: dict[str, str] = {
    "soc.sla": "rows of the clocks' ledger, which keep their actor; what they follow from is told by who calls",
    "soc.escalation.calling_off": "what an act, which was told, makes moot; each step keeps who called it off",
    "soc.escalation.ending": "messages that follow from acts, which were told",
    "soc.escalation.planning.cancel_steps": "the same",
    "soc.escalation.chains.keep_default": "what a new store begins with",
    "soc.roster.assigning._keep": "why somebody was chosen, beside the act that tells of it",
    "soc.tickets.outgoing": "messages that follow from an act, which was told",
    "soc.tickets.sync.absence.mark_present": "a question to a person that is moot, since the ticket is there again",
    "soc.tickets.sync.pull._follow_conflict": "both sides came to agree: nothing is changed but the question",
    "soc.configuration.save.note_update": "the log's line",
    "soc.tickets.closing.resolve_alerts": "messages that follow from an end, which was told",
    "soc.access.approvals": "parts of asking, approving and withdrawing, which tell",
    "soc.tickets.acts": "part of an act: `soc.tickets.acts.case.act` runs each and tells of it",
}


def _imports(tree: ast.Module) -> dict[str, Function]:
    return {
        one.asname or one.name: (node.module or "", one.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("soc")
        for one in node.names
    }


def _named(node: ast.AST, imports: dict[str, Function], module: str) -> Iterator[Function]:
    """Functions that are called or handed on within."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load):
            yield imports.get(one.id, (module, one.id))
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id in imports:
            package, name = imports[one.value.id]
            yield f"{package}.{name}", one.attr


def _module(path: Path) -> str:
    return (
        path.relative_to(ROOT.parent).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    )


@lru_cache(maxsize=1)
def _handed_on() -> dict[Function, Function]:
    """By the package's name for it: where a function that a package shows is defined."""
    return {
        (_module(path), name): origin
        for path in ROOT.rglob("__init__.py")
        for name, origin in _imports(ast.parse(path.read_text())).items()
    }


@lru_cache(maxsize=1)
def _functions() -> dict[Function, tuple[frozenset[Function], bool]]:
    """Of each function: what it names, and whether it is given somebody to act for."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        module = _module(path)
        tree = ast.parse(path.read_text())
        imports = _imports(tree)
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                takes = any(arg.arg in ("actor", "asked") for arg in [*node.args.args, *node.args.kwonlyargs])
                named = frozenset(_handed_on().get(one, one) for one in _named(node, imports, module))
                found[module, node.name] = (named, takes)
    return found


def _silent() -> set[str]:
    """Who acts for somebody, or calls the store with an actor, and never comes to tell."""
    functions, telling = _functions(), set(TELLING)
    while more := {one for one, (named, _) in functions.items() if named & telling} - telling:
        telling |= more
    stored = {one for one, (_, takes) in functions.items() if takes and one[0].startswith("soc.store.nouns")}
    stored -= {one for one in stored if one[1].startswith(("page_", "list_", "stream_", "find_", "_"))}
    return {
        f"{module}.{name}"
        for (module, name), (named, takes) in functions.items()
        if (takes or named & stored) and (module, name) not in telling and not module.startswith(NO_WRITERS)
    }


def test_whoever_acts_for_somebody_tells_the_audit_or_says_why_not() -> None:
    silent = {one for one in _silent() if not any(one == why or one.startswith(f"{why}.") for why in EXCUSED)}
    assert silent == set()


def test_an_excuse_is_taken_back_when_nobody_needs_it() -> None:
    silent = _silent()
    assert {
        why for why in EXCUSED if not any(one == why or one.startswith(f"{why}.") for one in silent)
    } == set()
