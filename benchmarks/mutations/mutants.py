"""What can be changed in a file: cosmic-ray's operators, and four that it has not (a statement, a condition, a value)."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider

from benchmarks.mutations.quiet import settled

#: They want arguments, or change only how fast something is.
_LEFT_OUT = ("VariableReplacer", "VariableInserter", "NoOp")
#: Members of an enumeration, None and a program's own words are the same thing where they are equal, and have no order.
_ALIKE = {"Eq": "Is", "NotEq": "IsNot", "Is": "Eq", "IsNot": "NotEq"}
_IDENTITY, _ORDER = {"Is", "IsNot"}, {"Lt", "LtE", "Gt", "GtE"}


@dataclass(frozen=True)
class Change:
    """The `occurrence`-th place (from 0) in a file where an operator can do its work."""

    path: str
    operator: str
    occurrence: int


@dataclass(frozen=True)
class Mutant:
    """One change of one file. `line` is the first that differs, from 1; `text` the whole changed file."""

    path: str
    operator: str
    line: int
    text: str
    diff: str


def changes_of(path: str, root: Path) -> list[Change]:
    """All changes of a file, made or not: cheap to list, dear to make."""
    text = (root / path).read_text()
    nodes = list(ast_nodes(get_ast(text)))
    found = []
    for name, operator in _operators().items():
        places = sum(len(list(operator.mutation_positions(node))) for node in nodes)
        found += [Change(path, name, occurrence) for occurrence in range(places)]
    for name in ("RemoveStatement", "AlwaysTrue", "NeverTrue", "ReturnNothing"):
        found += [Change(path, name, occurrence) for occurrence, _ in enumerate(_spots(text, name))]
    return found


def make(change: Change, root: Path) -> Mutant | None:
    """The changed file; None where it is no program, or one that nobody can tell from the first (see `quiet`)."""
    text = (root / change.path).read_text()
    try:
        changed = _made(text, change)
    except AttributeError:  # cosmic-ray cannot change `except module.Error`
        return None
    try:
        same = settled(ast.parse(changed)) == settled(ast.parse(text))
    except SyntaxError:
        return None
    if same:
        return None
    lines = difflib.unified_diff(
        text.splitlines(), changed.splitlines(), change.path, change.path, lineterm="", n=1
    )
    return Mutant(change.path, change.operator, _first_difference(text, changed), changed, "\n".join(lines))


@lru_cache(maxsize=1)
def _operators() -> dict[str, Operator]:
    provider = OperatorProvider()
    return {name: provider[name]() for name in provider if name not in _LEFT_OUT and not _is_alike(name)}


def _is_alike(operator: str) -> bool:
    """Identity in place of equality, or of an order."""
    kind, _, swap = operator.partition("_")
    was, _, by = swap.partition("_")
    mixed = bool({was, by} & _IDENTITY) and bool({was, by} & _ORDER)
    return kind == "ReplaceComparisonOperator" and (mixed or _ALIKE.get(was) == by)


def _made(text: str, change: Change) -> str:
    if change.operator in _operators():
        visitor = MutationVisitor(change.occurrence, _operators()[change.operator])
        return str(visitor.walk(get_ast(text)).get_code())
    node, by = list(_spots(text, change.operator))[change.occurrence]
    return _replaced(text, node, by)


def _spots(text: str, operator: str) -> Iterator[tuple[ast.AST, str]]:
    """A call or a raise left out, a condition that always or never holds, nothing returned."""
    for node in ast.walk(ast.parse(text)):
        if operator == "RemoveStatement":
            if isinstance(node, ast.Raise) or (
                isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            ):
                yield node, "pass"
        elif operator == "ReturnNothing":
            if isinstance(node, ast.Return) and node.value is not None:
                yield node.value, "None"
        elif isinstance(node, ast.If | ast.IfExp) and "TYPE_CHECKING" not in ast.unparse(node.test):
            yield node.test, "True" if operator == "AlwaysTrue" else "False"


def _replaced(text: str, node: ast.AST, by: str) -> str:
    lines = text.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    begin = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
    end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
    data = text.encode()
    return (data[:begin] + by.encode() + data[end:]).decode()


def _first_difference(before: str, after: str) -> int:
    """The line, from 1. Blank ones before a decorator go with it, and are not meant."""
    lines, others = before.splitlines(), after.splitlines()
    first = next(
        (at for at, (one, other) in enumerate(zip(lines, others, strict=False)) if one != other), len(others)
    )
    return next((at for at, line in enumerate(lines[first:], first + 1) if line.strip()), 0)
