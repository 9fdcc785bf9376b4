"""Opsgenie, declared."""

from __future__ import annotations

from typing import Any

from soc.integrations.kit.kind import Kind, Way
from soc.integrations.vendors.opsgenie.config import OpsgenieConfig
from soc.integrations.vendors.opsgenie.connector import OpsgenieConnector
from soc.sandbox.opsgenie import catalogue


def practice(url: str) -> dict[str, Any]:
    """What connects it to the sandbox at this address."""
    return {"base_url": f"{url}/opsgenie", "api_key": catalogue.API_KEY}


KIND = Kind(
    title="Opsgenie",
    config=OpsgenieConfig,
    connector=OpsgenieConnector,
    toggle="Enable Opsgenie Alerts",
    order=6,
    takes=frozenset({"send_alert", "resolve_alert", "escalation", "end_escalation", "tell_trouble"}),
    ways=(Way("page", "Opsgenie"),),
    ordered=True,
    practice=practice,
)
