"""Every request that the integrations guide prints, sent as printed, gets what a reader of the guide expects."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from soc import clock
from soc.api import api
from soc.api.guard import ApiGuard
from soc.configuration import practice
from soc.delivery import connectors
from soc.domain.actor import AT_A_PAGE
from soc.integrations.kit.redaction import MASK
from soc.sandbox.jira.memory import JiraMemory
from soc.sandbox.pagerduty.memory import PagerDutyMemory
from soc.sandbox.stackstorm.memory import StackStormMemory
from soc.sandbox.state import SandboxState
from soc.sandbox.webhook.memory import WebhookMemory
from soc.store.migrate import migrate
from tests.guarantees.network import Names, closed_network

ROOT = "/api/v1/integrations"


class Example(NamedTuple):
    method: str
    path: str
    body: dict[str, Any] | None = None


JIRA: dict[str, Any] = {
    "enabled": True,
    "instance_type": "cloud",
    "base_url": "https://your-domain.atlassian.net",
    "username": "your-email@company.com",
    "api_token": "your-api-token",
    "project_key": "PROJ",
    "issue_type": "Bug",
    "priority_mapping": {"critical": "Highest", "high": "High", "medium": "Medium", "low": "Low"},
}
STACKSTORM: dict[str, Any] = {
    "enabled": True,
    "base_url": "https://stackstorm.your-company.com",
    "api_key": "your-api-key",
    "timeout": 30,
    "retry_count": 3,
    "ignore_ssl": False,
}
PAGERDUTY: dict[str, Any] = {
    "enabled": True,
    "integration_key": "your-integration-key",
    "service_id": "PXXXXXXXX",
    "escalation_policy_id": "PXXXXXXXX",
    "severity_mapping": {"critical": "critical", "high": "error", "medium": "warning", "low": "info"},
}
WEBHOOK: dict[str, Any] = {
    "enabled": True,
    "url": "https://your-system.com/webhook",
    "method": "POST",
    "headers": {"Authorization": "Bearer your-token", "Content-Type": "application/json"},
    "timeout": 30,
    "retry_count": 3,
    "verify_ssl": True,
}
CONFIGS = {"jira": JIRA, "stackstorm": STACKSTORM, "pagerduty": PAGERDUTY, "webhook": WEBHOOK}
#: What the guide's examples keep secret, by integration and field.
SECRETS = {
    "jira": {"api_token": "your-api-token"},
    "stackstorm": {"api_key": "your-api-key"},
    "pagerduty": {"integration_key": "your-integration-key"},
    "webhook": {"headers": {"Authorization": "Bearer your-token", "Content-Type": "application/json"}},
}
TESTS: dict[str, dict[str, Any]] = {
    "jira": {name: JIRA[name] for name in ("base_url", "username", "api_token")},
    "stackstorm": {name: STACKSTORM[name] for name in ("base_url", "api_key")},
    "pagerduty": {"integration_key": "your-integration-key"},
    "webhook": {
        "url": "https://your-system.com/webhook",
        "method": "POST",
        "headers": {"Authorization": "Bearer your-token"},
        "timeout": 30,
        "verify_ssl": True,
    },
}
CREATE_TICKET = Example(
    "POST",
    f"{ROOT}/jira/create-ticket",
    {
        "incident_id": "inc-123",
        "incident_data": {
            "title": "Database connection failed",
            "severity": "high",
            "description": "Unable to connect to primary database",
        },
    },
)
EXECUTE_ACTION = Example(
    "POST",
    f"{ROOT}/stackstorm/execute-action",
    {
        "incident_id": "inc-123",
        "incident_data": {
            "title": "Service outage detected",
            "severity": "critical",
            "affected_services": ["api", "database"],
        },
        "pack_name": "incident_response",
        "action_name": "create_incident",
        "action_parameters": {
            "escalation_level": "immediate",
            "notification_channels": ["slack", "email"],
        },
    },
)
SEND_ALERT = Example(
    "POST",
    f"{ROOT}/stackstorm/send-alert",
    {
        "alert_id": "alert-456",
        "alert_data": {
            "title": "High CPU usage detected",
            "severity": "warning",
            "affected_services": ["web-server"],
        },
        "pack_name": "monitoring",
        "action_name": "handle_alert",
        "action_parameters": {"threshold": 80, "notification_channels": ["slack"]},
    },
)
LIST_ACTIONS = Example("GET", f"{ROOT}/stackstorm/actions")
CREATE_INCIDENT = Example(
    "POST",
    f"{ROOT}/pagerduty/create-incident",
    {
        "incident_id": "inc-123",
        "incident_data": {
            "title": "Critical service failure",
            "component": "payment-service",
            "group": "production",
        },
        "severity": "critical",
        "summary": "Payment processing service is down",
        "source": "audit-service",
    },
)
RESOLVE_INCIDENT = Example("POST", f"{ROOT}/pagerduty/resolve-incident?incident_id=inc-123")
SEND_WEBHOOK = Example(
    "POST",
    f"{ROOT}/webhook/send",
    {
        "incident_id": "inc-123",
        "incident_data": {
            "title": "Service degradation",
            "severity": "medium",
            "affected_services": ["api"],
        },
        "event_type": "incident",
        "custom_payload": {"custom_field": "custom_value"},
    },
)
SEND_INCIDENT = Example("POST", f"{ROOT}/webhook/send-incident")
SEND_ALERT_DATA = Example("POST", f"{ROOT}/webhook/send-alert")
VALIDATE_URL = Example("POST", f"{ROOT}/webhook/validate-url?url=https://your-system.com/webhook")
ACTIONS = (
    CREATE_TICKET, EXECUTE_ACTION, SEND_ALERT, LIST_ACTIONS, CREATE_INCIDENT, RESOLVE_INCIDENT,
    SEND_WEBHOOK, SEND_INCIDENT, SEND_ALERT_DATA, VALIDATE_URL,
)  # fmt: skip
EXAMPLES = (
    *(Example("GET", f"{ROOT}/{kind}/config") for kind in CONFIGS),
    *(Example("POST", f"{ROOT}/{kind}/config", body) for kind, body in CONFIGS.items()),
    *(Example("POST", f"{ROOT}/{kind}/test", body) for kind, body in TESTS.items()),
    *ACTIONS,
)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    with closed_network(monkeypatch) as fake:
        yield fake


@pytest.fixture
def client(names: Names) -> Iterator[TestClient]:
    """A fresh install on loopback whose DNS knows nobody."""
    migrate()
    app = Starlette(routes=[Mount("/api/v1", app=ApiGuard(api))])
    with TestClient(app, base_url="http://127.0.0.1:8501") as running:
        yield running
    connectors.close_all()


@pytest.fixture
def sandbox(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxState]:
    """What the practice vendors received, with every integration connected to them."""
    monkeypatch.setattr("soc.sandbox.server.DEFAULT_PORT", 0)
    reports = practice.connect_sandbox(actor=AT_A_PAGE)
    assert {kind for kind, report in reports.items() if report.ok} >= {*CONFIGS, "slack"}
    server = practice._server
    assert server is not None
    server.state.of(StackStormMemory).execution_seconds = 0.0
    server.state.of(WebhookMemory).deliveries.clear()  # what the connection tests sent
    server.state.of(PagerDutyMemory).events.clear()
    yield server.state
    connectors.close_all()
    practice.stop_sandbox()


def _send(client: TestClient, example: Example, **more: Any) -> Any:
    """As curl would: the body is the JSON text, with the header that the guide prints."""
    if example.body is None:
        return client.request(example.method, example.path, **more)
    return client.request(
        example.method,
        example.path,
        content=json.dumps(example.body, indent=2).encode(),
        headers={"Content-Type": "application/json", **more.pop("headers", {})},
        **more,
    )


def _printed(guide: str) -> list[Example]:
    """Every request of every ```http block."""
    found = []
    for block in re.findall(r"```http\n(.*?)```", guide, re.DOTALL):
        head, _, body = block.partition("\n\n{")
        requests = re.findall(r"^(GET|POST|PUT|PATCH|DELETE) (\S+)$", head + "\n" + body, re.MULTILINE)
        assert requests, block
        text = "{" + body if body.strip() else ""
        found += [Example(method, path, json.loads(text) if text else None) for method, path in requests]
    return found


def test_the_table_here_is_the_guide_s_every_request_to_the_letter(shared: Path) -> None:
    printed = _printed((shared / "guides" / "integrations-guide.md").read_text())
    assert len(printed) == len(EXAMPLES) == 22
    assert sorted(printed, key=str) == sorted(EXAMPLES, key=str)


def test_the_webhook_format_checked_here_is_the_guide_s(shared: Path) -> None:
    guide = (shared / "guides" / "integrations-guide.md").read_text()
    found = re.search(r"## Webhook Payload Format.*?```json\n(.*?)```", guide, re.DOTALL)
    assert found
    assert list(json.loads(found[1])) == PAYLOAD_FIELDS


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_fresh_install_says_that_nothing_is_configured(client: TestClient, kind: str) -> None:
    answer = client.get(f"{ROOT}/{kind}/config")
    assert answer.status_code == 200
    assert (answer.json()["integration"], answer.json()["configured"]) == (kind, False)


@pytest.mark.parametrize("kind", CONFIGS)
def test_the_guide_s_configuration_is_saved_and_comes_back_with_its_secrets_masked(
    client: TestClient, kind: str
) -> None:
    saved = _send(client, Example("POST", f"{ROOT}/{kind}/config", CONFIGS[kind]))
    assert saved.status_code == 200
    answer = client.get(f"{ROOT}/{kind}/config")
    assert answer.status_code == 200
    body = answer.json()
    assert body["configured"] is True
    for name, value in CONFIGS[kind].items():
        secret = SECRETS[kind].get(name)
        if secret is None:
            wanted = {**body[name], **value} if isinstance(value, dict) else value
        else:
            wanted = dict.fromkeys(secret, MASK) if isinstance(secret, dict) else MASK
        assert body[name] == wanted, name
    for secret in SECRETS[kind].values():
        values = secret.values() if isinstance(secret, dict) else [secret]
        for one in values:
            assert one not in json.dumps({k: v for k, v in body.items() if k in SECRETS[kind]})
            assert one not in json.dumps(saved.json()) or one == "application/json"


@pytest.mark.parametrize("kind", CONFIGS)
def test_what_came_back_can_be_sent_back_and_changes_nothing(client: TestClient, kind: str) -> None:
    _send(client, Example("POST", f"{ROOT}/{kind}/config", CONFIGS[kind]))
    shown = client.get(f"{ROOT}/{kind}/config").json()
    for number, sent in enumerate((shown, {name: shown[name] for name in CONFIGS[kind]}), start=2):
        again = client.post(f"{ROOT}/{kind}/config", json=sent)
        assert again.status_code == 200, again.text
        newest = client.get(f"{ROOT}/{kind}/versions").json()["items"][0]
        assert (newest["version"], newest["changes"]) == (number, [])


@pytest.mark.parametrize(
    ("kind", "moved"),
    [
        ("jira", {"base_url": "https://elsewhere.example"}),
        ("stackstorm", {"base_url": "https://elsewhere.example"}),
        ("pagerduty", {"events_url": "https://elsewhere.example"}),
        ("webhook", {"url": "https://elsewhere.example/webhook"}),
    ],
)
def test_a_secret_that_is_stored_is_never_sent_to_another_address(
    client: TestClient, kind: str, moved: dict[str, str]
) -> None:
    _send(client, Example("POST", f"{ROOT}/{kind}/config", CONFIGS[kind]))
    sent = {**client.get(f"{ROOT}/{kind}/config").json(), **moved}
    for path in ("config", "test"):
        answer = client.post(f"{ROOT}/{kind}/{path}", json=sent)
        assert answer.status_code == 422
        assert "address has changed" in answer.json()["title"]
        assert "Enter again" in answer.json()["hint"]


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_connection_test_that_cannot_reach_the_vendor_says_so_and_saves_nothing(
    client: TestClient, kind: str
) -> None:
    answer = _send(client, Example("POST", f"{ROOT}/{kind}/test", TESTS[kind]))
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "error"
    if kind == "pagerduty":  # the printed key is told apart from a real one before anybody is asked
        assert "32 letters and digits" in body["error"]
        assert body["hint"]
        body = client.post(f"{ROOT}/{kind}/test", json={"integration_key": "0123456789abcdef" * 2}).json()
    assert "cannot be resolved" in body["error"]
    assert "DNS" in body["hint"] or "network" in body["hint"]
    assert client.get(f"{ROOT}/{kind}/config").json()["configured"] is False


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_connection_test_without_a_body_tests_what_is_saved(client: TestClient, kind: str) -> None:
    nothing = client.post(f"{ROOT}/{kind}/test")
    assert (nothing.status_code, nothing.json()["status"]) == (200, "error")
    assert "not configured" in nothing.json()["error"]
    _send(client, Example("POST", f"{ROOT}/{kind}/config", CONFIGS[kind]))
    saved = client.post(f"{ROOT}/{kind}/test")
    assert (saved.status_code, saved.json()["status"]) == (200, "error")
    assert ("32 letters" if kind == "pagerduty" else "cannot be resolved") in saved.json()["error"]


@pytest.mark.parametrize(
    "example",
    [one for one in ACTIONS if one not in (SEND_INCIDENT, SEND_ALERT_DATA, VALIDATE_URL)],
    ids=lambda one: one.path.removeprefix(ROOT).partition("?")[0],
)
def test_an_action_of_an_unconfigured_integration_is_a_problem_that_says_what_to_do(
    client: TestClient, example: Example
) -> None:
    answer = _send(client, example)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "not configured" in answer.json()["title"]
    assert "/config" in answer.json()["hint"]
    assert client.get("/api/v1/deliveries").json()["items"] == []


@pytest.mark.parametrize("example", [SEND_INCIDENT, SEND_ALERT_DATA], ids=["send-incident", "send-alert"])
def test_a_convenience_endpoint_without_its_data_says_which_is_missing(
    client: TestClient, example: Example
) -> None:
    answer = _send(client, example)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["hint"]
    assert answer.json()["errors"]


# -- connected to the practice vendors -----------------------------------------------------------------------


def test_create_ticket_opens_one_ticket_and_the_same_again_shows_the_same(
    client: TestClient, sandbox: SandboxState
) -> None:
    first, again = _send(client, CREATE_TICKET), _send(client, CREATE_TICKET)
    assert (first.status_code, again.status_code) == (201, 200)
    ticket = first.json()
    assert (ticket["status"], ticket["key"]) == ("success", "SOC-1")
    assert ticket["url"].endswith("/browse/SOC-1")
    assert {again.json()[name] for name in ("id", "key", "url")} == {
        ticket[name] for name in ("id", "key", "url")
    }
    (issue,) = sandbox.of(JiraMemory).issues.values()
    assert "Database connection failed" in issue.summary
    assert "soc-incident-inc-123" in issue.labels
    assert "Unable to connect to primary database" in json.dumps(issue.description)


def test_a_second_ticket_for_the_incident_with_other_words_is_the_first_one(
    client: TestClient, sandbox: SandboxState
) -> None:
    _send(client, CREATE_TICKET)
    assert CREATE_TICKET.body is not None
    more = {**CREATE_TICKET.body, "incident_data": {"title": "Still failing", "severity": "critical"}}
    answer = _send(client, CREATE_TICKET._replace(body=more))
    assert answer.json()["key"] == "SOC-1"
    assert len(sandbox.of(JiraMemory).issues) == 1


def test_execute_action_runs_the_named_action_to_its_end_with_the_parameters_given(
    client: TestClient, sandbox: SandboxState
) -> None:
    answer = _send(client, EXECUTE_ACTION)
    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["details"]["status"]) == ("success", "succeeded")
    (run,) = sandbox.of(StackStormMemory).executions.values()
    assert (run.id, run.action) == (answer.json()["id"], "incident_response.create_incident")
    assert run.parameters["escalation_level"] == "immediate"
    assert run.parameters["notification_channels"] == ["slack", "email"]
    assert run.parameters["incident_id"] == "inc-123"
    assert EXECUTE_ACTION.body is not None
    assert run.parameters["incident_data"] == EXECUTE_ACTION.body["incident_data"]
    assert run.context["trace_context"]["trace_tag"] == answer.json()["delivery_id"]


def test_send_alert_runs_the_alert_s_action(client: TestClient, sandbox: SandboxState) -> None:
    answer = _send(client, SEND_ALERT)
    assert answer.status_code == 201
    (run,) = sandbox.of(StackStormMemory).executions.values()
    assert run.action == "monitoring.handle_alert"
    assert (run.parameters["threshold"], run.parameters["alert_id"]) == (80, "alert-456")


def test_running_the_same_action_again_is_another_run_unless_the_caller_says_it_is_the_same(
    client: TestClient, sandbox: SandboxState
) -> None:
    assert [_send(client, SEND_ALERT).status_code for _ in range(2)] == [201, 201]
    keyed = [_send(client, SEND_ALERT, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert [answer.status_code for answer in keyed] == [201, 200]
    assert keyed[0].json()["id"] == keyed[1].json()["id"]
    assert len(sandbox.of(StackStormMemory).executions) == 3


@pytest.mark.usefixtures("sandbox")
def test_the_available_actions_are_listed_with_their_parameters(client: TestClient) -> None:
    answer = _send(client, LIST_ACTIONS)
    assert answer.status_code == 200
    text = json.dumps(answer.json())
    for word in ("incident_response", "create_incident", "escalation_level", "handle_alert", "threshold"):
        assert word in text


def test_an_action_that_does_not_take_the_parameters_is_refused_by_name(
    client: TestClient, sandbox: SandboxState
) -> None:
    assert SEND_ALERT.body is not None
    body = {**SEND_ALERT.body, "action_parameters": {"threshold": "eighty"}}
    answer = _send(client, SEND_ALERT._replace(body=body))
    assert answer.status_code == 422
    assert "threshold" in answer.json()["title"]
    assert not sandbox.of(StackStormMemory).executions


def test_create_incident_triggers_and_resolve_incident_ends_it(
    client: TestClient, sandbox: SandboxState
) -> None:
    created = _send(client, CREATE_INCIDENT)
    assert created.status_code == 201
    (alert,) = sandbox.of(PagerDutyMemory).alerts
    assert (alert.status, alert.severity, alert.source) == ("triggered", "critical", "audit-service")
    assert "Payment processing service is down" in alert.summary
    payload = sandbox.of(PagerDutyMemory).events[0].payload
    assert (payload["component"], payload["group"]) == ("payment-service", "production")
    assert payload["custom_details"]["title"] == "Critical service failure"
    resolved = _send(client, RESOLVE_INCIDENT)
    assert resolved.status_code == 201
    (alert,) = sandbox.of(PagerDutyMemory).alerts
    assert alert.status == "resolved"
    keys = {event.dedup_key for event in sandbox.of(PagerDutyMemory).events}
    assert len(keys) == 1
    assert created.json()["key"] in keys


#: The guide's “Webhook Payload Format”, in its order.
PAYLOAD_FIELDS = ["event_type", "timestamp", "incident_id", "incident_data", "source", "custom_details"]


def _received(sandbox: SandboxState) -> dict[str, Any]:
    """The one event that came, signed, in the guide's format."""
    (event,) = sandbox.of(WebhookMemory).deliveries
    assert (event.method, event.verdict) == ("POST", "valid")
    assert event.headers["content-type"] == "application/json"
    payload: dict[str, Any] = json.loads(event.body)
    assert list(payload) == PAYLOAD_FIELDS
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", payload["timestamp"])
    assert abs((clock.now() - clock.parse(payload["timestamp"])).total_seconds()) < 60
    assert payload["source"] == "audit-service"
    return payload


def test_send_webhook_sends_the_guide_s_format_signed(client: TestClient, sandbox: SandboxState) -> None:
    answer = _send(client, SEND_WEBHOOK)
    assert answer.status_code == 201
    payload = _received(sandbox)
    assert SEND_WEBHOOK.body is not None
    assert payload["event_type"] == "incident"
    assert payload["incident_id"] == "inc-123"
    assert payload["incident_data"] == SEND_WEBHOOK.body["incident_data"]
    assert payload["custom_details"] == {"custom_field": "custom_value"}
    assert sandbox.of(WebhookMemory).deliveries[0].webhook_id == answer.json()["delivery_id"]


def test_the_signature_is_standard_webhooks_over_the_bytes_that_were_sent(
    client: TestClient, sandbox: SandboxState
) -> None:
    _send(client, SEND_WEBHOOK)
    (event,) = sandbox.of(WebhookMemory).deliveries
    secret = practice.practice_settings("")["webhook"]["signing_secrets"]
    assert isinstance(secret, list)
    key = base64.b64decode(secret[0].removeprefix("whsec_"))
    signed = f"{event.headers['webhook-id']}.{event.headers['webhook-timestamp']}.{event.body}".encode()
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert event.headers["webhook-signature"] == expected


@pytest.mark.parametrize(
    ("example", "body", "event_type", "subject"),
    [
        (SEND_INCIDENT, SEND_WEBHOOK.body, "incident", "inc-123"),
        (SEND_ALERT_DATA, SEND_ALERT.body, "alert", "alert-456"),
    ],
    ids=["send-incident", "send-alert"],
)
def test_the_convenience_endpoints_send_the_same_format(
    client: TestClient,
    sandbox: SandboxState,
    example: Example,
    body: dict[str, Any],
    event_type: str,
    subject: str,
) -> None:
    wanted = ("incident_id", "incident_data", "alert_id", "alert_data")
    answer = _send(client, example._replace(body={n: v for n, v in body.items() if n in wanted}))
    assert answer.status_code == 201
    payload = _received(sandbox)
    assert (payload["event_type"], payload["incident_id"]) == (event_type, subject)
    assert payload["incident_data"] == body.get("incident_data", body.get("alert_data"))


@pytest.mark.usefixtures("sandbox")
def test_validate_url_explains_its_verdict(client: TestClient, names: Names) -> None:
    unknown = _send(client, VALIDATE_URL)
    assert (unknown.status_code, unknown.json()["valid"]) == (200, False)
    assert "resolved" in unknown.json()["reason"]
    names.names["your-system.com"] = ["8.8.8.8"]
    good = _send(client, VALIDATE_URL)
    assert (good.json()["valid"], good.json()["reason"]) == (True, "it is public")
    names.names["your-system.com"] = ["10.0.0.7"]
    private = _send(client, VALIDATE_URL)
    assert private.json()["valid"] is False
    assert "private" in private.json()["reason"]
    assert private.json()["hint"]


def test_nothing_of_all_this_strays_beyond_loopback(
    client: TestClient, sandbox: SandboxState, names: Names
) -> None:
    for example in ACTIONS:
        assert _send(client, example).status_code in (200, 201, 422)
    assert names.strayed == []
    assert set(names.asked) <= {"your-system.com"}


def test_validate_url_needs_no_webhook_that_is_set_up(client: TestClient) -> None:
    assert _send(client, VALIDATE_URL).status_code == 200
