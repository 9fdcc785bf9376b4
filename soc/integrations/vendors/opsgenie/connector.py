"""Opsgenie: one alert for each incident, closed when its ticket is; merged there by its alias."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from soc.domain.message import (
    EndEscalation,
    Escalation,
    Message,
    Receipt,
    ResolveAlert,
    SendAlert,
    TellTrouble,
)
from soc.domain.severity import Severity, severity_of
from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError, UnknownOutcome
from soc.integrations.kit.base import ConnectionReport, Connector, TroubleCase
from soc.integrations.kit.bodies import unknown_message
from soc.integrations.kit.fields import clean_text, cut, one_line
from soc.integrations.kit.http import Vendor, VendorSession, shared_client
from soc.integrations.vendors.opsgenie.config import OpsgenieConfig

OPSGENIE = Vendor(
    "Opsgenie",
    {FailureReason.AUTH: "Copy the API key of the integration (type API) again; it must be switched on."},
    lambda data: str(data.get("message") or "") if isinstance(data, dict) else "",
)
PRIORITIES: Mapping[Severity, str] = {severity: f"P{number}" for number, severity in enumerate(Severity, 1)}
#: By what became of an escalation.
ENDS: Mapping[str, str] = {"acknowledged": "acknowledge", "resolved": "close"}
#: No alert has ever had this alias: to close it shows whether the key is good, and changes nothing.
TEST_ALIAS = "soc-connection-test"


def _about_the_key(error: DeliveryError) -> DeliveryError:
    """The same error, or one of the credentials: Opsgenie answers 422 to a key that does not look like one."""
    if error.status != 422 or "key format" not in error.detail.lower():
        return error
    hint = OPSGENIE.hints[FailureReason.AUTH]
    return PermanentDeliveryError(
        error.message, reason=FailureReason.AUTH, hint=hint, status=422, detail=error.detail
    )


class OpsgenieConnector(Connector):
    """See `Connector`. Alerts that are open and have the same alias are one alert."""

    kind: ClassVar[str] = "opsgenie"

    def __init__(self, config: OpsgenieConfig, *, http: httpx.Client | None = None) -> None:
        self.config: OpsgenieConfig = config
        key = config.api_key.get_secret_value()
        self._session = VendorSession(
            http or shared_client(),
            OPSGENIE,
            f"{config.base_url}/v2",
            headers={"authorization": f"GenieKey {key}"},
            secrets=(key,),
            timeout=config.timeout,
        )

    @property
    def settle(self) -> timedelta:
        return timedelta(seconds=1)

    def deliver(self, message: Message, *, delivery_id: str) -> Receipt:
        if isinstance(message, SendAlert):
            return self._post("/alerts", self._alert(message), f"soc-{message.incident.id}")
        if isinstance(message, Escalation):
            return self._post("/alerts", self._escalation(message), f"soc-{message.subject}")
        if isinstance(message, TellTrouble):
            if message.over:
                return self._end("close", f"soc-{message.subject}", note=message.said)
            return self._post("/alerts", self._trouble(message), f"soc-{message.subject}")
        if isinstance(message, ResolveAlert):
            return self._end("close", f"soc-{message.incident.id}")
        if isinstance(message, EndEscalation):
            return self._end(ENDS[message.outcome], f"soc-{message.subject}", note=message.said)
        raise unknown_message("Opsgenie", message.action)

    def _alert(self, message: SendAlert) -> dict[str, Any]:
        incident = message.incident
        mark = "PRACTICE · " if self.config.practice else ""
        return {
            "message": cut(one_line(f"{mark}[{incident.severity.upper()}] {incident.title}"), 130)
            or incident.id,
            "alias": f"soc-{incident.id}",
            "description": cut(clean_text(incident.message), 15_000),
            "priority": PRIORITIES[incident.severity],
            "entity": cut(one_line(incident.entity or incident.source), 512),
            "source": "SOC operations dashboard",
            "tags": ["soc-automated", f"severity-{incident.score}"],
            "details": {
                "incident_id": incident.id,
                "rule": incident.rule_id,
                "lines": str(incident.count),
                **({"incident_url": message.url} if message.url else {}),
            },
        }

    def _escalation(self, message: Escalation) -> dict[str, Any]:
        lines = [f"{one.key} ({one.priority}) {one.title}: {one.step}, {one.why}" for one in message.tickets]
        to = f" for {message.recipient}" if message.recipient else ""
        more = [message.fold, *message.skipped, message.note]
        return {
            "message": cut(one_line(f"{'PRACTICE · ' * self.config.practice}{message.headline}{to}"), 130),
            "alias": f"soc-{message.subject}",
            "description": cut(clean_text("\n".join([*lines, *filter(None, more)])), 15_000),
            "priority": PRIORITIES[severity_of(message.score)],
            "source": "SOC operations dashboard",
            "tags": ["soc-automated", "escalation"],
            "details": {"notice": message.subject, **({"url": message.url} if message.url else {})},
        }

    def _trouble(self, message: TellTrouble) -> dict[str, Any]:
        return {
            "message": cut(one_line(f"{'PRACTICE · ' * self.config.practice}{message.said}"), 130),
            "alias": f"soc-{message.subject}",
            "description": cut(clean_text(message.said), 15_000),
            "priority": PRIORITIES[Severity.HIGH],
            "source": "SOC operations dashboard",
            "tags": ["soc-automated", "product"],
            "details": {"since": message.since, **({"url": message.url} if message.url else {})},
        }

    def _end(self, verb: str, alias: str, *, note: str = "") -> Receipt:
        body = {"source": "SOC operations dashboard"} | ({"note": cut(one_line(note), 1000)} if note else {})
        return self._post(f"/alerts/{quote(alias, safe='')}/{verb}", body, alias, identifierType="alias")

    def _post(self, path: str, body: dict[str, Any], alias: str, **params: str) -> Receipt:
        failure: DeliveryError | None = None
        try:
            data = self._session.write("POST", path, body=body, params=params or None).data
        except PermanentDeliveryError as error:
            failure = _about_the_key(error)
        if failure is not None:
            raise failure
        if not isinstance(data, dict) or not data.get("requestId"):
            raise UnknownOutcome("The answer is not Opsgenie's.", reason=FailureReason.BAD_RESPONSE)
        return Receipt(remote_id=str(data["requestId"]), key=alias)

    def reconcile(self, message: Message, *, delivery_id: str, since: datetime) -> Receipt | None:
        """Always None: Opsgenie merges by alias, so sending again is the look-up."""
        return None

    def shows(self, message: Message) -> bool:
        """An end told twice is one end. A beginning opens a new alert where the first was closed meanwhile."""
        return isinstance(message, ResolveAlert | EndEscalation)

    def check(self) -> ConnectionReport:
        started, failure = time.monotonic(), None
        try:
            self._end("close", TEST_ALIAS)
        except DeliveryError as error:
            failure = error
        case = TroubleCase.AUTHENTICATION if failure and failure.reason is FailureReason.AUTH else None
        return ConnectionReport(
            ok=failure is None,
            kind=self.kind,
            summary=f"Opsgenie integration not available: {failure.message}"
            if failure
            else "Opsgenie accepts the API key.",
            hint=failure.hint if failure else "",
            case=case or (TroubleCase.NOT_AVAILABLE if failure else None),
            latency_ms=round((time.monotonic() - started) * 1000),
        )
