"""What exists in the practice PagerDuty before anybody touches it: two services with their policies, one person."""

from __future__ import annotations

from dataclasses import dataclass

TOKEN = "practice-pd-token-01"  # noqa: S105 - practice credentials are printed in the docs on purpose
CREATED = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class User:
    id: str
    name: str
    email: str


@dataclass(frozen=True)
class Policy:
    id: str
    name: str
    description: str


@dataclass(frozen=True)
class Service:
    """A service, the escalation policy that its incidents go to, and the integration key that leads to it."""

    id: str
    name: str
    description: str
    policy: str
    integration_key: str


ON_CALL = User("PPRCUSR1", "Ana Lyst (practice)", "ana.lyst@practice.example")
POLICIES = {
    policy.id: policy
    for policy in (
        Policy("PPRCPOL1", "SOC on call (practice)", "Ana, after 15 minutes Ana again"),
        Policy(
            "PPRCPOL2",
            "IT on call (practice)",
            "Not the SOC: to see a service and a policy that do not match",
        ),
    )
}
SOC = Service(
    "PPRCSVC1",
    "Security Operations (practice)",
    "What the dashboard escalates",
    "PPRCPOL1",
    "practicepagerdutykey000000000001",
)
SERVICES = {
    service.id: service
    for service in (
        SOC,
        Service(
            "PPRCSVC2",
            "IT Operations (practice)",
            "Another team's service",
            "PPRCPOL2",
            "practicepagerdutykey000000000002",
        ),
    )
}


def service_of(routing_key: str) -> Service | None:
    """The service that an integration key leads to: nothing else in an event picks it."""
    return next((s for s in SERVICES.values() if s.integration_key == routing_key), None)
