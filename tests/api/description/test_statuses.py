"""Every status that a call can be answered with stands in the API's description of itself: found in the code, not listed here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from soc.api import api
from soc.api.problems import REFUSALS

SOC = Path(__file__).resolve().parents[3] / "soc"
#: Whatever answers a call: the protocol, the door, the guard, the limits, the errors' answers, the routes.
ANSWERING = [SOC / "door", SOC / "api", SOC / "errors.py"]
#: Functions and classes whose argument is a status, and the place of that argument.
MAKERS = {"problem": 0, "Refusal": 0, "Busy": 0, "HTTPException": 0, "JSONResponse": 1, "Response": 1}
BESIDE = {
    304: "an unchanged page of the API's documentation, which is no call",
    307: "a slash too many, which the framework redirects",
}


def _statuses(tree: ast.AST) -> Iterator[int]:
    """Numbers that stand where a status does: an argument, a `status…=` keyword, a `status…` value, a raw HTTP line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [node.args[MAKERS[name]]] if name in MAKERS and len(node.args) > MAKERS[name] else []
            given += [one.value for one in node.keywords if one.arg in ("status", "status_code")]
            for one in given:
                yield from (
                    n.value for n in ast.walk(one) if isinstance(n, ast.Constant) and _is_status(n.value)
                )
        elif isinstance(node, ast.Constant) and isinstance(node.value, bytes | str):
            text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            yield from (int(found) for found in re.findall(r"HTTP/1\.1 (\d{3})", text))
        elif isinstance(node, ast.Assign | ast.AnnAssign) and "STATUS" in ast.dump(
            getattr(node, "target", node)
        ):
            yield from (
                n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and _is_status(n.value)
            )


def _is_status(value: object) -> bool:
    return type(value) is int and 100 <= value < 600


def _found() -> dict[int, str]:
    files = [
        file for place in ANSWERING for file in ([place] if place.is_file() else sorted(place.rglob("*.py")))
    ]
    return {status: file.name for file in files for status in _statuses(ast.parse(file.read_text()))}


def test_every_status_that_the_code_can_answer_is_described() -> None:
    described = {
        int(status)
        for calls in api.openapi()["paths"].values()
        for call in calls.values()
        for status in call["responses"]
    }
    found = _found()
    assert {401, 403, 408, 413, 429, 503} <= set(found)  # the search itself finds them
    missing = {status: where for status, where in found.items() if status not in described | set(BESIDE)}
    assert missing == {}


def test_what_any_call_can_be_refused_with_stands_at_every_call() -> None:
    anywhere = {str(status) for status in _found() if status in REFUSALS}
    for path, calls in api.openapi()["paths"].items():
        for method, call in calls.items():
            assert anywhere <= set(call["responses"]), (method, path)
