"""What the practice StackStorm can run: the actions of the integrations guide, and some that end badly or late."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

API_KEY = "practice-stackstorm-key"
USER = "soc-dashboard"
Json = dict[str, Any]


@dataclass(frozen=True)
class Action:
    """One action; `parameters` is its schema as StackStorm writes it (`required` and `secret` at each parameter)."""

    pack: str
    name: str
    description: str
    parameters: Json
    is_enabled: bool = True

    @property
    def ref(self) -> str:
        return f"{self.pack}.{self.name}"

    @property
    def id(self) -> str:
        return hashlib.sha256(self.ref.encode()).hexdigest()[:24]

    @property
    def secrets(self) -> frozenset[str]:
        """The parameters that are never shown again."""
        return frozenset(name for name, schema in self.parameters.items() if schema.get("secret"))


def _text(description: str, **more: Any) -> Json:
    return {"type": "string", "description": description, **more}


def _list(description: str, **more: Any) -> Json:
    return {"type": "array", "description": description, **more}


def _object(description: str) -> Json:
    return {"type": "object", "description": description}


_ABOUT = {
    "title": _text("What happened, in a line"),
    "severity": _text("As the sender rates it"),
    "description": _text("What happened, at length"),
    "affected_services": _list("Names of services"),
    "notification_channels": _list("Who is told", default=["slack"]),
}
CREATE_INCIDENT = Action(
    "incident_response",
    "create_incident",
    "Open an incident and tell people (practice)",
    {
        "incident_id": _text("The sender's own id of the incident"),
        "incident_data": _object("The incident as the sender has it"),
        "escalation_level": _text(
            "How fast it is handed on", enum=["standard", "immediate"], default="standard"
        ),
        **_ABOUT,
    },
)
HANDLE_ALERT = Action(
    "monitoring",
    "handle_alert",
    "Look at an alert and tell people (practice)",
    {
        "alert_id": _text("The sender's own id of the alert"),
        "alert_data": _object("The alert as the sender has it"),
        "threshold": {"type": "integer", "description": "Per cent", "default": 90},
        **_ABOUT,
    },
)
ISOLATE_HOST = Action(
    "soc",
    "isolate_host",
    "Cut a host off the network (practice: nothing is cut)",
    {
        "host": _text("Name or address", required=True),
        "reason": _text("Why", default=""),
        "severity": _text("How bad", enum=["low", "medium", "high", "critical"], default="medium"),
        "dry_run": {"type": "boolean", "description": "Only say what would be done", "default": False},
        "ticket_secret": _text("Password of the ticket system", secret=True),
    },
)
FAIL = Action("soc", "fail", "Always fails (practice)", {"message": _text("What it says", default="no luck")})
SLOW = Action(
    "soc",
    "slow",
    "Takes its time; ends as `timeout` when that is more than it has (practice)",
    {
        "seconds": {"type": "number", "description": "How long it runs", "default": 10},
        "timeout": {"type": "integer", "description": "After how long it is stopped", "default": 60},
    },
)
DISABLED = Action("soc", "disabled_action", "Switched off (practice)", {}, is_enabled=False)
ACTIONS = {a.ref: a for a in (CREATE_INCIDENT, HANDLE_ALERT, DISABLED, FAIL, ISOLATE_HOST, SLOW)}


def find_action(name: str) -> Action | None:
    """By ref or id."""
    return ACTIONS.get(name) or next((a for a in ACTIONS.values() if a.id == name), None)
