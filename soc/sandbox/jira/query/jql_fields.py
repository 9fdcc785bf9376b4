"""What each JQL field means for an issue: its values, its dates, its text, its order."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from soc import clock
from soc.sandbox.jira import adf, catalogue
from soc.sandbox.jira.memory import Issue

Test = Callable[[Issue], bool]

DATES = frozenset({"created", "updated", "resolved", "due"})
TEXTS = frozenset({"summary", "description", "text"})
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
COMPARISONS = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class JqlError(ValueError):
    """A query that Jira refuses, in its words."""


def read_date(text: str, field: str, now: datetime) -> datetime:
    """`YYYY-MM-DD`, `YYYY-MM-DD HH:MM` (or with `/`), `-30m`, `-1d 2h`, `now()`, `startOfDay()`. Absolute times are read in the zone of
    `now`, which is the account's; a relative one counts in whole minutes.
    """
    if text.lower() == "now()":
        return now
    if text.lower() == "startofday()":
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    if relative := re.fullmatch(r"([+-]?)((?:\d+[mhdw]\s*)+)", text.strip()):
        sign = -1 if relative[1] == "-" else 1
        parts = re.findall(r"(\d+)([mhdw])", relative[2])
        return now + sign * sum((timedelta(**{UNITS[unit]: int(n)}) for n, unit in parts), timedelta())
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y/%m/%d %H:%M"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=now.tzinfo or UTC)
        except ValueError:
            continue
    raise JqlError(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm',"
        " 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def negate(test: Test, negated: bool) -> Test:
    return (lambda issue: not test(issue)) if negated else test


def _known(names: dict[str, str], value: str, field: str) -> str:
    for key, name in names.items():
        if value == key or value.casefold() == name.casefold():
            return key
    raise JqlError(f"The value '{value}' does not exist for the field '{field}'.")


STATUS_NAMES = {key: status.name for key, status in catalogue.STATUSES.items()}
CATEGORY_NAMES = {c.key: c.name for c in catalogue.CATEGORIES} | {
    str(c.id): c.name for c in catalogue.CATEGORIES
}


def _project(value: str, field: str) -> str:
    for number, key in catalogue.PROJECT_KEYS.items():
        if value.casefold() in (number, key.casefold(), catalogue.PROJECT_NAMES[number].casefold()):
            return number
    raise JqlError(f"The value '{value}' does not exist for the field '{field}'.")


def _category(value: str, field: str) -> str:
    name = CATEGORY_NAMES[_known(CATEGORY_NAMES, value, field)]
    return next(c.key for c in catalogue.CATEGORIES if c.name == name)


def _person(value: str, _: str) -> str:
    if value.lower() == "currentuser()":
        return catalogue.BOT.account_id
    return catalogue.find_user({"name": value}) or value


# Per field: what an issue has, and how a value of the query is read.
EXACT: dict[str, tuple[Callable[[Issue], list[str]], Callable[[str, str], str]]] = {
    "project": (
        lambda i: [i.project],
        lambda v, f: _project(v, f),
    ),
    "key": (lambda i: [i.key], lambda v, f: v.upper()),
    "id": (lambda i: [i.id], lambda v, f: v),
    "labels": (lambda i: i.labels, lambda v, f: v),
    "component": (lambda i: i.components, lambda v, f: _known(catalogue.COMPONENTS, v, f)),
    "status": (lambda i: [i.status], lambda v, f: _known(STATUS_NAMES, v, f)),
    "statuscategory": (lambda i: [catalogue.STATUSES[i.status].category.key], _category),
    "priority": (lambda i: [i.priority], lambda v, f: _known(catalogue.PRIORITIES, v, f)),
    "issuetype": (lambda i: [i.issue_type], lambda v, f: _known(catalogue.EVERY_TYPE, v, f)),
    "resolution": (lambda i: [i.resolution] if i.resolution else [], lambda v, f: _resolution(v, f)),
    "assignee": (lambda i: [i.assignee] if i.assignee else [], _person),
    "reporter": (lambda i: [i.reporter], _person),
}
SORTABLE = frozenset({"key", "id", "created", "updated", "due", "priority", "status", "summary", "resolved"})


def _resolution(value: str, field: str) -> str:
    return "" if value.lower() == "unresolved" else _known(catalogue.RESOLUTIONS, value, field)


def is_in(name: str, asked: str, values: list[str]) -> Test:
    if name not in EXACT:
        if name in DATES | TEXTS:
            raise JqlError(f"The operator 'in' is not supported by the '{asked}' field.")
        raise JqlError(f"Field '{asked}' does not exist or you do not have permission to view it.")
    has, read = EXACT[name]
    wanted = {read(value, asked) for value in values}
    return lambda issue: bool(wanted.intersection(has(issue) or [""]))


def is_empty(name: str, asked: str) -> Test:
    if name in EXACT:
        return lambda issue: not EXACT[name][0](issue)
    if name in DATES:
        return lambda issue: _date_of(issue, name) is None
    if name in TEXTS:
        return lambda issue: not _text_of(issue, name)
    raise JqlError(f"Field '{asked}' does not exist or you do not have permission to view it.")


def contains(name: str, value: str) -> Test:
    words = re.findall(r"\w+", value.casefold())
    return lambda issue: all(word in _text_of(issue, name).casefold() for word in words)


def compare_date(name: str, comparison: str, moment: datetime) -> Test:
    def test(issue: Issue) -> bool:
        at = _date_of(issue, name)
        return at is not None and bool(COMPARISONS[comparison](at, moment))

    return test


def _date_of(issue: Issue, name: str) -> datetime | None:
    values = {
        "created": issue.created,
        "updated": issue.updated,
        "resolved": issue.resolved,
        "due": issue.duedate,
    }
    value = values[name]
    return clock.parse(value) if value else None


def _text_of(issue: Issue, name: str) -> str:
    texts = {"summary": [issue.summary], "description": [adf.text_of(issue.description)]}
    return "\n".join(texts.get(name) or texts["summary"] + texts["description"])


def sort_value(issue: Issue, name: str) -> tuple[bool, str | int]:
    if name in ("key", "id"):
        return True, int(issue.id)
    if name == "priority":  # Jira's ascending order is from lowest to highest
        return True, -int(issue.priority)
    if name in DATES:
        at = _date_of(issue, name)
        return at is not None, at.isoformat() if at else ""
    return True, issue.summary if name == "summary" else int(issue.status)
