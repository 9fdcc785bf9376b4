"""The history of practice issues: an entry for each save that changed a field, with its author and what it was before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from soc.sandbox.jira import adf, catalogue
from soc.sandbox.jira.memory import Issue, JiraMemory
from soc.sandbox.jira.wire import Json


def _named(names: dict[str, str]) -> Callable[[Any], str]:
    return lambda value: names.get(value, "") if value else ""


def _person(account: Any) -> str:
    return catalogue.USERS[account].display_name if account else ""


#: By attribute: Jira's name of the field, and how a value is read by people.
FIELDS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "summary": ("summary", str),
    "description": ("description", adf.text_of),
    "status": ("status", lambda value: catalogue.STATUSES[value].name),
    "priority": ("priority", _named(catalogue.PRIORITIES)),
    "resolution": ("resolution", _named(catalogue.RESOLUTIONS)),
    "assignee": ("assignee", _person),
    "labels": ("labels", " ".join),
    "components": ("Component", lambda keys: ",".join(catalogue.COMPONENTS[key] for key in keys)),
    "duedate": ("duedate", lambda value: value or ""),
    "issue_type": ("issuetype", _named(catalogue.ISSUE_TYPES)),
    "project": ("project", lambda value: catalogue.PROJECT_NAMES[value]),
    "key": ("Key", str),
}
_IDS = {"Component": "components"}


def note_change(memory: JiraMemory, issue: Issue, *, author: str, mark: Json | None = None) -> Json | None:
    """Add an entry about what the issue (not saved yet) has otherwise than the one that is kept; None where nothing is."""
    before = memory.find_issue(issue.id)
    if before is None:
        return None
    items = [item for name in FIELDS if (item := _item(name, before, issue)) is not None]
    if not items:
        return None
    entry: Json = {
        "id": memory.next_change_id(), "author": author, "created": memory.now(), "items": items,
        "mark": mark if memory.keep_marks else None,
    }  # fmt: skip
    issue.history = [*issue.history, entry]
    return entry


def _item(attribute: str, before: Issue, after: Issue) -> Json | None:
    old, new = getattr(before, attribute), getattr(after, attribute)
    if old == new:
        return None
    field, words = FIELDS[attribute]
    plain = attribute in ("status", "priority", "resolution", "assignee")
    return {
        "field": field, "fieldtype": "jira", "fieldId": _IDS.get(field, field.casefold()),
        "from": old if plain else None, "fromString": words(old), "to": new if plain else None, "toString": words(new),
    }  # fmt: skip
