"""What the tests of every vendor share: an incident, a config with a planted secret, and answers that succeed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from soc.domain.classification import Classification
from soc.domain.incident import Incident, Reason, Sample
from soc.domain.message import (
    CallAction,
    Message,
    OpenTicket,
    ResolveAlert,
    SendAlert,
    SendSummary,
    TicketLink,
    UpdateAlert,
)
from soc.integrations.kit.base import Connector
from soc.integrations.registry import connect, validate

SECRET = "xoxb-planted-Secret/9+7="
SINCE = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
Handler = Callable[[httpx.Request], httpx.Response]


def an_incident(**changes: Any) -> Incident:
    values: dict[str, Any] = {
        "id": "inc-7k2m9q4x1c",
        "batch_id": "bat-3f8h2j5n6p",
        "title": "Multiple failed root login attempts",
        "source": "SecuritySystem",
        "classification": Classification.SECURITY_ALERT,
        "score": 9,
        "confidence": 0.95,
        "rule_id": "severity-9",
        "template_id": "t-1",
        "template": "CRITICAL: Multiple failed root login attempts",
        "entity": "203.0.113.9",
        "count": 3,
        "first_seen": datetime(2026, 1, 15, 10, 30, tzinfo=UTC),
        "last_seen": datetime(2026, 1, 15, 10, 31, tzinfo=UTC),
        "message": "CRITICAL: Multiple failed root login attempts - potential breach",
        "reasons": (
            Reason(
                signature="s1",
                title="Root login fails",
                words="failed root login",
                start=19,
                end=36,
                weight=5,
            ),
        ),
        "samples": (Sample(file="night.log", line_no=7, offset=512, text="one raw line"),),
    }
    return Incident(**{**values, **changes})


OPEN = OpenTicket(incident=an_incident(), due="2026-01-15")
ALERT = SendAlert(incident=an_incident())
RESOLVE = ResolveAlert(incident=an_incident())
UPDATE = UpdateAlert(
    incident=an_incident(),
    ticket=TicketLink(key="SOC-12", url="https://jira.example/browse/SOC-12"),
    channel="C024BE91L",
    ts="1768473000.000100",
)
SUMMARY = SendSummary(
    batch_id="bat-1", name="night.log", lines=10, parsed=9, rejected=1, incidents=2, eligible=1,
    by_severity={"critical": 1, "low": 1}, top=("[CRITICAL] one",),
)  # fmt: skip

ISSUE_TYPES = [
    {"id": "10003", "name": "Incident", "subtask": False},
    {"id": "10004", "name": "Security Incident", "subtask": False},
]
SCREEN = [
    {"fieldId": name, "required": name == "summary"}
    for name in (
        "summary",
        "description",
        "labels",
        "priority",
        "duedate",
        "components",
        "project",
        "issuetype",
    )
]


def called(name: str, **request: Any) -> CallAction:
    """An action as somebody asks for it, with the guide's own data unless other is given."""
    subject = str(request.get("incident_id") or request.get("alert_id") or "inc-123")
    return CallAction(name=name, subject=subject, request=request or {"incident_id": subject})


GUIDE_DATA: dict[str, Any] = {
    "title": "Database connection failed",
    "severity": "high",
    "description": "Unable to connect to primary database",
}
CREATE_TICKET = called("create-ticket", incident_id="inc-123", incident_data=GUIDE_DATA)
SLACK_CALL = called("send-alert", incident_id="inc-123", incident_data=GUIDE_DATA)
CREATE_INCIDENT = called(
    "create-incident",
    incident_id="inc-123",
    incident_data={
        "title": "Critical service failure",
        "component": "payment-service",
        "group": "production",
    },
    severity="critical",
    summary="Payment processing service is down",
    source="audit-service",
)
EXECUTE = called(
    "execute-action",
    incident_id="inc-123",
    incident_data={
        "title": "Service outage detected",
        "severity": "critical",
        "affected_services": ["api", "database"],
    },
    pack_name="incident_response",
    action_name="create_incident",
    action_parameters={"escalation_level": "immediate", "notification_channels": ["slack", "email"]},
)
SEND = called(
    "send",
    incident_id="inc-123",
    incident_data={"title": "Service degradation", "severity": "medium", "affected_services": ["api"]},
    event_type="incident",
    custom_payload={"custom_field": "custom_value"},
)


def jira_read(request: httpx.Request) -> httpx.Response:
    """A Jira that has everything, for all questions that are not the create itself."""
    path = request.url.path
    if path.endswith("/issuetypes"):
        return httpx.Response(200, json={"issueTypes": ISSUE_TYPES, "total": 2})
    if "/issuetypes/" in path:
        return httpx.Response(200, json={"fields": SCREEN, "total": len(SCREEN)})
    if path.endswith("/serverInfo"):
        return httpx.Response(
            200, json={"version": "1001.0", "deploymentType": "Cloud", "serverTitle": "Jira"}
        )
    if path.endswith("/myself"):
        return httpx.Response(200, json={"displayName": "SOC Bot"})
    if path.endswith("/mypermissions"):
        names = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES")
        return httpx.Response(200, json={"permissions": {n: {"havePermission": True} for n in names}})
    if path.endswith("/priority"):
        return httpx.Response(200, json=[{"name": n} for n in ("Highest", "High", "Medium", "Low", "Lowest")])
    if "/search" in path:
        return httpx.Response(200, json={"issues": [], "isLast": True, "total": 0})
    if "/project/" in path:
        components = [{"name": "Security"}, {"name": "Infrastructure"}]
        body = {
            "key": "SOC",
            "name": "Security Operations Center",
            "components": components,
            "issueTypes": ISSUE_TYPES,
        }
        return httpx.Response(200, json=body)
    return httpx.Response(404, json={"errorMessages": ["dead link"]})


def slack_read(request: httpx.Request) -> httpx.Response:
    """A Slack that has the channel, for all questions that are not the post itself."""
    method = request.url.path.rsplit("/", 1)[1]
    channel = {"id": "C024BE91L", "name": "soc-alerts", "is_member": True}
    answers: dict[str, Any] = {
        "auth.test": {"team": "SOC", "user": "soc-bot", "url": "https://soc.slack.com/"},
        "conversations.list": {"channels": [{"id": "C1", "name": "general"}, channel]},
        "conversations.info": {"channel": channel},
        "conversations.history": {"messages": []},
    }
    scopes = {"x-oauth-scopes": "chat:write,channels:read,channels:history"}
    return httpx.Response(200, json={"ok": True, **answers[method]}, headers=scopes)


def pagerduty_read(request: httpx.Request) -> httpx.Response:
    """A PagerDuty that has the service, for all questions of its REST API."""
    policy = {"id": "PEP0001", "name": "Default"}
    if "/escalation_policies/" in request.url.path:
        return httpx.Response(200, json={"escalation_policy": policy})
    service = {"id": "PSVC001", "name": "SOC", "status": "active", "escalation_policy": policy}
    return httpx.Response(200, json={"service": service})


ACTION_SCHEMA: dict[str, Any] = {
    "escalation_level": {"type": "string", "enum": ["immediate", "later"]},
    "notification_channels": {"type": "array", "items": {"type": "string"}},
    "incident_id": {"type": "string", "required": True},
    "severity": {"type": "string"},
    "affected_services": {"type": "string"},
}


def stackstorm_read(request: httpx.Request) -> httpx.Response:
    """A StackStorm that has every action, enabled, for all questions that are not the run itself."""
    path = request.url.path
    if "/actions/" in path:
        ref = path.rsplit("/", 1)[1]
        return httpx.Response(
            200,
            json={"ref": ref, "enabled": True, "runner_type": "python-script", "parameters": ACTION_SCHEMA},
        )
    if "/runnertypes/" in path:
        return httpx.Response(200, json={"name": "python-script", "runner_parameters": {"timeout": {}}})
    if "/executions/" in path:
        return httpx.Response(200, json=RAN)
    return httpx.Response(200, json=[])


def nothing_to_read(request: httpx.Request) -> httpx.Response:
    return httpx.Response(404)


@dataclass(frozen=True)
class Example:
    """One message of one vendor: how to configure it, which request is the write, what a success looks like."""

    name: str
    kind: str
    data: dict[str, Any]
    message: Message
    write: str
    read: Handler
    success: dict[str, Any]
    #: Whether the status alone is the answer (a webhook's receiver may say what it likes).
    any_answer: bool = False
    #: Whether a lost answer is looked for at the vendor; otherwise sending again changes nothing there.
    looked_for: bool = True

    def connector(self, handler: Handler, **changes: Any) -> Connector:
        client = httpx.Client(transport=httpx.MockTransport(handler))
        return connect(self.kind, validate(self.kind, {**self.data, **changes}), http=client)

    def writing(self, answer: Handler, sent: list[httpx.Request] | None = None, **changes: Any) -> Connector:
        """A connector whose write gets `answer` and whose reads succeed; writes are noted in `sent`."""

        def handler(request: httpx.Request) -> httpx.Response:
            if not request.url.path.endswith(self.write):
                return self.read(request)
            if sent is not None:
                sent.append(request)
            return answer(request)

        return self.connector(handler, **changes)


CLOUD = {"base_url": "https://soc.atlassian.net", "username": "bot@example.com", "api_token": SECRET}
DATA_CENTER = {"instance_type": "on_premise", "base_url": "https://jira.example/jira", "api_token": SECRET}
SLACK = {"bot_token": SECRET, "signing_secret": SECRET + "signing"}
CREATED = {"id": "10012", "key": "SOC-12", "self": "https://soc.atlassian.net/rest/api/3/issue/10012"}
PAGERDUTY = {
    "integration_key": SECRET,
    "rest_token": SECRET + "rest",
    "service_id": "PSVC001",
    "escalation_policy_id": "PEP0001",
}
STACKSTORM = {
    "base_url": "https://stackstorm.example",
    "api_key": SECRET,
    "pack_name": "monitoring",
    "action_name": "handle_alert",
}
WHSEC = "whsec_" + base64.b64encode(SECRET.encode()).decode()
WEBHOOK = {
    "url": "https://receiver.example/hook",
    "url_query": f"token={SECRET}",
    "headers": {"Authorization": f"Bearer {SECRET}", "X-Custom-Header": SECRET},
    "signing_secrets": [WHSEC],
}
#: By kind: variables of the environment that configure it.
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "jira": {
        "JIRA_SERVER_URL": "https://your-company.atlassian.net",
        "JIRA_USERNAME": "your-email@company.com",
        "JIRA_API_TOKEN": SECRET,
        "JIRA_PROJECT_KEY": "SOC",
        "JIRA_COMPONENTS": "Security,Infrastructure",
    },
    "slack": {"SLACK_BOT_TOKEN": SECRET, "SLACK_CHANNEL": "alerts"},
    "pagerduty": {"PAGERDUTY_INTEGRATION_KEY": SECRET, "PAGERDUTY_SERVICE_ID": "PXXXXXXXX"},
    "stackstorm": {"STACKSTORM_URL": "https://stackstorm.your-company.com", "STACKSTORM_API_KEY": SECRET},
    "webhook": {
        "WEBHOOK_URL": "https://your-system.com/webhook",
        "WEBHOOK_HEADERS": json.dumps({"Authorization": SECRET, "Content-Type": "application/json"}),
        "WEBHOOK_SIGNING_SECRETS": f"{WHSEC}, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    },
}
TRIGGERED = {"status": "success", "message": "Event processed", "dedup_key": "soc-inc-7k2m9q4x1c"}
RAN: dict[str, Any] = {
    "id": "5f2b1c9d8e7a6b5c4d3e2f1a",
    "action": {"ref": "monitoring.handle_alert"},
    "status": "succeeded",
    "result": {"stdout": "done"},
}
POSTED = {"ok": True, "channel": "C024BE91L", "ts": "1768473000.000100"}

EXAMPLES = (
    Example("jira cloud", "jira", CLOUD, OPEN, "/issue", jira_read, CREATED),
    Example("jira data center", "jira", DATA_CENTER, OPEN, "/issue", jira_read, CREATED),
    Example("slack alert", "slack", SLACK, ALERT, "chat.postMessage", slack_read, POSTED),
    Example("slack update", "slack", SLACK, UPDATE, "chat.update", slack_read, POSTED, looked_for=False),
    Example("slack summary", "slack", SLACK, SUMMARY, "chat.postMessage", slack_read, POSTED),
    Example("jira call", "jira", CLOUD, CREATE_TICKET, "/issue", jira_read, CREATED),
    Example("slack call", "slack", SLACK, SLACK_CALL, "chat.postMessage", slack_read, POSTED),
    Example(
        "pagerduty alert",
        "pagerduty",
        PAGERDUTY,
        ALERT,
        "/enqueue",
        pagerduty_read,
        TRIGGERED,
        looked_for=False,
    ),
    Example(
        "pagerduty resolve",
        "pagerduty",
        PAGERDUTY,
        RESOLVE,
        "/enqueue",
        pagerduty_read,
        TRIGGERED,
        looked_for=False,
    ),
    Example(
        "pagerduty call",
        "pagerduty",
        PAGERDUTY,
        CREATE_INCIDENT,
        "/enqueue",
        pagerduty_read,
        TRIGGERED,
        looked_for=False,
    ),
    Example("stackstorm alert", "stackstorm", STACKSTORM, ALERT, "/executions", stackstorm_read, RAN),
    Example("stackstorm call", "stackstorm", STACKSTORM, EXECUTE, "/executions", stackstorm_read, RAN),
    Example(
        "webhook alert",
        "webhook",
        WEBHOOK,
        ALERT,
        "/hook",
        nothing_to_read,
        {},
        any_answer=True,
        looked_for=False,
    ),
    Example(
        "webhook call",
        "webhook",
        WEBHOOK,
        SEND,
        "/hook",
        nothing_to_read,
        {},
        any_answer=True,
        looked_for=False,
    ),
)
BY_NAME = {example.name: example for example in EXAMPLES}


def sent_json(request: httpx.Request) -> Any:
    return json.loads(request.content)
