"""PagerDuty, declared."""

from __future__ import annotations

from typing import Any

from soc.integrations.kit.kind import Kind, QueueLimits, Way
from soc.integrations.vendors.pagerduty.bodies import ACTIONS
from soc.integrations.vendors.pagerduty.config import PagerDutyConfig
from soc.integrations.vendors.pagerduty.connector import PagerDutyConnector
from soc.sandbox.pagerduty import catalogue


def practice(url: str) -> dict[str, Any]:
    """What connects it to the sandbox at this address."""
    return {
        "events_url": f"{url}/pagerduty-events",
        "base_url": f"{url}/pagerduty",
        "integration_key": catalogue.SOC.integration_key,
        "service_id": catalogue.SOC.id,
        "escalation_policy_id": catalogue.SOC.policy,
        "rest_token": catalogue.TOKEN,
    }


KIND = Kind(
    title="PagerDuty",
    config=PagerDutyConfig,
    connector=PagerDutyConnector,
    toggle="Enable PagerDuty Incidents",
    order=3,
    takes=frozenset({"send_alert", "resolve_alert", "escalation", "end_escalation", "tell_trouble"}),
    ways=(Way("page", "PagerDuty"),),
    ordered=True,
    actions=ACTIONS,
    # its sources disagree on its limit (120 or 480 a minute), so it begins with the lower one
    limits=QueueLimits(concurrency=4, starts=10, period=5.0),
    practice=practice,
)
