"""Slack: alerts to a channel through a bot token."""

from soc.integrations.slack.config import SlackConfig
from soc.integrations.slack.connector import SlackConnector
from soc.integrations.slack.requests import ACTIONS

__all__ = ["ACTIONS", "SlackConfig", "SlackConnector"]
