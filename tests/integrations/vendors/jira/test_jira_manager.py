"""The setup guide's own Python calls."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import time_machine

from soc.domain.actor import AT_A_PAGE
from soc.domain.severity import Priority
from soc.domain.sla.policy import GUIDE_POLICY, Target
from soc.errors import ConfigurationError
from soc.integrations.registry import validate
from soc.integrations.vendors.jira import JiraConfig, JiraConnector, JiraManager, get_jira_manager
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.sla.sla_policies import put_version
from tests.integrations.everyone import BY_NAME
from tests.integrations.examples import Handler
from tests.integrations.vendors.jira.example import CLOUD, CREATED, jira_read


def manager(handler: Handler, **changes: Any) -> JiraManager:
    config = validate("jira", {**CLOUD, "settle_seconds": 0, **changes})

    def connect(config: JiraConfig) -> JiraConnector:
        connector = BY_NAME["jira cloud"].connector(handler, settle_seconds=config.settle_seconds)
        assert isinstance(connector, JiraConnector)
        return connector

    return JiraManager(lambda: config, connect)


def answering(path: str, answer: httpx.Response) -> Handler:
    return lambda request: answer if request.url.path.endswith(path) else jira_read(request)


def test_it_is_available_when_configured_and_switched_on() -> None:
    assert manager(jira_read).is_available()
    assert not manager(jira_read, enabled=False).is_available()
    assert not JiraManager(lambda: None).is_available()


def test_a_test_of_the_connection_has_the_guides_keys() -> None:
    result = manager(jira_read).test_connection()
    assert result["status"] == "success"
    assert result["server_info"]["server_title"] == "Jira"
    assert (result["project_info"]["name"], result["project_info"]["key"]) == (
        "Security Operations Center",
        "SOC",
    )
    assert "CREATE_ISSUES" in result["permissions"]


def test_a_failed_test_says_why_and_what_to_do() -> None:
    result = manager(answering("/myself", httpx.Response(401))).test_connection()
    assert result["status"] == "error"
    assert result["error"].startswith("JIRA integration not available")
    assert "API token is valid" in result["hint"]
    assert JiraManager(lambda: None).test_connection()["error"] == "JIRA integration not available."


def test_a_test_incident_has_the_guides_keys() -> None:
    ticket = asyncio.run(manager(answering("/issue", httpx.Response(201, json=CREATED))).send_test_incident())
    assert ticket == {
        "ticket_id": "SOC-12",
        "ticket_url": "https://soc.atlassian.net/browse/SOC-12",
        "priority": "Highest",
        "summary": "[CRITICAL] Security Alert - SecuritySystem (Severity 9)",
    }


def test_a_test_incident_that_fails_is_none_and_the_log_says_why(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert asyncio.run(manager(answering("/issue", httpx.Response(403))).send_test_incident()) is None
    assert "Permission denied" in caplog.text


def test_a_test_incident_whose_answer_is_lost_is_looked_for_and_not_sent_again() -> None:
    writes: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/issue"):
            writes.append(request)
            raise httpx.ReadTimeout("lost")
        if "/search" in request.url.path:
            return httpx.Response(200, json={"issues": [CREATED], "isLast": True})
        return jira_read(request)

    ticket = asyncio.run(manager(handler).send_test_incident())
    assert ticket is not None
    assert ticket["ticket_id"] == "SOC-12"
    assert len(writes) == 1


def _open(key: str, priority: str, created: str) -> dict[str, Any]:
    status = {"name": "Open", "statusCategory": {"key": "new"}}
    fields = {
        "summary": "s",
        "status": status,
        "priority": {"name": priority},
        "created": created,
        "updated": created,
    }
    return {"id": "1", "key": key, "fields": fields}


@time_machine.travel("2026-01-15T12:00:00Z", tick=False)
def test_open_incidents_and_violations_follow_the_guides_times() -> None:
    issues = [
        _open("SOC-1", "Highest", "2026-01-15T10:30:00.000+0000"),
        _open("SOC-2", "High", "2026-01-15T10:30:00.000+0000"),
        _open("SOC-3", "High", "2026-01-15T07:00:00.000+0000"),
        _open("SOC-4", "Blocker", "2025-01-15T07:00:00.000+0000"),
    ]
    jira = manager(answering("/search/jql", httpx.Response(200, json={"issues": issues, "isLast": True})))
    assert [row["ticket_id"] for row in asyncio.run(jira.get_open_incidents())] == [
        "SOC-1",
        "SOC-2",
        "SOC-3",
        "SOC-4",
    ]
    violations = asyncio.run(jira.get_sla_violations())
    assert [(row["ticket_id"], row["overdue_minutes"]) for row in violations] == [
        ("SOC-3", 60),
        ("SOC-1", 30),
    ]


@time_machine.travel("2026-01-15T12:00:00Z", tick=False)
def test_violations_follow_the_times_that_were_saved_here() -> None:
    migrate()
    with write_session() as session:
        hour = {**GUIDE_POLICY.targets, Priority.HIGH: Target(response=60, resolution=600)}
        put_version(session, GUIDE_POLICY.model_copy(update={"targets": hour}), actor=AT_A_PAGE)
    issues = [_open("SOC-1", "High", "2026-01-15T10:30:00.000+0000")]
    jira = manager(answering("/search/jql", httpx.Response(200, json={"issues": issues, "isLast": True})))
    assert [row["overdue_minutes"] for row in asyncio.run(jira.get_sla_violations())] == [30]


def test_without_a_configuration_the_lists_say_so() -> None:
    with pytest.raises(ConfigurationError, match="JIRA integration not available"):
        asyncio.run(JiraManager(lambda: None).get_open_incidents())


def test_the_guides_entry_is_there() -> None:
    assert isinstance(get_jira_manager(), JiraManager)
