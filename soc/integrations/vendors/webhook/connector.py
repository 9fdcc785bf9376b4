"""Webhook: events to any receiver, signed by Standard Webhooks."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

import httpx

from soc import clock
from soc.domain.incident import Incident, Reason
from soc.domain.message import (
    CallAction,
    EndEscalation,
    Escalation,
    Message,
    Receipt,
    ResolveAlert,
    SendAlert,
    TellTrouble,
)
from soc.errors import ConfigurationError, DeliveryError, FailureReason, PermanentDeliveryError
from soc.ids import new_id
from soc.integrations.kit.base import ConnectionReport, Connector
from soc.integrations.kit.bodies import read_call, unknown_message
from soc.integrations.kit.connection import UNCHECKED_WARNING
from soc.integrations.kit.http import shared_client
from soc.integrations.kit.trying.trial import trial_incident
from soc.integrations.vendors.webhook.bodies import SendAlertEvent, SendIncident, SendWebhook
from soc.integrations.vendors.webhook.config import WebhookConfig
from soc.integrations.vendors.webhook.payload import (
    Payload,
    ended_payload,
    escalation_payload,
    incident_payload,
    payload_of,
    trouble_payload,
)
from soc.integrations.vendors.webhook.signature import signature_headers
from soc.integrations.vendors.webhook.vendor import case_of, session_of, target_of

_JSON = "application/json"


class WebhookConnector(Connector):
    """See `Connector`. An event keeps its `webhook-id` on every try: by it the receiver knows it again."""

    kind: ClassVar[str] = "webhook"

    def __init__(self, config: WebhookConfig, *, http: httpx.Client | None = None) -> None:
        self.config: WebhookConfig = config
        self._session = session_of(config, http or shared_client(verify=config.verify_ssl))

    @property
    def settle(self) -> timedelta:
        return self.config.settle

    @property
    def may_probe(self) -> bool:
        """No: a receiver can only be asked by an event, which it may act upon."""
        return False

    def untaken(self) -> Mapping[str, str]:
        """A body template that cannot even tell of an incident: every event would be given up."""
        try:
            self._body(self._payload(SendAlert(incident=_incident())), self._headers()["content-type"])
        except PermanentDeliveryError as error:
            return {"template": f"{error.message.removeprefix('The body template ').rstrip('.')}"}
        return {}

    def deliver(self, message: Message, *, delivery_id: str) -> Receipt:
        payload = self._payload(message)
        status = self._send(payload, delivery_id)
        return Receipt(
            remote_id=delivery_id,
            key=str(payload["event_type"]),
            extra={"status": str(status), "event_type": str(payload["event_type"])},
        )

    def _payload(self, message: Message) -> Payload:
        now, practice = clock.now(), self.config.practice
        if isinstance(message, SendAlert):
            return incident_payload(message.incident, "incident", now=now, practice=practice, url=message.url)
        if isinstance(message, ResolveAlert):
            return incident_payload(
                message.incident, "incident.resolved", now=now, practice=practice, url=message.url
            )
        if isinstance(message, Escalation):
            return escalation_payload(message, now=now, practice=practice)
        if isinstance(message, EndEscalation):
            return ended_payload(message, now=now, practice=practice)
        if isinstance(message, TellTrouble):
            return trouble_payload(message, now=now, practice=practice)
        if not isinstance(message, CallAction):
            raise unknown_message("The webhook", message.action)
        link = {"url": message.url} if message.url else {}
        if message.name == "send":
            asked = read_call(SendWebhook, message)
            return payload_of(
                asked.event_type,
                asked.incident_id,
                asked.incident_data.given,
                {**link, **asked.custom_payload},
                now=now,
            )
        if message.name == "send-incident":
            incident = read_call(SendIncident, message)
            return payload_of(
                "incident",
                incident.incident_id,
                incident.incident_data.given,
                {**link, **incident.custom_payload},
                now=now,
            )
        if message.name == "send-alert":
            alert = read_call(SendAlertEvent, message)
            return payload_of(
                "alert", alert.alert_id, alert.alert_data.given, {**link, **alert.custom_payload}, now=now
            )
        raise unknown_message("The webhook", message.name)

    def _send(self, payload: Payload, message_id: str) -> int:
        """Raises TransientDeliveryError, UnknownOutcome or PermanentDeliveryError."""
        headers = self._headers()
        body = self._body(payload, headers["content-type"])
        secrets = [secret.get_secret_value() for secret in self.config.signing_secrets]
        signed = signature_headers(message_id, body, secrets, now=clock.now())
        return self._session.hand_over(
            self.config.method, target_of(self.config), content=body, headers={**headers, **signed}
        )

    def _headers(self) -> dict[str, str]:
        given = {name.lower(): value.get_secret_value() for name, value in self.config.headers.items()}
        return {"content-type": _JSON, **given}

    def _body(self, payload: Payload, kind: str) -> bytes:
        if not self.config.template:
            return json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
        problem: ConfigurationError | None = None
        try:
            return filled_body(self.config.template, payload, kind)
        except ConfigurationError as error:
            problem = error
        raise PermanentDeliveryError(problem.message, reason=FailureReason.CLIENT, hint=problem.hint)

    def reconcile(self, message: Message, *, delivery_id: str, since: datetime) -> Receipt | None:
        """Always None: nothing can be asked of a receiver, and it knows a repeated event by its `webhook-id`."""
        return None

    def shows(self, message: Message) -> bool:
        """Receivers remember an event's id for minutes or hours, not for days."""
        return False

    def check(self) -> ConnectionReport:
        """Send an event of type `test`, which receivers are free to drop."""
        started = time.monotonic()
        warnings = [] if self.config.verify_ssl else [UNCHECKED_WARNING]
        if not self.config.signing_secrets:
            warnings.append(
                "Events are not signed: without a signing secret the receiver cannot know that they are ours."
            )
        data = {"title": "Connection test", "severity": "info", "description": "Nothing happened."}
        failure: DeliveryError | None = None
        status = 0
        try:
            name = new_id("test")
            status = self._send(payload_of("test", name, data, {}, now=clock.now()), name)
        except DeliveryError as error:
            failure = error
        if failure is not None:
            return ConnectionReport(
                ok=False, kind=self.kind, summary=f"Webhook integration not available: {failure.message}",
                hint=failure.hint, case=case_of(failure), warnings=tuple(warnings), latency_ms=_milliseconds(started),
            )  # fmt: skip
        signed = {0: "no", 1: "with one secret"}.get(
            len(self.config.signing_secrets), f"with {len(self.config.signing_secrets)} secrets"
        )
        return ConnectionReport(
            ok=True, kind=self.kind, summary=f"The receiver took the test event ({status}).",
            facts=(("Answer", str(status)), ("Signed", signed)), warnings=tuple(warnings),
            latency_ms=_milliseconds(started),
        )  # fmt: skip


def _incident() -> Incident:
    """One with all that incidents have."""
    reason = Reason(signature="trial", title="Trial", words="trial", start=0, end=5, weight=1)
    return trial_incident().model_copy(update={"reasons": (reason,), "entity": "192.0.2.1"})


def filled_body(template: str, payload: Payload, kind: str = _JSON) -> bytes:
    """The template's output; JSON where the content type says so. Raises ConfigurationError."""
    from soc.integrations.vendors.webhook.template import fill_template  # start-up cost: Jinja

    text = fill_template(template, payload)
    if "json" in kind.lower():
        wrong = ""
        try:
            json.loads(text)
        except ValueError as error:
            wrong = f"line {getattr(error, 'lineno', 1)}, column {getattr(error, 'colno', 1)}"
        except RecursionError:
            wrong = "nested too deeply"
        if wrong:
            raise ConfigurationError(
                f"The body template makes no valid JSON ({wrong}).",
                hint="Write values as {{ incident_data.title | tojson }}, or set another Content-Type header.",
            )
    return text.encode("utf-8", "replace")


def preview_template(template: str, incident: Incident) -> str:
    """What the receiver would get for this incident. Raises ConfigurationError, which says what is wrong."""
    return filled_body(template, incident_payload(incident, "incident", now=clock.now())).decode()


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
