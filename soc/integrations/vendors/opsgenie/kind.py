"""Opsgenie, declared."""

from __future__ import annotations

from soc.integrations.kit.kind import Kind
from soc.integrations.vendors.opsgenie.config import OpsgenieConfig
from soc.integrations.vendors.opsgenie.connector import OpsgenieConnector

KIND = Kind(
    title="Opsgenie",
    config=OpsgenieConfig,
    connector=OpsgenieConnector,
    toggle="Enable Opsgenie Alerts",
    order=6,
    takes=frozenset({"send_alert", "resolve_alert"}),
    ordered=True,
)
