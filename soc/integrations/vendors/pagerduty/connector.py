"""PagerDuty: triggers, acknowledges and resolves incidents through the Events API v2."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx

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
from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError, UnknownOutcome
from soc.integrations.kit.base import ConnectionReport, Connector
from soc.integrations.kit.bodies import read_call, unknown_message
from soc.integrations.kit.http import shared_client
from soc.integrations.vendors.pagerduty.bodies import CreateIncident, OnIncident
from soc.integrations.vendors.pagerduty.check import check_connection
from soc.integrations.vendors.pagerduty.config import PagerDutyConfig
from soc.integrations.vendors.pagerduty.event import (
    ENDS,
    alert_event,
    dedup_key,
    escalation_event,
    follow_up,
    requested_event,
    trouble_event,
)
from soc.integrations.vendors.pagerduty.vendor import about_the_key, events_session, rest_session


class PagerDutyConnector(Connector):
    """See `Connector`. Every event carries the incident's own dedup key, so that a repeated one changes nothing."""

    kind: ClassVar[str] = "pagerduty"

    def __init__(self, config: PagerDutyConfig, *, http: httpx.Client | None = None) -> None:
        self.config: PagerDutyConfig = config
        client = http or shared_client()
        self._events = events_session(config, client)
        self._rest = rest_session(config, client) if config.rest_token.get_secret_value() else None

    @property
    def settle(self) -> timedelta:
        return self.config.settle

    def deliver(self, message: Message, *, delivery_id: str) -> Receipt:
        event = self._event(message)
        failure: DeliveryError | None = None
        try:
            data = self._events.write("POST", "/enqueue", body=event).data
        except PermanentDeliveryError as error:
            failure = about_the_key(error)
        if failure is not None:
            raise failure
        if not isinstance(data, dict) or data.get("status") != "success":
            raise UnknownOutcome(
                "The answer is not PagerDuty's.",
                reason=FailureReason.BAD_RESPONSE,
                hint="Check that the Events API address is PagerDuty itself, not a proxy in front of it.",
            )
        key = str(data.get("dedup_key") or event["dedup_key"])
        return Receipt(remote_id=key, key=key, extra={"event": event["event_action"]})

    def _event(self, message: Message) -> dict[str, Any]:
        if isinstance(message, SendAlert):
            return alert_event(message.incident, self.config, url=message.url)
        if isinstance(message, Escalation):
            return escalation_event(message, self.config)
        if isinstance(message, EndEscalation):
            return follow_up(ENDS[message.outcome], dedup_key(message.subject), self.config)
        if isinstance(message, TellTrouble):
            if message.over:
                return follow_up("resolve", dedup_key(message.subject), self.config)
            return trouble_event(message, self.config)
        if isinstance(message, ResolveAlert):
            return follow_up("resolve", dedup_key(message.incident.id), self.config)
        if isinstance(message, CallAction):
            if message.name == "create-incident":
                return requested_event(read_call(CreateIncident, message), self.config, url=message.url)
            key = dedup_key(read_call(OnIncident, message).incident_id)
            if message.name == "acknowledge-incident":
                return follow_up("acknowledge", key, self.config)
            if message.name == "resolve-incident":
                return follow_up("resolve", key, self.config)
            raise unknown_message("PagerDuty", message.name)
        raise unknown_message("PagerDuty", message.action)

    def reconcile(self, message: Message, *, delivery_id: str, since: datetime) -> Receipt | None:
        """Always None: PagerDuty merges what carries the same dedup key, so sending again is the look-up."""
        return None

    def shows(self, message: Message) -> bool:
        """An end told twice is one end. A beginning rings again where its incident was resolved meanwhile."""
        return isinstance(message, ResolveAlert | EndEscalation)

    def check(self) -> ConnectionReport:
        return check_connection(self._events, self._rest, self.config)
