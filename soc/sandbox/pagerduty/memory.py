"""What the practice PagerDuty remembers: the events that it took, and the alerts that they make."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from pydantic import Field

from soc.sandbox.kit.journal import Record
from soc.sandbox.kit.memory import Json, Memory, Settings


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


class PagerDutySettings(Settings):
    """`events_per_minute`: what is taken before it throttles (None: everything). `disabled_services`: ids of
    services that somebody switched off: their integration key is refused."""

    events_per_minute: int | None = Field(default=None, ge=1)
    disabled_services: tuple[str, ...] = ()


class PagerDutyMemory(Memory):
    """Counted are events of clients, no button pressed in the console."""

    RECORDS: ClassVar = frozenset({"pagerduty_event"})
    SETTINGS: ClassVar = PagerDutySettings
    events_per_minute: int | None = None
    disabled_services: tuple[str, ...] = ()

    def forget(self) -> None:
        self.events: list[PagerDutyEvent] = []
        self._alerts = Alerts()

    def save_event(self, event: PagerDutyEvent) -> None:
        """Journal and keep an event, and do to the alerts what it says."""
        self.record("pagerduty_event", asdict(event))

    @property
    def alerts(self) -> list[PagerDutyAlert]:
        """Oldest first."""
        with self.lock:
            return self._alerts.all()

    def next_event_number(self) -> int:
        return self.events[-1].number + 1 if self.events else 1

    def find_alert(self, key: str) -> PagerDutyAlert | None:
        """By id."""
        return self._alerts.find(key)

    def apply(self, kind: str, data: Json) -> None:
        event = PagerDutyEvent(**data)
        self.events.append(event)
        self._alerts.apply(event)

    def kept(self) -> list[Record]:
        return [{"kind": "pagerduty_event", "data": asdict(event)} for event in self.events]

    def counts(self) -> dict[str, int]:
        return {
            "pagerduty_events": sum(event.by == "client" for event in self.events),
            "pagerduty_alerts": len(self.alerts),
        }

    def received(self) -> dict[str, list[Json]]:
        return {
            "pagerduty_events": [asdict(event) for event in self.events],
            "pagerduty_alerts": [asdict(alert) for alert in self.alerts],
        }
