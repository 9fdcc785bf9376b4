"""What PagerDuty, StackStorm and the webhook receiver keep of what they were sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

SECRET_NAMES = re.compile(r"auth|cookie|credential|key|passw|secret|session|token", re.IGNORECASE)
SCHEME = re.compile(r"(Basic|Bearer|Token) ", re.IGNORECASE)
MASK = "********"


@dataclass
class PagerDutyEvent:
    """One accepted event. `by` is `client`, or the person who pressed a button in the console."""

    number: int
    received: str
    service: str
    action: str
    dedup_key: str
    payload: dict[str, Any] = field(default_factory=dict)
    client: str = ""
    client_url: str = ""
    links: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    by: str = "client"


@dataclass
class PagerDutyAlert:
    """One alert, and the incident that it opened. `events` are the numbers of the events it was made of.

    Summary, severity, source and details are those of the event that opened it.
    """

    id: str
    number: int
    service: str
    dedup_key: str
    status: str
    summary: str
    severity: str
    source: str
    created: str
    updated: str
    resolved: str | None = None
    events: list[int] = field(default_factory=list)


class Alerts:
    """Alerts as their events make them: a dedup key names one alert for as long as that is open."""

    def __init__(self) -> None:
        self._by_id: dict[str, PagerDutyAlert] = {}
        self._open: dict[tuple[str, str], PagerDutyAlert] = {}

    def all(self) -> list[PagerDutyAlert]:
        """Oldest first."""
        return list(self._by_id.values())

    def find(self, key: str) -> PagerDutyAlert | None:
        return self._by_id.get(key)

    def apply(self, event: PagerDutyEvent) -> None:
        """Open, repeat, acknowledge or resolve. What has no open alert to act on changes nothing."""
        key = (event.service, event.dedup_key)
        alert = self._open.get(key)
        if alert is None:
            if event.action != "trigger":
                return
            alert = self._open[key] = self._opened_by(event)
        alert.events.append(event.number)
        alert.updated = event.received
        if event.action == "acknowledge":
            alert.status = "acknowledged"
        elif event.action == "resolve":
            alert.status, alert.resolved = "resolved", event.received
            del self._open[key]

    def clear(self) -> None:
        self._by_id.clear()
        self._open.clear()

    def _opened_by(self, event: PagerDutyEvent) -> PagerDutyAlert:
        number = len(self._by_id) + 1
        alert = PagerDutyAlert(
            id=f"P{number:07d}",
            number=number,
            service=event.service,
            dedup_key=event.dedup_key,
            status="triggered",
            summary=str(event.payload.get("summary", "")),
            severity=str(event.payload.get("severity", "")),
            source=str(event.payload.get("source", "")),
            created=event.received,
            updated=event.received,
        )
        self._by_id[alert.id] = alert
        return alert


@dataclass
class Execution:
    """One run of an action. How far it is follows from its age; how it ends is known from the start.

    `parameters` has the secret ones masked. `canceled` is when a client cancelled it.
    """

    id: str
    action: str
    parameters: dict[str, Any]
    context: dict[str, Any]
    created: str
    seconds: float
    ending: str
    result: dict[str, Any]
    canceled: str | None = None


@dataclass
class WebhookDelivery:
    """One request that the webhook receiver took. `verdict` is valid, invalid, unsigned or replay.

    `headers` has lower-case names. In memory their values are as they came; the journal gets the secret ones
    masked, so after a restart only the masks are left.
    """

    number: int
    received: str
    receiver: str
    method: str
    headers: dict[str, str]
    body: str
    webhook_id: str
    verdict: str
    reason: str

    def masked_headers(self) -> dict[str, str]:
        """The headers, fit for showing: values that look secret by their name are replaced."""
        return {name: masked(name, value) for name, value in self.headers.items()}


def masked(name: str, value: str) -> str:
    """A header's value, or a mask that leaves only the scheme when the name looks like a secret's."""
    if not SECRET_NAMES.search(name):
        return value
    scheme = SCHEME.match(value)
    return f"{scheme[0]}{MASK}" if scheme else MASK
