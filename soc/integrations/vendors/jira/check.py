"""Find out whether Jira will take tickets, and which of the setup guide's cases it is where it will not."""

from __future__ import annotations

import time
from typing import Any

from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError
from soc.integrations.kit.base import ConnectionReport, TroubleCase
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.jira.config import DEFAULT_SECURITY_TYPE, DEFAULT_TYPE, JiraConfig
from soc.integrations.vendors.jira.fields.types import IssueType, problem_of
from soc.integrations.vendors.jira.filling import fill, refuse_unfilled
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.vendor import PERMISSION_DENIED, PROJECT_NOT_FOUND, bad_answer, case_of

NEEDED = ("BROWSE_PROJECTS", "CREATE_ISSUES")
USEFUL = ("EDIT_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES", "ASSIGN_ISSUES", "SCHEDULE_ISSUES")
_OPTIONAL = (
    ("labels", "labels"),
    ("priority", "priority"),
    ("duedate", "due date"),
    ("components", "components"),
)

_TITLES = {
    TroubleCase.PERMISSION_DENIED: "Permission denied",
    TroubleCase.PROJECT_NOT_FOUND: "Project not found",
}


def check_connection(session: VendorSession, project: ProjectReader, config: JiraConfig) -> ConnectionReport:
    """Ask, in the order in which things go wrong: server, account, project, permissions, types, screens, priorities."""
    started = time.monotonic()
    details: dict[str, Any] = {}
    warnings: list[str] = []
    try:
        _server(session, project, config, details, warnings)
        _account(session, details)
        _project(session, config, details)
        _permissions(session, config, details, warnings)
        _types_and_screens(project, config, details, warnings)
        _priorities(session, config, warnings)
    except DeliveryError as error:
        case = case_of(error)
        title = _TITLES.get(case, "JIRA integration not available")
        summary = error.message if error.message.startswith(title) else f"{title}: {error.message}"
        return ConnectionReport(
            ok=False, kind="jira", summary=summary, hint=error.hint, case=case, offers=_offers(project, details), details=details,
            warnings=tuple(warnings), facts=_facts(details), latency_ms=_milliseconds(started),
        )  # fmt: skip
    info, server = details["project_info"], details["server_info"]
    return ConnectionReport(
        ok=True,
        kind="jira",
        summary=f"Connected to {server['server_title']}, project {info['name']} ({info['key']}).",
        facts=_facts(details),
        warnings=tuple(warnings),
        offers=_offers(project, details),
        details=details,
        latency_ms=_milliseconds(started),
    )


def wrong_types(project: ProjectReader, config: JiraConfig) -> dict[str, str]:
    """Types that a person chose and no ticket can have, by setting; the ones that nobody chose may be missing."""
    wanted = {"issue_type": config.issue_type, "security_issue_type": config.security_issue_type}
    unchosen = {"issue_type": DEFAULT_TYPE, "security_issue_type": DEFAULT_SECURITY_TYPE}
    picked = {field: name for field, name in wanted.items() if name and name != unchosen[field]}
    if not picked:
        return {}
    types = project.issue_types()
    found = {field: problem_of(types, name) for field, name in picked.items()}
    return {field: words for field, words in found.items() if words}


def _offers(project: ProjectReader, details: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The project's own types that a ticket can have, once the check got as far as to read them."""
    if "types" not in details:
        return {}
    names = tuple(details.pop("types"))
    return {"issue_type": names, "security_issue_type": names}


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _facts(details: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    facts: list[tuple[str, str]] = []
    if server := details.get("server_info"):
        facts.append(
            ("Server", f"{server['server_title']} {server['version']} ({server['deployment_type']})")
        )
    if user := details.get("account"):
        facts.append(("Account", str(user)))
    if info := details.get("project_info"):
        facts.append(("Tickets open at", details["server_info"]["base_url"]))
        facts.append(("Project", f"{info['name']} ({info['key']})"))
        facts.append(("Issue types", ", ".join(info["issue_types"])))
    if "used_types" in details:
        facts.append(("Tickets are", " and ".join(details["used_types"])))
    if filled := details.get("filled_in"):
        names = dict.fromkeys(name for named in filled.values() for name in named)
        facts.append(("Filled in", ", ".join(names)))
    if "permissions" in details:
        facts.append(("Permissions", ", ".join(details["permissions"]) or "none"))
    return tuple(facts)


def _object(data: Any, what: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise bad_answer(what)
    return data


def _server(
    session: VendorSession,
    project: ProjectReader,
    config: JiraConfig,
    details: dict[str, Any],
    warnings: list[str],
) -> None:
    data = _object(session.read("GET", "/serverInfo").data, "itself")
    web = project.take_web_url(data)
    if "version" not in data and "deploymentType" not in data:
        raise bad_answer("itself")
    deployment = str(data.get("deploymentType") or "Server")
    details["server_info"] = {
        "server_title": str(data.get("serverTitle") or "Jira"),
        "version": str(data.get("version") or ""),
        "deployment_type": deployment,
        "base_url": web,
    }
    if config.cloud != (deployment == "Cloud"):
        right = "Jira Cloud" if deployment == "Cloud" else "on-premise"
        warnings.append(f"This server says that it is {deployment}: set the instance type to {right}.")


def _account(session: VendorSession, details: dict[str, Any]) -> None:
    data = _object(session.read("GET", "/myself").data, "the account")
    details["account"] = str(data.get("displayName") or data.get("name") or "")


def _project(session: VendorSession, config: JiraConfig, details: dict[str, Any]) -> None:
    try:
        data = _object(session.read("GET", f"/project/{config.project_key}").data, "the project")
    except PermanentDeliveryError as error:
        if error.status != 404:
            raise
        missing = error
    else:
        if data.get("archived") or data.get("deleted"):
            raise PermanentDeliveryError(
                f"Project not found: {config.project_key} is archived.",
                reason=FailureReason.GONE,
                hint=PROJECT_NOT_FOUND,
            )
        rows = data.get("issueTypes")
        names = [str(r.get("name")) for r in rows if isinstance(r, dict)] if isinstance(rows, list) else []
        details["project_info"] = {
            "key": str(data.get("key") or config.project_key),
            "name": str(data.get("name") or config.project_key),
            "issue_types": names,
        }
        return
    raise PermanentDeliveryError(
        f"Project not found: {config.project_key}.",
        reason=FailureReason.GONE,
        hint=PROJECT_NOT_FOUND,
        status=404,
        detail=missing.detail,
    )


def _permissions(
    session: VendorSession, config: JiraConfig, details: dict[str, Any], warnings: list[str]
) -> None:
    params = {"projectKey": config.project_key}
    if (
        config.cloud
    ):  # Cloud answers 400 without the list; Data Center does not know the parameter and tells all
        params["permissions"] = ",".join((*NEEDED, *USEFUL))
    try:
        data = _object(session.read("GET", "/mypermissions", params=params).data, "permissions")
    except PermanentDeliveryError as error:
        if error.status != 404:
            raise
        warnings.append("This Jira does not tell what the account may do; the first ticket will show it.")
        return
    rows = data.get("permissions")
    if not isinstance(rows, dict):
        raise bad_answer("permissions")
    granted = [
        name
        for name in (*NEEDED, *USEFUL)
        if isinstance(rows.get(name), dict) and rows[name].get("havePermission") is True
    ]
    details["permissions"] = granted
    lacking = [name for name in NEEDED if name not in granted]
    if lacking:
        raise PermanentDeliveryError(
            f"Permission denied: this account lacks {', '.join(lacking)} in project {config.project_key}.",
            reason=FailureReason.AUTH,
            hint=PERMISSION_DENIED,
            status=403,
        )
    if missing := [name for name in USEFUL if name in rows and name not in granted]:
        warnings.append(f"Not permitted, so left out where it is needed: {', '.join(missing)}.")


def _types_and_screens(
    project: ProjectReader, config: JiraConfig, details: dict[str, Any], warnings: list[str]
) -> None:
    types = project.issue_types()
    details["project_info"]["issue_types"] = [t.name for t in types]
    details["types"] = [t.name for t in types if t.ordinary]
    if wrong := wrong_types(project, config):
        field, words = next(iter(wrong.items()))
        raise PermanentDeliveryError(
            f"{JiraConfig.model_fields[field].title}: {words}.",
            reason=FailureReason.SETTINGS,
            hint=f"Choose one of the project's types under {JiraConfig.model_fields[field].title}.",
        )
    used = project.used_types()
    details["used_types"] = [t.name for t in used]
    if (plain := used[0]) and not plain.is_called(config.issue_type):
        warnings.append(
            f"The project has no issue type “{config.issue_type}”; “{plain.name}” is used instead."
        )
    if config.security_issue_type and not used[-1].is_called(config.security_issue_type) and len(used) == 1:
        warnings.append(f"Security alerts get the same type: there is no “{config.security_issue_type}”.")
    _screens(project, config, used, details, warnings)
    if unknown := sorted(set(config.components) - (project.components() if config.components else set())):
        warnings.append(f"The project has no component {', '.join(unknown)}: left out of tickets.")


def _screens(
    project: ProjectReader,
    config: JiraConfig,
    used: tuple[IssueType, ...],
    details: dict[str, Any],
    warnings: list[str],
) -> None:
    """What each type's screen lacks is said once for all types; what it asks for and nobody fills in ends the test."""
    missing: dict[str, list[str]] = {}
    absent: list[set[str]] = []
    for issue_type in used:
        screen = project.screen(issue_type)
        filled = fill(project, screen, config)
        refuse_unfilled(issue_type, screen, filled, config)
        absent.append(set(filled.absent))
        for field, words in _OPTIONAL:
            if not screen.has(field) and (field != "components" or config.components):
                missing.setdefault(words, []).append(issue_type.name)
        if filled.fields:
            details.setdefault("filled_in", {})[issue_type.name] = sorted(
                screen.spoken(name).strip("“”") for name in filled.fields
            )
    for types in dict.fromkeys(map(tuple, missing.values())):
        words = ", ".join(word for word, named in missing.items() if tuple(named) == types)
        warnings.append(f"The create screen of {' and '.join(types)} has no {words}: left out of tickets.")
    if nowhere := sorted(set.intersection(*absent)):
        warnings.append(
            f"No create screen has the field {', '.join(nowhere)}: its value is left out of tickets."
        )


def _priorities(session: VendorSession, config: JiraConfig, warnings: list[str]) -> None:
    rows = session.read("GET", "/priority").data
    names = (
        {str(row.get("name")) for row in rows if isinstance(row, dict)} if isinstance(rows, list) else set()
    )
    missing = [name for name in dict.fromkeys(config.priority_mapping.values()) if name not in names]
    if names and missing:
        warnings.append(f"Jira has no priority {', '.join(missing)}: change the priority mapping.")
