"""A real sandbox on a free loopback port, and clients that speak to it as a product would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from soc.sandbox import server as practice
from soc.sandbox.opsgenie import catalogue as opsgenie_facts
from soc.sandbox.server import SandboxServer
from soc.sandbox.stackstorm.memory import StackStormMemory


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "sandbox" / "journal.jsonl"


@pytest.fixture
def sandbox(journal: Path) -> Iterator[SandboxServer]:
    with SandboxServer(state_path=journal) as server:
        yield server


@pytest.fixture
def jira(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """Jira Cloud, API version 3."""
    auth = (practice.JIRA_EMAIL, practice.JIRA_TOKEN)
    with httpx.Client(base_url=f"{sandbox.jira_url}/rest/api/3/", auth=auth) as client:
        yield client


@pytest.fixture
def jira_dc(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """Jira Data Center, API version 2, by personal access token."""
    headers = {"authorization": f"Bearer {practice.JIRA_TOKEN}"}
    with httpx.Client(base_url=f"{sandbox.jira_dc_url}/rest/api/2/", headers=headers) as client:
        yield client


@pytest.fixture
def slack(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {practice.SLACK_TOKEN}"}
    with httpx.Client(base_url=sandbox.slack_url, headers=headers) as client:
        yield client


@pytest.fixture
def events(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """PagerDuty's Events API."""
    with httpx.Client(base_url=f"{sandbox.pagerduty_events_url}/v2/") as client:
        yield client


@pytest.fixture
def pagerduty(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """PagerDuty's REST API."""
    headers = {"authorization": f"Token token={practice.PAGERDUTY_TOKEN}"}
    with httpx.Client(base_url=sandbox.pagerduty_url, headers=headers) as client:
        yield client


@pytest.fixture
def stackstorm(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """StackStorm, with actions that run for a tenth of a second."""
    sandbox.state.of(StackStormMemory).execution_seconds = 0.1
    headers = {"st2-api-key": practice.STACKSTORM_API_KEY}
    with httpx.Client(base_url=f"{sandbox.stackstorm_url}/api/v1/", headers=headers) as client:
        yield client


@pytest.fixture
def opsgenie(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """Opsgenie's Alert API."""
    headers = {"authorization": f"GenieKey {opsgenie_facts.API_KEY}"}
    with httpx.Client(base_url=f"{sandbox.url}/opsgenie/v2/", headers=headers) as client:
        yield client


@pytest.fixture
def trigger() -> dict[str, Any]:
    """A good event for PagerDuty."""
    return {
        "routing_key": practice.PAGERDUTY_INTEGRATION_KEY,
        "event_action": "trigger",
        "dedup_key": "soc-incident-1",
        "payload": {
            "summary": "Payment processing service is down",
            "source": "audit-service",
            "severity": "critical",
            "component": "payment-service",
            "group": "production",
            "custom_details": {"incident_id": "inc-123"},
        },
        "client": "SOC dashboard",
        "client_url": "http://127.0.0.1:8501/",
        "links": [{"href": "http://127.0.0.1:8501/incidents/1", "text": "the incident"}],
    }


@pytest.fixture
def admin(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url) as client:
        yield client


@pytest.fixture
def document() -> dict[str, Any]:
    text = {"type": "text", "text": "Failed login for root", "marks": [{"type": "strong"}]}
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [text]}]}


@pytest.fixture
def ticket(document: dict[str, Any]) -> dict[str, Any]:
    """The fields of a good ticket for Cloud's version 3."""
    return {
        "project": {"key": "SOC"},
        "issuetype": {"name": "Security Incident"},
        "summary": "[CRITICAL] Security Alert - SecuritySystem (Severity 9)",
        "description": document,
        "priority": {"name": "Highest"},
        "labels": ["soc-automated", "soc-incident-1"],
        "components": [{"name": "Security"}],
        "duedate": "2026-01-15",
    }


@pytest.fixture
def plain_ticket(ticket: dict[str, Any]) -> dict[str, Any]:
    """The same with a plain text, as version 2 wants it."""
    return {**ticket, "description": "Failed login for root"}
