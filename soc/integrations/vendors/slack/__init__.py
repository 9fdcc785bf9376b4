"""Slack: alerts to a channel through a bot token."""

from soc.integrations.vendors.slack.bodies import ACTIONS
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.connector import SlackConnector

__all__ = ["ACTIONS", "SlackConfig", "SlackConnector"]
