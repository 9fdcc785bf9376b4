"""Is the project ready for our tickets? Read, never written: what would fail, what would be left out, how to mend it.

The connection check asks whether Jira answers; this asks what happens to a ticket from its creation to its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from soc.errors import DeliveryError, PermanentDeliveryError
from soc.integrations.kit.http import VendorSession
from soc.integrations.kit.panels import Finding, Readiness
from soc.integrations.vendors.jira.check import NEEDED, USEFUL
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.fields.screen import Screen
from soc.integrations.vendors.jira.fields.types import IssueType, problem_of
from soc.integrations.vendors.jira.filling import asked_for, fill, how_to_fill, lacking
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.vendor import bad_answer

__all__ = ["Finding", "Readiness", "check_project"]

_PERMISSIONS: Mapping[str, tuple[str, str]] = {
    "BROWSE_PROJECTS": ("Browse projects", "Tickets cannot be read back or found again after a lost answer."),
    "CREATE_ISSUES": ("Create issues", "No ticket can be opened."),
    "EDIT_ISSUES": ("Edit issues", "A ticket's priority and due date cannot be changed afterwards."),
    "ADD_COMMENTS": ("Add comments", "Notes and escalations are not written into tickets."),
    "TRANSITION_ISSUES": ("Transition issues", "Tickets cannot be moved on from here; people do it in Jira."),
    "ASSIGN_ISSUES": ("Assign issues", "Tickets are opened without an assignee, and cannot be given to anybody."),
    "SCHEDULE_ISSUES": ("Schedule issues", "The due date of the SLA cannot be set."),
}  # fmt: skip
_SCREEN_FIELDS: Mapping[str, tuple[str, str]] = {
    "labels": (
        "Labels",
        "Tickets carry no labels: after a lost answer they are found by the text of their description, which is less sure.",
    ),
    "priority": ("Priority", "Tickets are opened with Jira's default priority, whatever the severity."),
    "duedate": ("Due date", "Tickets do not show when they are due; the SLA clock here runs all the same."),
    "components": ("Components", "Tickets are opened without their components."),
}
_CATEGORIES: Mapping[str, tuple[Readiness, str]] = {
    "new": (Readiness.WARNING, "A ticket that nobody has begun is not shown as open."),
    "indeterminate": (Readiness.WARNING, "Nobody can see here that a ticket is being worked on."),
    "done": (
        Readiness.FAILS,
        "A ticket never counts as closed: its SLA clock goes on, its alerts stay open.",
    ),
}
_CATEGORY_NAMES = {"new": "To Do", "indeterminate": "In Progress", "done": "Done"}


def check_project(
    session: VendorSession, project: ProjectReader, config: JiraConfig, *, open_ticket: str = ""
) -> list[Finding]:
    """Every finding, in the order of a ticket's life. Never raises DeliveryError: what cannot be asked is a finding.

    `open_ticket` is the key of one of our tickets that is not done; its workflow is looked at.
    """
    project.forget()
    found: list[Finding] = []
    try:
        found.append(_project(session, config))
        found += _permissions(session, config)
        found += _types(project, config)
        for issue_type in project.used_types():
            found += _screen(project, issue_type, project.screen(issue_type), config)
        found += _priorities(session, project, config)
        found += _components(project, config)
        found += _statuses(session, project, config)
        found += _transitions(session, open_ticket)
    except DeliveryError as error:
        what = "Connection" if not found else "The rest of the check"
        found.append(Finding(what, Readiness.FAILS, error.message, error.hint))
    return found


def _ok(subject: str, text: str) -> Finding:
    return Finding(subject, Readiness.OK, text)


def _rows(data: Any, what: str) -> list[dict[str, Any]]:
    if not isinstance(data, list):
        raise bad_answer(what)
    return [row for row in data if isinstance(row, dict)]


def _project(session: VendorSession, config: JiraConfig) -> Finding:
    data = session.read("GET", f"/project/{config.project_key}").data
    if not isinstance(data, dict):
        raise bad_answer("the project")
    name = str(data.get("name") or config.project_key)
    if data.get("archived") or data.get("deleted"):
        return Finding(
            f"Project {config.project_key}",
            Readiness.FAILS,
            f"{name} is archived: no ticket can be opened.",
            "Restore the project in Jira, or name another under Project key.",
        )
    return _ok(f"Project {config.project_key}", f"{name} is there and active.")


def _permissions(session: VendorSession, config: JiraConfig) -> Iterator[Finding]:
    params = {"projectKey": config.project_key}
    if config.cloud:  # Cloud answers 400 without the list; Data Center tells all
        params["permissions"] = ",".join(_PERMISSIONS)
    try:
        data = session.read("GET", "/mypermissions", params=params).data
    except PermanentDeliveryError as error:
        if error.status != 404:
            raise
        yield Finding(
            "Permissions", Readiness.WARNING, "This Jira does not tell what the account may do.",
            "Open one ticket by hand with this account; what it may not do shows there.",
        )  # fmt: skip
        return
    rows = data.get("permissions") if isinstance(data, dict) else None
    if not isinstance(rows, dict):
        raise bad_answer("permissions")
    granted = []
    for key in (*NEEDED, *USEFUL):
        title, consequence = _PERMISSIONS[key]
        row = rows.get(key)
        if isinstance(row, dict) and row.get("havePermission") is True:
            granted.append(title)
        elif row is not None or key in NEEDED:
            yield Finding(
                f"Permission “{title}”",
                Readiness.FAILS if key in NEEDED else Readiness.WARNING,
                consequence,
                f"Give this account “{title}” ({key}) in the project's permission scheme.",
            )
    if granted:
        yield _ok("Permissions", f"Granted: {', '.join(granted)}.")


def _types(project: ProjectReader, config: JiraConfig) -> Iterator[Finding]:
    types = project.issue_types()
    wanted = {
        config.issue_type: "every incident",
        **({config.security_issue_type: "security alerts"} if config.security_issue_type else {}),
    }
    for name, what in wanted.items():
        if not (wrong := problem_of(types, name)):
            yield _ok(f"Issue type “{name}”", f"The project has it; used for {what}.")
            continue
        instead = project.choose(security=name != config.issue_type).name
        yield Finding(
            f"Issue type “{name}”",
            Readiness.WARNING,
            f"It cannot be used for {what}: {wrong}. “{instead}” is used.",
            "Add it to the project's issue type scheme, or choose another on this page.",
        )


def _screen(
    project: ProjectReader, issue_type: IssueType, screen: Screen, config: JiraConfig
) -> Iterator[Finding]:
    subject = f"Create screen of {issue_type.name}"
    if screen.fields is None:
        yield Finding(
            subject, Readiness.WARNING, "This Jira (before 8.4) does not tell which fields it has; all are sent.",
            "Compare the screen by hand: labels, priority, due date, components.",
        )  # fmt: skip
        return
    wanted = [name for name in _SCREEN_FIELDS if name != "components" or config.components]
    missing = [name for name in wanted if name not in screen.fields]
    for name in missing:
        title, consequence = _SCREEN_FIELDS[name]
        yield Finding(
            f"{subject}: {title}",
            Readiness.WARNING,
            consequence,
            f"Add the field “{title}” to the create screen of {issue_type.name} (Project settings, Screens).",
        )
    filled = fill(project, screen, config)
    for one in lacking(screen, filled, config):
        yield Finding(
            f"{subject}: {one.name}",
            Readiness.FAILS,
            f"It asks for {asked_for(one)}, which is not filled in here: Jira refuses the ticket.",
            how_to_fill([one]),
        )
    for name, words in filled.problems.items():
        yield Finding(
            f"{subject}: {name}", Readiness.FAILS, f"It {words}.", "Change it under Values of other fields."
        )
    if not missing:
        yield _ok(subject, "It has " + ", ".join(_SCREEN_FIELDS[name][0].lower() for name in wanted) + ".")


def _priorities(session: VendorSession, project: ProjectReader, config: JiraConfig) -> Iterator[Finding]:
    known = {
        str(row["name"])
        for row in _rows(session.read("GET", "/priority").data, "priorities")
        if "name" in row
    }
    for one in project.used_types():
        accepted = project.screen(one).names("priority")
        known = known & accepted if accepted is not None else known
    missing: dict[str, list[str]] = {}
    for severity, priority in config.priority_mapping.items():
        if priority not in known:
            missing.setdefault(priority, []).append(severity.value)
    for priority, severities in missing.items():
        yield Finding(
            f"Priority “{priority}”",
            Readiness.WARNING,
            f"The project does not take it: tickets of severity {', '.join(severities)} get Jira's default priority.",
            f"Change the priority mapping on this page. The project takes: {', '.join(sorted(known)) or 'none'}.",
        )
    if not missing:
        yield _ok("Priorities", "Each priority of the mapping exists.")


def _components(project: ProjectReader, config: JiraConfig) -> Iterator[Finding]:
    if not config.components:
        return
    known = project.components()
    missing = [name for name in config.components if name not in known]
    for name in missing:
        yield Finding(
            f"Component “{name}”", Readiness.WARNING, "The project does not have it: left out of tickets.",
            "Add it under Project settings, Components, or take it off this page.",
        )  # fmt: skip
    if not missing:
        yield _ok("Components", "The project has all of them.")


def _statuses(session: VendorSession, project: ProjectReader, config: JiraConfig) -> Iterator[Finding]:
    """Statuses have free names; their categories decide what counts as open, in progress and done."""
    rows = _rows(session.read("GET", f"/project/{config.project_key}/statuses").data, "statuses")
    used = {one.id: one.name for one in project.used_types()}
    for row in rows:
        if str(row.get("id")) not in used:
            continue
        subject = f"Workflow of {used[str(row.get('id'))]}"
        statuses = row.get("statuses")
        seen = {_category(one): str(one.get("name")) for one in _rows(statuses, "statuses")}
        missing = [key for key in _CATEGORIES if key not in seen]
        for key in missing:
            state, consequence = _CATEGORIES[key]
            yield Finding(
                f"{subject}: {_CATEGORY_NAMES[key]}", state, consequence,
                f"Give the workflow a status of the category “{_CATEGORY_NAMES[key]}”.",
            )  # fmt: skip
        if not missing:
            yield _ok(subject, "It has statuses to do, in progress and done.")


def _category(status: Any) -> str:
    category = status.get("statusCategory") if isinstance(status, dict) else None
    return str(category.get("key")) if isinstance(category, dict) else ""


def _transitions(session: VendorSession, open_ticket: str) -> Iterator[Finding]:
    if not open_ticket:
        return
    data = session.read("GET", f"/issue/{open_ticket}/transitions").data
    rows = data.get("transitions") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise bad_answer("transitions")
    offered: Sequence[dict[str, Any]] = [row for row in rows if isinstance(row, dict)]
    names = ", ".join(str(row.get("name")) for row in offered)
    if not offered:
        yield Finding(
            f"Transitions of {open_ticket}", Readiness.WARNING,
            "Jira offers this account no step from where the ticket stands.",
            "Look at the workflow's conditions and at the permission “Transition issues”.",
        )  # fmt: skip
    else:
        yield _ok(f"Transitions of {open_ticket}", f"Offered now: {names}.")
