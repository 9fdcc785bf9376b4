"""Jira's fields in the product's words, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from soc.domain.message import FieldChange, FieldValue
from soc.domain.severity import PRIORITY_BY_SEVERITY
from soc.integrations.kit.tickets import SETS
from soc.integrations.vendors.jira.config import JiraConfig

#: What is asked of Jira for the synced fields, beside those of `RemoteTicket`.
MORE_FIELDS = ("resolution", "components", "attachment", "issuetype", "project", "archiveddate", "watches")
#: The product's names of fields whose name in Jira is another one.
_JIRA_NAMES = {"due": "duedate"}
_OUR_NAMES = {"duedate": "due", "component": "components"}


def jira_name(field: str) -> str:
    return _JIRA_NAMES.get(field, field)


def our_name(item: Mapping[str, Any]) -> str:
    """The product's name of the field that a history item is about."""
    name = str(item.get("fieldId") or item.get("field") or "").casefold()
    return _OUR_NAMES.get(name, name)


def our_priority(name: str, config: JiraConfig) -> str:
    """The product's priority for Jira's name of it; the name itself where no severity is given it."""
    for severity, theirs in config.priority_mapping.items():
        if theirs.casefold() == name.casefold():
            return str(PRIORITY_BY_SEVERITY[severity])
    return name


def jira_priority(priority: str, config: JiraConfig) -> str:
    """Jira's name for one of the product's priorities."""
    for severity, ours in PRIORITY_BY_SEVERITY.items():
        if str(ours).casefold() == priority.casefold():
            return config.priority_mapping[severity]
    return priority


def values_of(fields: Mapping[str, Any], config: JiraConfig) -> dict[str, FieldValue]:
    """The synced fields of an issue's `fields`; what is missing there is missing here."""
    values: dict[str, FieldValue] = {}
    for ours, theirs in (("status", "status"), ("resolution", "resolution")):
        if theirs in fields:
            values[ours] = _name(fields[theirs])
    if "priority" in fields:
        values["priority"] = our_priority(_name(fields["priority"]), config)
    if "assignee" in fields:
        values["assignee"] = account_of(fields["assignee"])
    if isinstance(labels := fields.get("labels"), list):
        values["labels"] = _members(str(one) for one in labels)
    if isinstance(components := fields.get("components"), list):
        values["components"] = _members(_name(one) for one in components)
    for ours, theirs in (("due", "duedate"), ("summary", "summary")):
        if theirs in fields:
            values[ours] = str(fields[theirs] or "")
    return values


def account_of(user: Any) -> str:
    """What names a person for good: Cloud's account id, Data Center's name."""
    if not isinstance(user, dict):
        return ""
    return str(user.get("accountId") or user.get("name") or user.get("key") or "")


def _name(value: Any) -> str:
    return str(value.get("name") or "") if isinstance(value, dict) else ""


def _members(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))


def edit_of(changes: Mapping[str, FieldChange], config: JiraConfig) -> dict[str, Any]:
    """The `fields` and `update` of an edit. Sets are changed by their members, so that nobody's are lost."""
    fields: dict[str, Any] = {}
    update: dict[str, Any] = {}
    for name, change in changes.items():
        if name in SETS:
            if operations := _operations(name, change):
                update[name] = operations
        else:
            fields[jira_name(name)] = _jira_value(name, str(change.after), config)
    return {**({"fields": fields} if fields else {}), **({"update": update} if update else {})}


def _operations(name: str, change: FieldChange) -> list[dict[str, Any]]:
    before, after = members_of(change.before), members_of(change.after)
    found = [("add", one) for one in sorted(after - before)] + [
        ("remove", one) for one in sorted(before - after)
    ]
    return [{verb: one if name == "labels" else {"name": one}} for verb, one in found]


def members_of(value: FieldValue | None) -> set[str]:
    """The members of a set's value."""
    return set() if value is None or isinstance(value, str) else set(value)


def _jira_value(name: str, value: str, config: JiraConfig) -> Any:
    if name == "assignee":
        return {"accountId" if config.cloud else "name": value} if value else None
    if name == "priority":
        return {"name": jira_priority(value, config)}
    if name == "resolution":
        return {"name": value} if value else None
    return value or None
