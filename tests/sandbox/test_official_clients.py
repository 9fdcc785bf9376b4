"""The vendors' own client libraries read what our connectors made, from the sandbox: a judge that is not ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jira import JIRA
from slack_sdk import WebClient

from soc.domain.classification import Classification
from soc.domain.incident import Incident
from soc.domain.message import OpenTicket, SendAlert
from soc.integrations.kit.addresses import allow, disallow
from soc.integrations.registry import connect, validate
from soc.sandbox.server import (
    JIRA_EMAIL,
    JIRA_PROJECT,
    JIRA_TOKEN,
    SLACK_CHANNEL,
    SLACK_TOKEN,
    SandboxServer,
)

INCIDENT = Incident(
    id="inc-1", batch_id="bat-1", title="Failed logins", source="SecuritySystem",
    classification=Classification.SECURITY_ALERT, score=9, confidence=0.9, rule_id="auth", template_id="t", template="t",
    entity="", count=1, first_seen=None, last_seen=None, message="CRITICAL: <!channel> breach", reasons=(), samples=(),
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        entry = f"127.0.0.1:{running.port}"
        allow(entry)
        yield running
        disallow(entry)


def test_the_jira_library_finds_our_ticket_by_its_label(server: SandboxServer) -> None:
    settings = {"base_url": server.jira_url, "username": JIRA_EMAIL, "api_token": JIRA_TOKEN}
    ours = connect("jira", validate("jira", settings))
    receipt = ours.deliver(OpenTicket(incident=INCIDENT, due="2026-01-15"), delivery_id="dlv-1")
    library = JIRA(
        server.jira_url, basic_auth=(JIRA_EMAIL, JIRA_TOKEN), max_retries=0, options={"rest_api_version": "3"}
    )
    (issue,) = library.enhanced_search_issues(
        f'project = "{JIRA_PROJECT}" AND labels = "soc-incident-inc-1"', fields="summary,priority,labels"
    )
    assert issue.key == receipt.key
    assert issue.fields.summary == "[CRITICAL] Security Alert - SecuritySystem (Severity 9)"
    assert issue.fields.priority.name == "Highest"


def test_slack_s_library_finds_our_alert_by_its_metadata(server: SandboxServer) -> None:
    settings = {"base_url": server.slack_url, "bot_token": SLACK_TOKEN, "channel": SLACK_CHANNEL}
    ours = connect("slack", validate("slack", settings))
    receipt = ours.deliver(SendAlert(incident=INCIDENT), delivery_id="dlv-1")
    library = WebClient(token=SLACK_TOKEN, base_url=server.slack_url)
    (message,) = library.conversations_history(channel=receipt.key, include_all_metadata=True)["messages"]
    assert message["metadata"]["event_payload"]["id"] == "dlv-1"
    assert "<!channel>" not in str(message["blocks"])
