"""PagerDuty: incidents for the people on call, through the Events API v2."""

from soc.integrations.pagerduty.config import PagerDutyConfig
from soc.integrations.pagerduty.connector import PagerDutyConnector
from soc.integrations.pagerduty.requests import ACTIONS

__all__ = ["ACTIONS", "PagerDutyConfig", "PagerDutyConnector"]
