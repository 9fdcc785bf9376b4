"""Every event that is logged stands in the documentation, with its level, its fields and what it means; and nothing else does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.documents.blocks import ROOT

LEVELS = ("debug", "info", "warning", "error", "exception")
#: What `where_it_broke` adds.
BROKE = "where it broke"
#: Sentences for people at a shell: a key that was generated, a call of the guide's Python face that failed.
SENTENCES = {
    "soc/store/vault.py", "soc/store/trail/heads.py", "soc/integrations/vendors/jira/manager.py",
    "soc/integrations/vendors/slack/connector.py", "soc/detection/rulebook.py",
}  # fmt: skip


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path in sorted((ROOT / "soc").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
                and ast.unparse(node.func.value) in ("log", "told", "LogOnceCommitted(session, log)")
            ):
                yield path.relative_to(ROOT).as_posix(), node.func.attr, node


def _name(first: ast.expr) -> str:
    """`jira_…` of an f-string is `<kind>_…`; of a call that makes the name, what the docs call it."""
    if isinstance(first, ast.Constant):
        return str(first.value)
    if isinstance(first, ast.JoinedStr):
        parts = [str(part.value) if isinstance(part, ast.Constant) else "<kind>" for part in first.values]
        return "".join(parts).replace("rule_<kind>", "rule_<act>")
    return {"updated_event": "<kind>_configuration_updated", "acted_event": "<kind>_action_executed"}[
        next(name for name in ("updated_event", "acted_event") if name in ast.unparse(first))
    ]


def _field(word: ast.keyword) -> str:
    if word.arg is not None:
        return word.arg
    text = ast.unparse(word.value)
    return BROKE if text.startswith("where_it_broke") else "ticket" if "'ticket'" in text else "…"


@cache
def logged() -> dict[str, tuple[set[str], set[str]]]:
    """By event its levels and fields, as the code has them."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for path, level, call in _calls():
        name = _name(call.args[0])
        if " " in name:
            assert path in SENTENCES, f"{path} logs a sentence: name the event, and put the rest into fields"
            continue
        levels, fields = found.setdefault(name, (set(), set()))
        levels.add(level)
        fields.update(map(_field, call.keywords))
    return found


def documented() -> dict[str, tuple[set[str], set[str], str]]:
    rows = {}
    for line in (ROOT / "docs" / "log-events.md").read_text().splitlines():
        if found := re.fullmatch(r"\| `([^`]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \|", line):
            name, levels, fields, means = found.groups()
            listed = set(re.findall(r"`([^`]+)`", fields)) | ({BROKE} if BROKE in fields else set())
            rows[name] = (set(levels.split(", ")), listed, means.strip())
    return rows


def test_every_event_that_is_logged_stands_in_the_documentation() -> None:
    there = {name: (levels, fields) for name, (levels, fields, _) in documented().items()}
    assert there == logged()
    assert len(there) > 70


def test_every_event_says_what_it_means() -> None:
    assert [name for name, (*_, means) in documented().items() if len(means) < 12] == []
