"""The readiness of the Jira project: what would fail, by the practice Jira and by one that lacks things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from soc.configuration import readiness as readiness_module
from soc.configuration import save
from soc.configuration.readiness import check_readiness, last_readiness
from soc.configuration.save import disconnect, save_configuration
from soc.domain.actor import AT_A_PAGE
from soc.integrations.kit import addresses
from soc.integrations.registry import KINDS
from soc.integrations.vendors.jira import JiraConfig
from soc.integrations.vendors.jira import kind as declared
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.readiness import Finding, Readiness, check_project
from soc.integrations.vendors.jira.vendor import session_of
from soc.sandbox import server as sandbox
from soc.store.migrate import migrate

CONFIG = JiraConfig.model_validate(
    {
        "base_url": "https://jira.example.com",
        "username": "soc@example.com",
        "api_token": "planted-Secret-42",
        "components": ["Security"],
    }
)


@pytest.fixture(scope="module")
def practice() -> Iterator[sandbox.SandboxServer]:
    with sandbox.SandboxServer() as server:
        entry = f"{sandbox.DEFAULT_HOST}:{server.port}"
        addresses.allow(entry)
        yield server
        addresses.disallow(entry)


@pytest.fixture
def connected(practice: sandbox.SandboxServer) -> dict[str, Any]:
    """Saved settings that speak to the practice Jira."""
    migrate()
    data = {
        "base_url": practice.jira_url,
        "username": sandbox.JIRA_EMAIL,
        "api_token": sandbox.JIRA_TOKEN,
        "components": ["Security"],
    }
    save_configuration("jira", data, actor=AT_A_PAGE)
    return data


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def test_the_practice_project_is_ready(connected: dict[str, Any]) -> None:
    findings = check_readiness("jira")
    assert {finding.state for finding in findings} == {Readiness.OK}
    assert {"Project SOC", "Permissions", "Priorities", "Components"} <= set(by_subject(findings))


def test_data_center_is_asked_in_its_own_way(
    connected: dict[str, Any], practice: sandbox.SandboxServer
) -> None:
    save_configuration(
        "jira",
        {**connected, "base_url": practice.jira_dc_url, "instance_type": "on_premise", "username": ""},
        actor=AT_A_PAGE,
    )
    assert {finding.state for finding in check_readiness("jira")} == {Readiness.OK}


def test_what_was_found_is_kept_with_its_time(connected: dict[str, Any]) -> None:
    assert last_readiness("jira") is None
    findings = check_readiness("jira")
    kept = last_readiness("jira")
    assert kept is not None
    assert kept.findings == findings
    assert kept.state is Readiness.OK
    assert not kept.outdated


def test_findings_about_another_project_are_called_outdated(connected: dict[str, Any]) -> None:
    check_readiness("jira")
    save_configuration("jira", {**connected, "project_key": "NIGHT"}, actor=AT_A_PAGE)
    kept = last_readiness("jira")
    assert kept is not None
    assert kept.outdated


def test_a_project_that_is_not_there_fails_with_the_guides_hint(connected: dict[str, Any]) -> None:
    save_configuration("jira", {**connected, "project_key": "GONE"}, actor=AT_A_PAGE)
    (finding,) = check_readiness("jira")
    assert finding.state is Readiness.FAILS
    assert finding.remedy


def test_settings_that_the_project_does_not_know_any_more_are_warned_about(
    connected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(save, "refuse_untaken", lambda *_: "")  # when it was saved, the project had the type
    save_configuration(
        "jira",
        {
            **connected,
            "issue_type": "Alarm",
            "components": ["Ghosts"],
            "priority_mapping": {"critical": "Burning"},
        },
        actor=AT_A_PAGE,
    )
    found = by_subject(check_readiness("jira"))
    assert found["Issue type “Alarm”"].state is Readiness.WARNING
    assert "“Incident” is used" in found["Issue type “Alarm”"].consequence
    assert found["Component “Ghosts”"].state is Readiness.WARNING
    assert "severity critical" in found["Priority “Burning”"].consequence
    assert "Highest" in found["Priority “Burning”"].remedy


def test_nothing_is_asked_where_jira_is_absent() -> None:
    migrate()
    assert check_readiness("jira") == []
    assert last_readiness("jira") is None


def test_a_removed_jira_keeps_its_last_findings_readable(connected: dict[str, Any]) -> None:
    check_readiness("jira")
    disconnect("jira", actor=AT_A_PAGE)
    assert last_readiness("jira") is not None


def test_an_open_ticket_shows_its_steps(connected: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "_open_ticket", lambda _connector: "SOC-999999")
    last = check_readiness("jira")[-1]
    assert (last.subject, last.state) == ("The rest of the check", Readiness.FAILS)


# A Jira that lacks things: at the transport, since the practice Jira lacks nothing.

PERMISSIONS = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES",
               "ASSIGN_ISSUES", "SCHEDULE_ISSUES")  # fmt: skip
STATUSES = [
    {"name": name, "statusCategory": {"key": key}}
    for name, key in (("Open", "new"), ("Working", "indeterminate"), ("Closed", "done"))
]


def findings_of(
    *,
    lacks: tuple[str, ...] = (),
    fields: tuple[str, ...] = ("labels", "priority", "duedate", "components"),
    required: tuple[str, ...] = (),
    statuses: list[dict[str, Any]] = STATUSES,
    transitions: list[dict[str, Any]] | None = None,
    instead: Callable[[str], httpx.Response | None] = lambda path: None,
) -> dict[str, Finding]:
    answers: dict[str, Any] = {
        "/project/SOC": {"key": "SOC", "name": "SOC", "components": [{"name": "Security"}]},
        "/mypermissions": {"permissions": {p: {"havePermission": p not in lacks} for p in PERMISSIONS}},
        "/issue/createmeta/SOC/issuetypes": {
            "issueTypes": [{"id": "4", "name": "Incident"}, {"id": "6", "name": "Security Incident"}],
            "total": 2,
        },
        "/priority": [{"name": name} for name in ("Highest", "High", "Medium", "Low", "Lowest")],
        "/project/SOC/statuses": [{"id": "4", "statuses": statuses}, {"id": "6", "statuses": STATUSES}],
        "/issue/SOC-1/transitions": {"transitions": transitions or []},
    }
    for number in ("4", "6"):
        rows = [{"fieldId": name} for name in fields] + [{"fieldId": n, "required": True} for n in required]
        answers[f"/issue/createmeta/SOC/issuetypes/{number}"] = {"fields": rows, "total": len(rows)}

    def handler(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/rest/api/3")
        return instead(path) or httpx.Response(200, json=answers[path])

    session = session_of(CONFIG, httpx.Client(transport=httpx.MockTransport(handler)))
    ticket = "SOC-1" if transitions is not None else ""
    return by_subject(check_project(session, ProjectReader(session, CONFIG), CONFIG, open_ticket=ticket))


def test_a_permission_that_every_ticket_needs_fails_and_others_warn() -> None:
    found = findings_of(lacks=("CREATE_ISSUES", "ASSIGN_ISSUES"))
    assert found["Permission “Create issues”"].state is Readiness.FAILS
    assert found["Permission “Assign issues”"].state is Readiness.WARNING
    assert "CREATE_ISSUES" in found["Permission “Create issues”"].remedy


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("labels", "Labels"),
        ("priority", "Priority"),
        ("duedate", "Due date"),
        ("components", "Components"),
    ],
)
def test_a_field_that_the_create_screen_lacks_is_said(name: str, title: str) -> None:
    fields = tuple(one for one in ("labels", "priority", "duedate", "components") if one != name)
    finding = findings_of(fields=fields)[f"Create screen of Incident: {title}"]
    assert finding.state is Readiness.WARNING
    assert finding.remedy


def test_a_required_field_that_nobody_fills_in_fails() -> None:
    finding = findings_of(required=("customfield_10050",))["Create screen of Incident: customfield_10050"]
    assert finding.state is Readiness.FAILS


def test_a_workflow_that_never_ends_fails() -> None:
    found = findings_of(statuses=STATUSES[:2])
    assert found["Workflow of Incident: Done"].state is Readiness.FAILS
    assert found["Workflow of Security Incident"].state is Readiness.OK


def test_a_ticket_without_any_step_is_warned_about() -> None:
    assert findings_of(transitions=[])["Transitions of SOC-1"].state is Readiness.WARNING
    found = findings_of(transitions=[{"name": "Close", "to": {}}])["Transitions of SOC-1"]
    assert (found.state, found.consequence) == (Readiness.OK, "Offered now: Close.")


def test_what_cannot_be_asked_is_a_finding_and_keeps_the_ones_before_it() -> None:
    found = findings_of(instead=lambda path: httpx.Response(503) if path == "/priority" else None)
    assert found["The rest of the check"].state is Readiness.FAILS
    assert found["Project SOC"].state is Readiness.OK


def test_a_server_that_does_not_tell_permissions_is_only_warned_about() -> None:
    found = findings_of(instead=lambda path: httpx.Response(404) if path == "/mypermissions" else None)
    assert found["Permissions"].state is Readiness.WARNING


def test_an_answer_that_is_not_jiras_is_a_finding_not_a_crash() -> None:
    for path in ("/project/SOC", "/mypermissions", "/priority", "/project/SOC/statuses"):
        found = findings_of(
            instead=lambda asked, path=path: httpx.Response(200, json="x") if asked == path else None
        )
        assert any(finding.state is Readiness.FAILS for finding in found.values()), path


def test_the_daily_check_outlasts_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def away_at_first(kind: str) -> list[object]:
        asked.append(kind)
        if len(asked) < 3:
            raise OperationalError("SELECT 1", {}, Exception("the database system is starting up"))
        return []

    monkeypatch.setattr(readiness_module, "check_readiness", away_at_first)
    monkeypatch.setattr("soc.store.faults.time.sleep", lambda _seconds: None)
    readiness_module.check_every_readiness()
    kinds = [name for name, kind in KINDS.items() if kind.readiness is not None]
    assert asked == [kinds[0], kinds[0], *kinds]
