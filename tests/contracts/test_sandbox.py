"""The product's own connectors against its own sandbox: what practice shows must be what the real thing does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from soc.configuration.practice import practice_settings
from soc.domain.message import OpenTicket, ResolveAlert, SendAlert, TicketLink, UpdateAlert
from soc.integrations.kit.base import Connector
from soc.integrations.kit.connection import http_client
from soc.integrations.registry import connect, validate
from soc.integrations.vendors.jira import JiraConnector
from soc.sandbox import server as practice
from soc.sandbox.server import SandboxServer
from tests.integrations.examples import SUMMARY, an_incident


@pytest.fixture
def connectors(tmp_path: Path) -> Iterator[dict[str, Connector]]:
    with SandboxServer(state_path=tmp_path / "journal.jsonl") as sandbox:
        port = httpx.URL(sandbox.url).port
        shared = {"settle_seconds": 0, "practice": True, "timeout": 5}
        jira = {**shared, "api_token": practice.JIRA_TOKEN, "components": "Security"}
        configs = {
            "cloud": ("jira", {**jira, "base_url": sandbox.jira_url, "username": practice.JIRA_EMAIL}),
            "dc": ("jira", {**jira, "base_url": sandbox.jira_dc_url, "instance_type": "server"}),
            "slack": ("slack", {**shared, "base_url": sandbox.slack_url, "bot_token": practice.SLACK_TOKEN}),
            **{
                kind: (kind, {**data, "timeout": 5})
                for kind, data in practice_settings(sandbox.url).items()
                if kind not in ("jira", "slack")
            },
        }
        with http_client(extra_allowed=[f"127.0.0.1:{port}"]) as client:
            yield {n: connect(kind, validate(kind, data), http=client) for n, (kind, data) in configs.items()}


def test_every_connection_check_passes_without_a_warning(connectors: dict[str, Connector]) -> None:
    for name, connector in connectors.items():
        report = connector.check()
        assert report.ok, f"{name}: {report.summary}"
        assert report.warnings == (), name


@pytest.mark.parametrize("name", ["cloud", "dc"])
def test_a_ticket_is_opened_found_again_and_read_back(connectors: dict[str, Connector], name: str) -> None:
    jira = connectors[name]
    assert isinstance(jira, JiraConnector)
    message = OpenTicket(incident=an_incident(), due="2026-01-15")
    before = datetime.now(UTC)
    assert jira.reconcile(message, delivery_id="del-1", since=before) is None
    receipt = jira.deliver(message, delivery_id="del-1")
    found = jira.reconcile(message, delivery_id="del-1", since=before)
    assert found is not None
    assert (found.key, found.remote_id, receipt.extra) == (receipt.key, receipt.remote_id, {})
    [ticket] = jira.fetch_tickets([receipt.key, "SOC-99999"])
    assert ticket.summary == "[CRITICAL] Security Alert - SecuritySystem (Severity 9)"
    assert (ticket.priority, ticket.status_category, "soc-practice" in ticket.labels) == (
        "Highest",
        "new",
        True,
    )
    assert [t.key for t in jira.search_open()] == [receipt.key]


def test_an_alert_is_posted_found_again_and_updated_and_a_summary_follows(
    connectors: dict[str, Connector],
) -> None:
    slack = connectors["slack"]
    alert, before = SendAlert(incident=an_incident()), datetime.now(UTC)
    receipt = slack.deliver(alert, delivery_id="del-1")
    found = slack.reconcile(alert, delivery_id="del-1", since=before)
    assert found is not None
    assert found.remote_id == receipt.remote_id
    link = TicketLink(key="SOC-1", url="https://jira.example/browse/SOC-1")
    update = UpdateAlert(incident=alert.incident, ticket=link, channel=receipt.key, ts=receipt.remote_id)
    assert slack.deliver(update, delivery_id="del-2").remote_id == receipt.remote_id
    assert slack.reconcile(alert, delivery_id="del-1", since=before) is not None, "an update keeps the id"
    assert slack.deliver(SUMMARY, delivery_id="del-3").remote_id != receipt.remote_id


@pytest.mark.parametrize("name", ["pagerduty", "stackstorm", "webhook"])
def test_an_alert_arrives_and_its_end_too(connectors: dict[str, Connector], name: str) -> None:
    incident = an_incident()
    receipt = connectors[name].deliver(SendAlert(incident=incident), delivery_id="dlv-1")
    assert receipt.remote_id
    if name == "stackstorm":
        assert receipt.extra["status"] in ("requested", "running", "succeeded")
        found = connectors[name].reconcile(
            SendAlert(incident=incident), delivery_id="dlv-1", since=datetime.now(UTC)
        )
        assert found is not None
        assert found.remote_id == receipt.remote_id
    else:
        connectors[name].deliver(ResolveAlert(incident=incident), delivery_id="dlv-2")
