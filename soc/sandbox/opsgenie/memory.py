"""What the practice Opsgenie remembers: alerts, and the requests that made and changed them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from soc.sandbox.kit.journal import Record
from soc.sandbox.kit.memory import Json, Memory


@dataclass
class Alert:
    """One alert. `count` is how often it was created while it was open; `actions` are (moment, who, what)."""

    id: str
    tiny_id: str
    alias: str
    message: str
    priority: str
    created: str
    updated: str
    status: str = "open"
    acknowledged: bool = False
    count: int = 1
    description: str = ""
    entity: str = ""
    source: str = ""
    tags: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    actions: list[list[str]] = field(default_factory=list)


@dataclass
class TakenRequest:
    """One request that was taken (202), and what came of it: what a client reads under its id."""

    id: str
    action: str
    received: str
    success: bool
    status: str
    alias: str = ""
    alert: str = ""


class OpsgenieMemory(Memory):
    RECORDS: ClassVar = frozenset({"opsgenie_alert", "opsgenie_request"})

    def forget(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.requests: dict[str, TakenRequest] = {}

    def next_tiny_id(self) -> str:
        return str(len(self.alerts) + 1)

    def save_alert(self, alert: Alert) -> None:
        """Journal and keep an alert, new or changed."""
        self.record("opsgenie_alert", asdict(alert))

    def save_request(self, request: TakenRequest) -> None:
        self.record("opsgenie_request", asdict(request))

    def find_alert(self, identifier: str, kind: str = "id") -> Alert | None:
        """By `id` or `tiny`; by `alias` the open one, else the newest that had it."""
        if kind == "id":
            return self.alerts.get(identifier)
        named = [
            alert
            for alert in self.alerts.values()
            if identifier == (alert.tiny_id if kind == "tiny" else alert.alias)
        ]
        return next((alert for alert in named if alert.status == "open"), named[-1] if named else None)

    def apply(self, kind: str, data: Json) -> None:
        if kind == "opsgenie_alert":
            self.alerts[data["id"]] = Alert(**data)
        else:
            self.requests[data["id"]] = TakenRequest(**data)

    def kept(self) -> list[Record]:
        alerts: list[Record] = [{"kind": "opsgenie_alert", "data": asdict(a)} for a in self.alerts.values()]
        return alerts + [{"kind": "opsgenie_request", "data": asdict(r)} for r in self.requests.values()]

    def counts(self) -> dict[str, int]:
        return {"opsgenie_alerts": len(self.alerts), "opsgenie_requests": len(self.requests)}

    def received(self) -> dict[str, list[Json]]:
        return {
            "opsgenie_alerts": [asdict(alert) for alert in self.alerts.values()],
            "opsgenie_requests": [asdict(request) for request in self.requests.values()],
        }
