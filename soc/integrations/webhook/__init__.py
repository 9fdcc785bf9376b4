"""Webhook: the guide's payload to any receiver, signed."""

from soc.integrations.webhook.config import WebhookConfig
from soc.integrations.webhook.connector import WebhookConnector, preview_template
from soc.integrations.webhook.requests import ACTIONS
from soc.integrations.webhook.verdict import UrlVerdict, judge_url

__all__ = ["ACTIONS", "UrlVerdict", "WebhookConfig", "WebhookConnector", "judge_url", "preview_template"]
