"""Slack, declared."""

from __future__ import annotations

from typing import Any

from soc.integrations.kit.inbound.interactive import PeopleThere
from soc.integrations.kit.kind import Kind, PracticePerson, QueueLimits, Switch, Way
from soc.integrations.vendors.slack.bodies import ACTIONS
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.connector import SlackConnector
from soc.integrations.vendors.slack.interactive.hook import HOOK
from soc.integrations.vendors.slack.interactive.socket import LINE
from soc.integrations.vendors.slack.manifest import manifest
from soc.sandbox.slack import catalogue

#: Slack takes about one message a second a channel, with short bursts.
LIMITS = QueueLimits(concurrency=4, starts=20, period=15.0)


def practice(url: str) -> dict[str, Any]:
    """What connects it to the sandbox at this address."""
    return {
        "base_url": f"{url}/slack/api/",
        "bot_token": catalogue.TOKEN,
        "signing_secret": catalogue.SIGNING_SECRET,
        "app_token": catalogue.APP_TOKEN,
        "thread_notes": True,
        "channel": f"#{catalogue.ALERTS.name}",
        "settle_seconds": 1,
    }


KIND = Kind(
    title="Slack",
    config=SlackConfig,
    connector=SlackConnector,
    toggle="Enable Slack Notifications",
    order=2,
    takes=frozenset(
        {
            "send_alert",
            "update_alert",
            "send_summary",
            "tell_handover",
            "tell_trouble",
            "escalation",
            "tell_thread",
            "tell_person",
        }
    ),
    ways=(Way("chat", "Slack", needs="slack_id", needs_words="Slack id"),),
    actions=ACTIONS,
    limits=LIMITS,
    update_limits=LIMITS,  # Slack limits new messages and changes of old ones separately
    # one in three seconds at most; a try may come half a second before its time
    update_spacing=3.5,
    people=PeopleThere("slack_id"),
    practice_people=tuple(
        PracticePerson(one.real_name, one.email, one.role) for one in catalogue.MEMBERS.values() if one.role
    ),
    hooks=(HOOK,),
    line=LINE,
    manifest=manifest,
    switch=Switch("enable_slack", 1, "Slack", "alerts go to {channel}, then one summary of the batch"),
    practice=practice,
)
