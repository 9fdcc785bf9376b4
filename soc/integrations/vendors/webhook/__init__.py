"""Webhook: the guide's payload to any receiver, signed."""

from soc.integrations.vendors.webhook.bodies import ACTIONS
from soc.integrations.vendors.webhook.config import WebhookConfig
from soc.integrations.vendors.webhook.connector import WebhookConnector, preview_template
from soc.integrations.vendors.webhook.verdict import UrlVerdict, judge_url

__all__ = ["ACTIONS", "UrlVerdict", "WebhookConfig", "WebhookConnector", "judge_url", "preview_template"]
