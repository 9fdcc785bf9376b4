"""PagerDuty: incidents for the people on call, through the Events API v2."""

from soc.integrations.vendors.pagerduty.bodies import ACTIONS
from soc.integrations.vendors.pagerduty.config import PagerDutyConfig
from soc.integrations.vendors.pagerduty.connector import PagerDutyConnector

__all__ = ["ACTIONS", "PagerDutyConfig", "PagerDutyConnector"]
