"""Opsgenie, and Jira Service Management, which speaks the same: alerts for the people on call."""

from soc.integrations.vendors.opsgenie.config import OpsgenieConfig
from soc.integrations.vendors.opsgenie.connector import OpsgenieConnector

__all__ = ["OpsgenieConfig", "OpsgenieConnector"]
