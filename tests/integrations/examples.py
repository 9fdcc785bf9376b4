"""What the tests of every vendor share: an incident, a config with a planted secret, and answers that succeed."""

from __future__ import annotations

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
    EndEscalation,
    EscalatedTicket,
    Escalation,
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

ESCALATION = Escalation(
    subject="ntc-4d8s1q7w2e",
    recipient="Mia Berg",
    address="U024BE7LH",
    tickets=(
        EscalatedTicket(
            ticket_id=12, incident_id="inc-7k2m9q4x1c", key="SOC-12", remote_id="10012",
            url="https://jira.example/browse/SOC-12", title="Multiple failed <root> login attempts", priority="Highest",
            score=9, step="SLA violation", why="its time was up at 2026-01-15 11:30 UTC",
        ),
    ),
    folded=("SOC-14", "SOC-15"),
    skipped=("SOC-12 Manager notification (due 2026-01-15 11:00 UTC)",),
    note="Max Adler: off shift until Fri 2026-01-16 08:00 Europe/Berlin",
)  # fmt: skip

ENDED = EndEscalation(subject=ESCALATION.subject, outcome="acknowledged", by="Mia Berg", keys=("SOC-12",))


def called(name: str, **request: Any) -> CallAction:
    """An action as somebody asks for it, with the guide's own data unless other is given."""
    subject = str(request.get("incident_id") or request.get("alert_id") or "inc-123")
    return CallAction(name=name, subject=subject, request=request or {"incident_id": subject})


GUIDE_DATA: dict[str, Any] = {
    "title": "Database connection failed",
    "severity": "high",
    "description": "Unable to connect to primary database",
}


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


def sent_json(request: httpx.Request) -> Any:
    return json.loads(request.content)
