"""No vendor's name stands in the code above the vendors: whoever needs to know asks what the kinds declare."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from soc.integrations.registry import KINDS

ROOT = Path(__file__).resolve().parents[2]
#: They are the vendors, the practice vendors, and the setup guide's `from soc.integrations.jira import …`.
APART = ("soc/integrations/vendors/", "soc/sandbox/", "soc/integrations/jira/", "soc/store/migrations/")
#: The guides' own faces, printed there to the letter: parameters, form fields, flags, and the columns that keep them.
FACES: dict[str, frozenset[str]] = {
    "soc/batches/processor.py": frozenset(
        {"enable_slack", "enable_jira", "slack_alerts_sent", "jira_incidents_created"}
    ),
    # what some records of the cloud say was made there, whoever receives it
    "soc/detection/judging/tables/change_words.py": frozenset(
        {"app application bot integration integrations grant trusted scopes scope webhook webhooks hook"}
    ),
    # the guide's own face, promised to programs
    "soc/reference.py": frozenset({"soc.integrations.jira", "Speak to Jira, as the setup guide does"}),
    "soc/batches/intake.py": frozenset({"enable_slack", "enable_jira"}),
    "soc/store/nouns/batches/batches.py": frozenset({"enable_slack", "enable_jira"}),
    "soc/api/routes/batches.py": frozenset({"enable_slack", "enable_jira"}),
    # a person of the roster has two accounts elsewhere, and may be known by either: a third is a decision, not a kind
    "soc/access/people.py": frozenset(
        {"Jira account", "Slack id", "find_by_jira_account", "find_by_slack_id", "jira_account", "slack_id"}
    ),
    "soc/api/routes/who/people.py": frozenset({"jira_account", "slack_id"}),
    "soc/cli/who/commands.py": frozenset(
        {"--jira", "--slack", "Jira", "Slack", "Slack id (U…).", "jira", "jira_account", "slack", "slack_id"}
    ),
    "soc/cli/who/people.py": frozenset({"Jira ", "Slack ", "jira_account", "slack_id"}),
    "soc/store/nouns/people/people.py": frozenset(
        {"find_by_jira_account", "find_by_slack_id", "jira_account", "slack_id"}
    ),
}
NAMES = re.compile("|".join({*KINDS, *(kind.title for kind in KINDS.values())}), re.IGNORECASE)


def words(source: str) -> Iterator[tuple[int, str]]:
    """Every identifier and every text of the code with its line; comments and docstrings may explain by example."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield line, node.value
        for name in ("id", "attr", "arg", "name", "asname", "module"):
            if isinstance(found := getattr(node, name, None), str):
                yield line, found


def code_files() -> list[Path]:
    found = [*ROOT.glob("soc/**/*.py"), *ROOT.glob("pages/*.py")]
    return sorted(path for path in found if not str(path.relative_to(ROOT)).startswith(APART))


def test_no_vendor_is_named_above_the_vendors() -> None:
    named = []
    for path in code_files():
        place = str(path.relative_to(ROOT))
        allowed = FACES.get(place, frozenset())
        named += [
            f"{place}:{line}: {word!r}"
            for line, word in words(path.read_text())
            if word not in allowed and NAMES.search(word)
        ]
    assert not named, "\n" + "\n".join(named)


def test_every_exception_is_still_needed() -> None:
    for place, allowed in FACES.items():
        assert allowed <= {word for _, word in words((ROOT / place).read_text())}, place


def test_a_name_is_found_wherever_it_stands_and_prose_is_let_be() -> None:
    source = '"""Jira."""\nfrom x.slack import y  # Slack\nz = f"to {y} and Opsgenie"\nenable_jira = z.webhook(pagerduty=1)\n'
    found = [word for _, word in words(source) if NAMES.search(word)]
    assert sorted(found) == [" and Opsgenie", "enable_jira", "pagerduty", "webhook", "x.slack"]
